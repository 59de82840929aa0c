import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { exchange } from '../cli/exchange.ts'

const folder = mkdtempSync(join(tmpdir(), 'run-file-'))
afterAll(() => rmSync(folder, { recursive: true }))

test('the command prints the end state, tells the rest on standard error, and ends with 2 when a step failed', async () => {
  const job = join(folder, 'told.js')
  writeFileSync(job, "fn(s => { console.log('Amina'); return s });\nfn(() => { throw new Error('born 2011') });")

  const { code, out, err } = await exchange(['run', job, '-a', 'common', '-S', '{"data": 1}', '-O', '--log-json'])

  expect(code).toBe(2)
  expect(JSON.parse(out)).toMatchObject({ data: 1, errors: { told: { operation: 2 } } })
  const lines = err
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect(lines.at(-1)).toEqual({
    level: 'error',
    name: 'R/T',
    message: ['Run ended: failed.'],
    time: expect.any(Number),
  })
  expect(err).not.toMatch(/Amina|born/)
})

test('what an adaptor says of an old form is shown; other warnings, which may quote a state, are not', async () => {
  const job = join(folder, 'old.js')
  writeFileSync(job, "fn(s => { process.emitWarning('born 2011'); return s });\ngetCases({}, s => s);")
  const credential = { url: 'http://127.0.0.1:1', user: 'u', password: 'p' }
  const state = JSON.stringify({ configuration: credential, data: {} })

  const { err } = await exchange(['run', job, '-a', 'primero', '-S', state])

  expect(err).toContain('warning  getCases(query, callback): the second parameter is now an object of options.\n')
  expect(err).not.toContain('born')
})
