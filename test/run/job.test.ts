import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { RunStop } from '../../src/run/failure.ts'
import { loadJob } from '../../src/run/job.ts'

const folder = mkdtempSync(join(tmpdir(), 'jobs-'))
afterAll(() => rmSync(folder, { recursive: true }))

let count = 0

function jobOf(script: string) {
  count += 1
  const path = join(folder, `job-${count}.mjs`)
  writeFileSync(path, script)
  return { key: 'send', name: 'send', adaptor: '@openfn/language-common@3.3.4', body: { path } }
}

async function failureOf(script: string) {
  const error = await loadJob(jobOf(script)).catch((thrown: unknown) => thrown)
  return error instanceof RunStop ? [error.stop, error.message] : error
}

test('a job is a module whose default export is a list of operations', async () => {
  const { operations, execute } = await loadJob(jobOf('export default [(state) => state, (state) => state]'))

  expect(operations).toHaveLength(2)
  expect(execute).toBeUndefined()
})

test('an export named execute is the job’s reducer', async () => {
  const { execute } = await loadJob(
    jobOf('export const execute = (...operations) => (state) => state; export default []'),
  )

  expect(execute).toBeTypeOf('function')
})

test.each([
  ['export const x = 1', 'InvalidExportsError', 'Job "send" has no default export that is a list of operations.'],
  ['export default {}', 'InvalidExportsError', 'Job "send" has no default export that is a list of operations.'],
  [
    'export default [(state) => state, undefined]',
    'InvalidOperationError',
    'Job "send": element 2 of its default export is undefined, not an operation.',
  ],
  [
    'export default [null]',
    'InvalidOperationError',
    'Job "send": element 1 of its default export is null, not an operation.',
  ],
  [
    'for (element of [1]) {}; export default []',
    'ImportError',
    'Job "send" cannot be imported: ReferenceError: element is not defined',
  ],
])('the module %s is refused', async (script, stop, message) => {
  expect(await failureOf(script)).toEqual([stop, message])
})
