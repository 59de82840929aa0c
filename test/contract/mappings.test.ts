import { cp, mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startPrimero } from '../../src/simulator/primero/server.ts'
import { exchange } from '../cli/exchange.ts'
import { repository } from '../project/folder.ts'

async function folder() {
  const cwd = await mkdtemp(join(tmpdir(), 'exchange-mappings-'))
  await cp(join(repository, 'mappings'), join(cwd, 'mappings'), { recursive: true })
  await writeFile(join(cwd, 'package.json'), '{"exchange": {"country": "gambella"}}')
  return { cwd, run: (...args: string[]) => exchange(['mappings', ...args], { cwd }) }
}

test('a business owner changes a sheet; it becomes a draft, is released with a sign-off, and is never edited again', {
  timeout: 120_000,
}, async () => {
  const { cwd, run } = await folder()
  const sheet = join(cwd, 'sheets/service-type.csv')

  expect(await run('export', '--to', 'sheets')).toMatchObject({ code: 0, out: 'gambella v1 is in sheets (10 files)\n' })
  const text = await readFile(sheet, 'utf8')
  await writeFile(sheet, text.replace('Child Protection Service,equivalent', 'Child Protection Service,equivalant'))
  const refused = await run('import', sheet)
  await writeFile(sheet, text.replace('BIA,', 'Best Interests Assessment,'))
  const imported = await run('import', sheet)
  const released = await run(
    'release',
    'v2',
    '--by',
    'A. Person, agency',
    '--agreement',
    'DSA 2026/2',
    '--on',
    '2026-01-05',
  )
  const listed = await run('list')

  expect(refused).toMatchObject({ code: 1, out: '' })
  expect(refused.err).toMatch(
    /service-type\.csv!D12 {2}rows\[3\]\.relationship must be one of .* Did you mean equivalent\?\n {2}Nothing was imported\./,
  )
  expect(imported).toMatchObject({ code: 0, err: '' })
  expect(imported.out).toContain('mappings/gambella/v2 is a new draft. Against v1:')
  expect(imported.out).toContain(
    'From proGres: "BIA" is refused (before: becomes "focuses_non_specialized_mhpss_care" (Child Protection Service)).',
  )
  expect((await readdir(join(cwd, 'mappings/gambella'))).sort()).toEqual(['settings.json', 'v1', 'v2', 'versions.json'])
  expect(released.out).toMatch(
    /^gambella v2 is released: [0-9a-f]{64}\nTo put it in force, name it in mappings\/gambella\/settings\.json/,
  )
  expect(listed.out).toMatch(/v1 +released, in force +2026-11-25 .*\nv2 +released .*A\. Person, agency +DSA 2026\/2/)
})

test('coverage reads a live Primero, changes nothing in it, and keeps a snapshot that says the same offline', {
  timeout: 120_000,
}, async () => {
  const { cwd } = await folder()
  const primero = await startPrimero({
    users: ['progresv4_primero_intake', 'unhcr_cw', 'cpims_admin'].map((name) => ({
      user_name: `${name}@cpims-gambella.primero.org`,
    })),
    account: { permissions: ['case:read', 'user:read', 'agency:read', 'role:read'], writable: ['name_first'] },
  })
  const env = {
    PRIMERO_URL: primero.url,
    PRIMERO_USERNAME: primero.account.user,
    PRIMERO_PASSWORD: primero.account.password,
  }

  const live = await exchange(['mappings', 'coverage', '--json', '--save', 'snapshot.json', '--to', 'found.csv'], {
    cwd,
    env,
  })
  const asked = primero.requests.map(({ method }) => method)
  await primero.close()
  const offline = await exchange(['mappings', 'coverage', '--json', '--snapshot', 'snapshot.json'], { cwd })

  expect(live.code).toBe(1)
  expect(live.out).toContain('the account may not write the form')
  expect(offline).toEqual(live)
  expect(new Set(asked)).toEqual(new Set(['GET']))
  expect(await readFile(join(cwd, 'found.csv'), 'utf8')).toContain('the account may not write the form')
  expect(await readFile(join(cwd, 'snapshot.json'), 'utf8')).not.toContain('full_name')
})
