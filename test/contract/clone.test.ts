import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'

const root = join(import.meta.dirname, '../..')

let place: string
beforeAll(() => {
  place = mkdtempSync(join(tmpdir(), 'exchange-clone-'))
})
// A hundred thousand files of packages.
afterAll(() => rmSync(place, { recursive: true, force: true }), 180_000)

function run(cwd: string, command: string, ...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8', env: plain })
  return { status, said: `${stdout}${stderr}` }
}

// As in a terminal of an administrator: nothing of the test runner.
const { PATH = '', HOME = '' } = process.env
const plain = { PATH, HOME }

test('a newcomer clones the exchange for a new country from its tarball, far from this repository: tests, demo and dry run pass at once, and an edited job is checked', {
  timeout: 400_000,
}, () => {
  const folder = join(place, 'exchange-otherland')
  // Packs itself: what the new project installs is the tarball, far from this checkout.
  const cloned = run(
    root,
    'node',
    ...[
      'bin/exchange.js',
      'clone',
      folder,
      '--country',
      'otherland',
      '--yes',
      '--primero-url',
      'https://primero.example.org',
    ],
    ...['--dtp-url', 'https://gateway.example.org/otherland', '--agency', 'AGENCY_X', '--time-zone', 'Africa/Nairobi'],
    ...['--service', 'Foster Care=foster_care:Foster care', '--service', 'Legal Aid=legal_support:Legal support'],
    ...['--required-field', 'religion=unknown', '--required-field-from', 'ethnicity=individuals.progres_ethnicity'],
    ...['--intake-user-by-agency', 'PNR-000021=intake_x@example.org'],
  )
  expect(cloned).toMatchObject({ status: 0 })
  expect(run(folder, 'npm', 'install', '--no-audit', '--no-fund')).toMatchObject({ status: 0 })

  const tested = run(folder, 'npm', 'test')
  expect(tested, tested.said).toMatchObject({ status: 0 })
  const demo = run(folder, 'npm', 'run', 'demo')
  expect(demo, demo.said).toMatchObject({ status: 0 })
  expect(demo.said).toContain('has the case with the service "foster_care"')
  const message = 'fixtures/progres/referral-v7-production-like.json'
  const planned = run(folder, 'npx', 'exchange', 'run', 'dtp-inbox', '--dry-run', '--show-values', '--input', message)
  expect(planned, planned.said).toMatchObject({ status: 0 })
  expect(planned.said).toContain('religion: (empty) → unknown')
  expect(planned.said).toContain('ethnicity: (empty) → Invented')

  const job = join(folder, 'jobs/receive-referrals.ts')
  const text = readFileSync(job, 'utf8')
  writeFileSync(job, text.replace('deliverReferrals()', "deliverReferrals({ twice: 'yes' })"))
  const mistaken = run(folder, 'npm', 'run', 'types')
  expect(mistaken.status).not.toBe(0)
  expect(mistaken.said).toContain('jobs/receive-referrals.ts')
})
