import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { read, root } from '../docs/tree.ts'

const readme = read('README.md')
const run = promisify(execFile)

/** Lines that are tested elsewhere, and where. */
const elsewhere: Readonly<Record<string, string>> = {
  'npm install && npm run demo': 'test/demo runs the demo; installing anew would remove the packages this test runs on',
  'npm install && npm test': 'this is npm test',
}

const lines = [...readme.matchAll(/^ *```sh\n([\s\S]*?)^ *```$/gm)]
  .flatMap((block) => (block[1] ?? '').split('\n'))
  .map((line) => line.trim())
  .filter((line) => line !== '' && !line.startsWith('#'))

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'readme-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('every command of the README runs in a checkout as it stands there', () => {
  test.each(lines.filter((line) => elsewhere[line] === undefined))('%s', { timeout: 60_000 }, async (line) => {
    const env = { PATH: process.env.PATH, HOME: folder, DATA_DIR: folder, npm_config_offline: 'true' }

    const { stdout } = await run('bash', ['-ec', line], { cwd: root, env })

    expect(stdout).not.toBe('')
  })

  test('what is left out here is in the README and has a reason', () => {
    expect(Object.keys(elsewhere).filter((line) => !lines.includes(line))).toEqual([])
  })
})
