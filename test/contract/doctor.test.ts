import { execFile, execFileSync } from 'node:child_process'
import { chmodSync, cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Row } from '../../src/cli/doctor/row.ts'
import { startSimulated } from '../../src/cli/simulated.ts'
import { makeCertificates } from '../../src/simulator/certificates.ts'
import type { DtpSimulator } from '../../src/simulator/dtp/server.ts'
import { leastPermissions, type Permission } from '../../src/simulator/primero/role.ts'
import type { PrimeroSimulator } from '../../src/simulator/primero/server.ts'
import { readSettings } from './project.ts'
import { newDataKey, repository } from './site.ts'

/** The configuration of the demo: both systems simulated, mutual TLS, a project in a Git repository of its own. */
const folder = mkdtempSync(join(tmpdir(), 'exchange-doctor-'))
const project = join(folder, 'project')
const permissions: Permission[] = [...leastPermissions]
let primero: PrimeroSimulator
let dtp: DtpSimulator
let env: Record<string, string>

beforeAll(async () => {
  for (const part of ['project.yaml', 'package.json', 'tsconfig.json', 'jobs', 'mappings', 'fixtures'])
    cpSync(join(repository, part), join(project, part), { recursive: true })
  for (const part of ['src', 'node_modules']) symlinkSync(join(repository, part), join(project, part))
  writeFileSync(join(project, '.gitignore'), 'node_modules\nsrc\n')
  for (const args of [
    ['init', '-q'],
    ['add', '.'],
    ['commit', '-qm', 'The project'],
  ])
    execFileSync('git', ['-c', 'user.name=Test', '-c', 'user.email=test@example.org', ...args], { cwd: project })
  const certificates = await makeCertificates()
  const systems = await startSimulated({
    settings: readSettings(repository),
    fixtures: join(repository, 'fixtures'),
    primero: { seed: { cases: [], referrals: [] }, account: { permissions } },
    dtp: { tls: { ...certificates.server, ca: certificates.ca } },
  })
  primero = systems.primero
  dtp = systems.dtp
  env = {
    PRIMERO_URL: primero.url,
    PRIMERO_USERNAME: primero.account.user,
    PRIMERO_PASSWORD: primero.account.password,
    DTP_URL: dtp.url,
    DTP_SUBSCRIPTION_KEY: dtp.subscriptionKey,
    DTP_CLIENT_CERT: certificates.client.cert,
    DTP_CLIENT_KEY: certificates.client.key,
    DTP_CA: certificates.ca,
    INBOX_TOKENS: 'a-token-of-the-test-with-forty-two-letters',
    ADMIN_PASSWORD: 'an invented password of admin',
    DATA_KEYS: newDataKey('2026-11-20-test'),
    DATA_DIR: join(folder, 'data'),
    RETAIN_FOR: '30d',
  }
})

afterAll(async () => {
  await Promise.all([primero.close(), dtp.close()])
  rmSync(folder, { recursive: true, force: true })
})

async function doctor(change: Readonly<Record<string, string>> = {}, ...args: readonly string[]) {
  const options = { cwd: project, env: { PATH: process.env.PATH, ...env, ...change } }
  const ended = await new Promise<{ code: number; out: string; err: string }>((resolve) => {
    execFile(
      process.execPath,
      [join(repository, 'bin/exchange.js'), 'doctor', '--json', ...args],
      options,
      (error, out, err) => resolve({ code: typeof error?.code === 'number' ? error.code : 0, out, err }),
    )
  })
  const { ok, rows }: { ok: boolean; rows: Row[] } = JSON.parse(ended.out)
  const failed = rows.filter(({ state }) => state === 'fail').map(({ about, found }) => `${about}: ${found}`)
  return { ...ended, ok, rows, failed }
}

test('no row of the demo’s configuration fails; nothing is written to Primero, no byte of a message goes to DTP', async () => {
  const { code, ok, rows, failed, out } = await doctor()

  expect(failed).toEqual([])
  expect({ code, ok }).toEqual({ code: 0, ok: true })
  expect(new Set(rows.map(({ id }) => id))).toEqual(
    new Set([
      'C1',
      'C2',
      'C3',
      'C4',
      'C5',
      'C6',
      'C7',
      'C8',
      'C9',
      'check',
      'audit',
      'witness',
      'notices',
      'keys',
      'DTP',
      'clock',
    ]),
  )
  expect(primero.requests.every(({ method }) => method === 'GET')).toBe(true)
  expect(dtp.requests).toEqual([])
  for (const secret of [env.PRIMERO_PASSWORD, env.INBOX_TOKENS, env.ADMIN_PASSWORD, env.DTP_SUBSCRIPTION_KEY])
    expect(out).not.toContain(secret)
})

test('one thing at a time is broken, and its row is the one that fails', { timeout: 300_000 }, async () => {
  permissions.push('audit_log:read')
  const tooMuch = await doctor()
  permissions.pop()
  expect(tooMuch.code).toBe(2)
  expect(tooMuch.failed).toEqual(['account in Primero: what it must not see and do: too much: audit_logs: read'])

  writeFileSync(join(project, 'jobs/notes.txt'), 'not committed')
  const dirty = await doctor()
  rmSync(join(project, 'jobs/notes.txt'))
  expect(dirty.failed).toEqual([expect.stringMatching(/^what runs is in Git: 1 file not as in .*jobs\/notes\.txt$/)])

  const token = join(folder, 'token')
  writeFileSync(token, String(env.INBOX_TOKENS))
  chmodSync(token, 0o644)
  const open = await doctor({ INBOX_TOKENS: '', INBOX_TOKENS_FILE: token })
  expect(open.failed).toEqual([`files with secrets: ${token} has the mode 644`])

  const refused = await doctor({ PRIMERO_PASSWORD: 'a wrong password' })
  expect(refused.failed.length).toBeGreaterThan(5)
  expect(refused.failed.every((row) => row.includes('not looked at: Primero'))).toBe(true)
  expect(primero.isLocked(primero.account.user)).toBe(false)

  const unconfigured = await doctor({ PRIMERO_URL: '' })
  expect(unconfigured.failed[0]).toMatch(/^project, mapping and variables: 1 problem: environment/)
})

test('the sheet that partners sign is what the log of the program can hold', async () => {
  const options = { cwd: project, env: { PATH: process.env.PATH } }
  const out = execFileSync(
    process.execPath,
    [join(repository, 'bin/exchange.js'), 'doctor', '--log-inventory'],
    options,
  )

  expect(out.toString()).toContain('| entry stuck | an entry waits for a person |')
  expect(readFileSync(join(repository, 'src/log/facts.ts'), 'utf8')).toContain("'entry stuck'")
})
