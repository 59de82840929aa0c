import { describe, expect, test } from 'vitest'
import { atRestChecks, type StoreEvidence } from '../../src/cli/doctor/atRest.ts'
import { type ConfigurationEvidence, configurationChecks } from '../../src/cli/doctor/configuration.ts'
import {
  type FormsEvidence,
  formsChecks,
  type MappingEvidence,
  mappingChecks,
  readFields,
} from '../../src/cli/doctor/mapping.ts'
import { type PeopleEvidence, peopleChecks } from '../../src/cli/doctor/people.ts'
import { type ClockEvidence, clockChecks, type ReachEvidence, reachChecks } from '../../src/cli/doctor/reach.ts'
import { type RepositoryEvidence, repositoryChecks, suspicion } from '../../src/cli/doctor/repository.ts'
import { type RoleEvidence, roleChecks } from '../../src/cli/doctor/role.ts'
import { type Check, judgeAll } from '../../src/cli/doctor/row.ts'
import { type SecretsEvidence, secretsChecks } from '../../src/cli/doctor/secrets.ts'
import { renderRows } from '../../src/cli/doctor.ts'
import { facts, fieldNames } from '../../src/log/facts.ts'
import { inventory, renderInventory } from '../../src/log/inventory.ts'

const now = new Date('2026-11-26T08:00:00Z')
const hourMs = 3_600_000

const store: StoreEvidence = {
  payloads: 2,
  payloadsWithoutMessage: 0,
  payloadsOfDone: 0,
  keptOver72h: 0,
  collectionItems: 0,
  folderMode: 0o700,
  retryForMs: 72 * hourMs,
  retainForMs: 720 * hourMs,
  audit: { intact: true, entries: 12 },
  forgotten: 0,
  noticesOverdue: 0,
}
const git = { commit: 'c0ffee'.repeat(7), changed: [], tracked: 300, suspicious: [], unignored: [] }
const repository: RepositoryEvidence = { git, mapping: { name: 'gambella v1 52c44e0fc01e', draft: false } }
const tokens = { digests: 1, lengths: [43], signed: false, addresses: 0 }
const secrets: SecretsEvidence = {
  now,
  tokens,
  adminPasswordLength: 20,
  dataKeys: [{ id: '2026-11-01-abcd', state: 'first', keys: 3, entries: 2 }],
  certificate: {
    sha1: 'AB12',
    sha256: 'CD34',
    validFrom: new Date('2026-01-01T00:00:00Z'),
    validTo: new Date('2027-11-26T08:00:00Z'),
  },
  openFiles: [],
  secretFiles: 2,
  listener: { host: '127.0.0.1', tls: false, behindProxy: false },
}
const user = { name: 'almaz', role: 'operator', expires: '2027-01-31' } as const
const people: PeopleEvidence = { users: [user], usersFile: '/data/users.json', now, logLevel: 'info' }
const rights = {
  role: 'role-exchange',
  scope: 'all',
  modules: ['primeromodule-cp'],
  permissions: { cases: ['read', 'write', 'create', 'receive_referral'], users: ['read'] },
  forms: { basic_identity: 'rw' },
}
const role: RoleEvidence = {
  account: 'exchange',
  release: '2.15.2',
  rights,
  module: 'primeromodule-cp',
  unhcrUser: 'unhcr@example.org',
  filter: 'honoured',
}
const forms: FormsEvidence = {
  read: ['sex'],
  forms: { basic_identity: ['sex'], consent: ['disclosure_other_orgs'] },
  permitted: { basic_identity: 'r' },
}
const mapping: MappingEvidence = { name: 'gambella v1', findings: [] }
const reach: ReachEvidence = { dtpHost: 'gateway.example.org:443', dtp: { connected: true, how: 'TLSv1.3' } }
const clock: ClockEvidence = { aheadMs: 0, timeZone: 'Africa/Addis_Ababa', now }
const configuration: ConfigurationEvidence = { problems: [] }
const finding = (level: 'wrong' | 'open' | 'unknown') => ({ level, file: 'x.json', message: `Something ${level}.` })

/** Every group with evidence as it should be, and its checks. */
const groups = [
  good('configuration', configurationChecks, configuration, [
    [{ problems: ['environment: PRIMERO_URL: is not set.'] }, 'project, mapping and variables', '1 problem'],
  ]),
  good('store', atRestChecks, store, [
    [{ payloadsWithoutMessage: 1 }, 'no Primero data at rest', '1 payload of workflows that read Primero'],
    [{ collectionItems: 4 }, 'no Primero data at rest', '4 items in collections'],
    [{ folderMode: 0o755 }, 'no Primero data at rest', 'mode of the data folder is 755'],
    [{ payloadsOfDone: 1 }, 'payloads of DTP are erased after success', '1 payload of entries that are done'],
    [{ keptOver72h: 2 }, 'payloads that wait for a person', '2 payloads for over 72 hours'],
    [{ retainForMs: 24 * hourMs }, 'retention', 'RETAIN_FOR (24 h) ends before RETRY_FOR (72 h)'],
    [{ audit: { intact: false, n: 7 } }, 'audit log', 'does not hold at entry 7'],
    [{ forgotten: 1 }, 'one-off consent after a restored backup', '1 referral that nobody settled'],
    [{ noticesOverdue: 1 }, 'withdrawn consent is told', '1 call overdue'],
  ]),
  good('repository', repositoryChecks, repository, [
    [{ git: { ...git, changed: ['jobs/a.ts'] } }, 'what runs is in Git', '1 file not as in c0ffeec0ffee: jobs/a.ts'],
    [{ mapping: { name: 'gambella v2', draft: true } }, 'mapping specification', 'gambella v2 is a draft'],
    [
      { git: { ...git, suspicious: ['a.pem is tracked'] } },
      'no data and no secret in the repository',
      'a.pem is tracked',
    ],
    [{ git: { ...git, unignored: ['store'] } }, 'no data and no secret in the repository', 'store is inside it'],
  ]),
  good('secrets', secretsChecks, secrets, [
    [{ tokens: { ...tokens, lengths: [12] } }, 'inbox tokens', '1 token shorter than 32 letters'],
    [{ tokens: { ...tokens, digests: 3 } }, 'inbox tokens', '4 tokens are good at once'],
    [{ adminPasswordLength: 8 }, 'password of admin', '8 letters'],
    [{ dataKeys: [{ id: 'old', state: 'missing', keys: 1, entries: 1 }] }, 'data keys', 'needed and not there: old'],
    [{ dataKeys: [{ id: 'k1', state: 'another', keys: 1, entries: 0 }] }, 'data keys', 'needed and not there: k1'],
    [{ dataKeys: [{ id: 'k0', state: 'older', keys: 0, entries: 0 }] }, 'data keys', 'not destroyed: k0'],
    [{ now: new Date('2027-11-20T08:00:00Z') }, 'client certificate', '6 days left'],
    [{ openFiles: ['.env has the mode 644'] }, 'files with secrets', '.env has the mode 644'],
  ]),
  good('people', peopleChecks, people, [
    [{ users: [{ ...user, expires: '2026-11-01' }] }, 'administrators and their expiry', 'still listed: almaz'],
    [{ users: [{ ...user, expires: '2099-01-01' }] }, 'administrators and their expiry', 'more than a year: almaz'],
  ]),
  good('role', roleChecks, role, [
    [
      { rights: { ...rights, permissions: { cases: ['read'], users: ['read'] } } },
      'account in Primero: what it must see and do',
      'missing: cases: write, cases: create, cases: receive_referral',
    ],
    [{ rights: { ...rights, scope: 'self' } }, 'account in Primero: what it must see and do', 'it has self'],
    [
      { rights: { ...rights, permissions: { ...rights.permissions, audit_logs: ['read'] } } },
      'account in Primero: what it must not see and do',
      'too much: audit_logs: read',
    ],
    [
      { rights: { ...rights, permissions: { ...rights.permissions, users: ['read', 'write'] } } },
      'account in Primero: what it must not see and do',
      'too much: users: write',
    ],
    [
      { rights: { ...rights, modules: ['primeromodule-cp', 'primeromodule-gbv'] } },
      'account in Primero: what it must not see and do',
      'too much: module primeromodule-gbv',
    ],
    [{ filter: 'ignored' }, 'account in Primero: its searches are obeyed', 'answered with other cases'],
    [{ account: 'UNHCR@example.org' }, 'account in Primero: for this program alone', 'it is the UNHCR user'],
  ]),
  good('forms', formsChecks, forms, [
    [{ read: ['disclosure_other_orgs'] }, 'fields that are read', 'disclosure_other_orgs (form consent)'],
    [{ permitted: undefined }, 'fields that are read', 'does not tell which forms'],
  ]),
  good('mapping', mappingChecks, mapping, [
    [
      { findings: [finding('wrong')] },
      'mapping against Primero: users, fields, rights, codes',
      '1 wrong: Something wrong.',
    ],
    [{ findings: [finding('unknown')] }, 'mapping against Primero: users, fields, rights, codes', '1 not visible'],
  ]),
  good('reach', reachChecks, reach, [
    [{ dtp: { connected: false, reason: 'no answer' } }, 'gateway of DTP', 'gateway.example.org:443: no answer'],
  ]),
  good('clock', clockChecks, clock, [
    [{ aheadMs: -45_000 }, 'clock of this machine', '45 s behind Primero’s'],
    [{ timeZone: 'Africa/Nowhere' }, 'time zone of the country', 'there is no time zone'],
  ]),
]

describe.each(groups)('rows of $name', ({ whole, broken }) => {
  test('hold on evidence that is right', () => {
    expect(whole().filter(({ state }) => state === 'fail')).toEqual([])
  })

  test.each(broken)('fail alone: $about, when $says', ({ judge, about, says }) => {
    const failed = judge().filter(({ state }) => state === 'fail')

    expect(failed.map((row) => row.about)).toEqual([about])
    expect(failed[0]?.found).toContain(says)
    expect(failed[0]?.hint).toMatch(/\w{3}/)
  })

  test('fail, each of them, when nothing could be looked at', () => {
    const rows = whole({ unseen: 'Primero did not answer.' })

    expect(rows.every(({ state, found }) => state === 'fail' && found.includes('not looked at'))).toBe(true)
  })
})

test('C1 to C9 each have a row', () => {
  const ids = new Set(groups.flatMap(({ whole }) => whole().map(({ id }) => id)))

  expect([1, 2, 3, 4, 5, 6, 7, 8, 9].filter((n) => !ids.has(`C${n}`))).toEqual([])
})

test('every check can fail in this table, save those that only a person can judge', () => {
  const breakable = new Set(groups.flatMap(({ broken }) => broken.map(({ about }) => about)))
  const rest = groups.flatMap(({ whole }) =>
    whole()
      .filter(({ about }) => !breakable.has(about))
      .map(({ about }) => about),
  )

  expect(rest).toEqual(['way to the inbox', 'content of the log', 'people have users of their own', 'training'])
})

test('a row is one line, and below one that is not ok stands what to do', () => {
  const rows = judgeAll(secretsChecks, { ...secrets, adminPasswordLength: 3 })

  const lines = renderRows(rows).split('\n')
  expect(lines[1]).toBe('FAIL  C5    password of admin: 3 letters')
  expect(lines[2]).toMatch(/^ +→ Set ADMIN_PASSWORD/)
  expect(lines.at(-2)).toBe('6 rows: 5 ok, 1 failed, 0 to be signed by a person.')
})

test.each([
  ['.env', 'X=1'],
  ['certs/client.pem', ''],
  ['src/a.ts', `-----BEGIN PRIVATE ${'KEY-----'}\n${'A'.repeat(64)}`],
  ['.env.example', 'DATA_KEYS=2026:abcdefgh'],
  ['fixtures/primero/users.json', '{"email":"somebody@unhcr.org"}'],
])('%s with that content has no place in a repository', (path, text) => {
  expect(suspicion(path, text)).toContain(path)
})

test.each([
  ['.env.example', 'DATA_KEYS=\nHOST=127.0.0.1'],
  ['fixtures/primero/users.json', '{"email":"cw1@cpims.example.org"}'],
  ['README.md', 'Write to security@unicef.org'],
])('%s with that content is where it belongs', (path, text) => {
  expect(suspicion(path, text)).toBeUndefined()
})

test('what is read of a case: sources of the mapping, the consent rule, the number it is found by', () => {
  const fields = {
    'to-primero': [],
    'to-dtp': [{ to: 'sex', from: ['case.sex', 'case.owned_by'], rule: 'copy' }],
  } as const
  const consent = { must_be_true: ['agreed'], must_not_be_false: [], valid_until: ['agreed_until'] }

  expect(readFields({ fields, settings: { consent } })).toEqual([
    'sex',
    'agreed',
    'agreed_until',
    'unhcr_individual_no',
    'services_section',
  ])
})

test('the inventory of the log names every fact and every field that its gate lets through, and its digest both', () => {
  const text = renderInventory()

  expect(facts.filter((fact) => !text.includes(`| ${fact} |`))).toEqual([])
  expect(fieldNames.filter((name) => !text.includes(`| ${name} |`))).toEqual([])
  expect(text).toContain(inventory().digest)
})

type Break<E> = readonly [change: Partial<E>, about: string, says: string]

function good<E extends object>(name: string, checks: readonly Check<E>[], evidence: E, breaks: readonly Break<E>[]) {
  return {
    name,
    whole: (unseen?: { readonly unseen: string }) => judgeAll(checks, unseen ?? evidence),
    broken: breaks.map(([change, about, says]) => ({
      about,
      says,
      judge: () => judgeAll(checks, { ...evidence, ...change }),
    })),
  }
}
