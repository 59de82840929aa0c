import { execFile } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { newDataKey, repository } from './site.ts'

const run = promisify(execFile)
const folder = mkdtempSync(join(tmpdir(), 'exchange-install-'))
const parts = [
  'package.json',
  'package-lock.json',
  'bin',
  'src',
  'jobs',
  'mappings',
  'fixtures',
  'project.yaml',
  'tsconfig.json',
]

beforeAll(async () => {
  for (const part of parts) cpSync(join(repository, part), join(folder, part), { recursive: true })
  await run('npm', ['ci', '--ignore-scripts', '--omit=dev', '--prefer-offline', '--no-audit', '--no-fund'], {
    cwd: folder,
  })
}, 300_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const exchange = (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
  run(process.execPath, ['bin/exchange.js', ...args], { cwd: folder, env: { PATH: process.env.PATH, ...env } })

test('installed without any script of a package and without development dependencies, it checks the project', async () => {
  expect(existsSync(join(folder, 'node_modules/vitest'))).toBe(false)

  expect((await exchange(['check', '--files'])).stdout).toMatch(/^No problem in /)
})

test('and it opens its store', async () => {
  const { stdout } = await exchange(['inbox', 'list'], { DATA_KEYS: newDataKey(), DATA_DIR: join(folder, 'data') })

  expect(stdout).toBe('No entries.\n')
})
