import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '..')

// Beside the other tests, because the compiler has one thread only.
test.each([
  ['the types hold', ['run', '--silent', 'types']],
  ['there is nothing to lint or to format', ['run', '--silent', 'lint']],
  ['no code, file or dependency is unused', ['run', '--silent', 'dead']],
  ['exchange check --files finds no problem', ['run', '--silent', 'exchange', '--', 'check', '--files']],
])('%s', { timeout: 240_000, retry: 0 }, (_, command) => {
  const { status, stdout, stderr } = spawnSync('npm', command, { cwd: root, encoding: 'utf8' })

  expect({ status, said: status === 0 ? '' : stdout + stderr }).toEqual({ status: 0, said: '' })
})
