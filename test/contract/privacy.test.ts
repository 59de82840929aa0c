import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Mishap } from '../../src/simulator/faults.ts'
import { exchange } from '../cli/exchange.ts'
import { ask } from './ask.ts'
import { type Canaries, everyForm, leaksIn } from './canaries.ts'
import { decision, newChild, type Row, referrals } from './messages.ts'
import { startSite } from './site.ts'
import { storedPayload } from './storedPayload.ts'
import { referredChild, sent, told } from './systems.ts'
import { until } from './until.ts'

/** A child, her family and her officer, as proGres sends them. */
const inMessage: Canaries = {
  'individuals.progres_id': '990-07770001',
  'individuals.progres_registrationgroupid': '990-26-0777001',
  'individuals.progres_givenname': 'Zuqqimal Cañary',
  'individuals.progres_middlename': 'Wexmiddle',
  'individuals.progres_familyname': 'Vyxfamily',
  'individuals.progres_commonyusedname': 'Qonickname',
  'individuals.progres_dateofbirth': '2013-07-19',
  'individuals.progres_primaryphonenumber': '+251900777001',
  'individuals.progres_coalocationlevel1': 'Xoregion',
  'individuals.progres_coalocationlevel6': 'Xoblock 17',
  'languages.progres_languagecodeid': 'Xolanguage',
  progres_interventiondescription: 'Xodescription of her',
  progres_reasonforreferral: 'Xoreason for her',
  progres_comments_nonrestrictedstore: 'Xocomment on her',
  'user.title': 'Xotitle',
  'user.internalemailaddress': 'xoofficer@example.org',
  'user.mobilephone': '+251900777002',
  an_attribute_nobody_knows: 'Xounknown attribute',
}
/** Another child, as a case worker of Primero wrote her down. */
const inCase: Canaries = {
  unhcr_individual_no: '990-07770002',
  unhcr_id_no: '990-26-0777002',
  name_first: 'Jaqfirst Ñame',
  name_middle: 'Jaqmiddle',
  name_last: 'Jaqlast',
  name_nickname: 'Jaqnick',
  date_of_birth: '2012-05-23',
  address_current: 'Jaqstreet 9',
  telephone_current: '+251900777003',
  other_notes: 'Jaqnotes of the case',
}
const inService: Canaries = { service_referral_notes: 'Jaqreferral notes', service_type_other: 'Jaqother service' }
const ofOwner: Canaries = {
  full_name: 'Jaqworker Name',
  position: 'Jaqposition',
  email: 'jaqworker@example.org',
  phone: '+251900777004',
}
const inDecisions: Canaries = {
  'reason of the focal point': 'Jaqrejection reason',
  'comment of UNHCR': 'Xocomment of the officer',
  'unhcr service type': 'Xoservice type',
}
const personal: Canaries = { ...inMessage, ...inCase, ...inService, ...ofOwner, ...inDecisions }

const site = await startSite({
  env: { RETRY_WAITS: '100ms', REMOTE_TIMEOUT: '1s', LOG_LEVEL: 'debug' },
  primero: { users: [{ user_name: 'owner_with_canaries', ...ofOwner }] },
})
const secrets: Canaries = Object.fromEntries(
  ['PRIMERO_PASSWORD', 'DTP_SUBSCRIPTION_KEY', 'INBOX_TOKENS', 'ADMIN_PASSWORD', 'DATA_KEYS'].map((name) => [
    name,
    String(site.env[name]).replace(/^test:/, ''),
  ]),
)
const canaries: Canaries = { ...personal, ...secrets }

const references = new Set(['registrationgroupid', 'coalocationlevel1', 'languagecodeid'])
/** A row of a message with every canary in its place. */
function canaryRow(number: string, changes: Row = {}): Row {
  const fields = Object.entries(inMessage).map(([field, canary]) => {
    if (field.endsWith('dateofbirth')) return [field, `${canary}T00:00:00Z`]
    return [field, [...references].some((name) => field.endsWith(name)) ? { Name: canary } : canary]
  })
  return {
    progres_interventionnumber: number,
    'interventiontype.progres_description': 'BIA',
    'individuals.progres_sex': '125080000',
    ...Object.fromEntries(fields),
    ...changes,
  }
}

const refer = (fields: Row = {}) =>
  referredChild(site.primero, site.settings.unhcr_user, {
    fields: { ...inCase, owned_by: 'owner_with_canaries', ...fields },
    service: inService,
  })

/** An answer that tells everything back, as servers do when they fail. */
const echo = (status: number): Mishap => ({
  kind: 'answer',
  status,
  body: { errors: [{ status, message: Object.values(personal), detail: Object.keys(personal) }], ...personal },
})

/** All that came out of the exchange where anybody may read it. */
const shown: { readonly what: string; readonly text: string | Buffer }[] = []
let folder = ''

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'exchange-privacy-'))
  await site.run('send-referrals')
  await site.run('send-decisions')
  await playMessages()
  await playCases()
  await knockAtTheDoor()
  await lookAround()
  await site.stop()
  shown.push({ what: 'standard error', text: site.log() })
  shown.push(...filesIn(site.dataDir).map((path) => ({ what: path, text: readFileSync(path) })))
})
afterAll(async () => {
  await site.close()
  await rm(folder, { recursive: true, force: true })
})

async function playMessages() {
  const numbers = Array.from({ length: 9 }, () => newChild().number)
  const [
    ok = '',
    bad = '',
    type = '',
    rejected = '',
    failing = '',
    refusedFeedback = '',
    disagree = '',
    down = '',
    nonsense = '',
  ] = numbers
  await site.deliver(referrals(canaryRow(ok)))
  await site.deliver(referrals(canaryRow(ok, { 'individuals.progres_middlename': 'Changed' })))
  await site.deliver(referrals(canaryRow(bad, { 'individuals.progres_givenname': '', 'individuals.progres_sex': '9' })))
  await site.deliver(
    referrals(canaryRow(type, { 'interventiontype.progres_description': inDecisions['unhcr service type'] })),
  )
  await site.deliver(
    referrals(canaryRow(disagree), canaryRow(disagree, { 'individuals.progres_givenname': 'Somebody' })),
  )
  for (const [number, what, match] of [
    [rejected, echo(422), { method: 'PATCH' }],
    [failing, echo(500), { path: '/cases' }],
    [nonsense, { kind: 'answer', status: 200, body: `<html>${Object.values(personal).join()}` }, { path: '/cases' }],
  ] as const) {
    site.primero.faults.add({ match, what })
    await site.deliver(referrals(canaryRow(number)))
  }
  for (const what of [echo(500), echo(400)]) site.dtp.faults.add({ what })
  await site.deliver(referrals(canaryRow(refusedFeedback)))
  await site.deliver({ request_type: 'nobody-knows', ...canaryRow('1') })
  await site.deliver(referrals(canaryRow(newChild().number), Object.values(inMessage)))

  site.primero.people.decide(ok, 'rejected', inDecisions['reason of the focal point'])
  site.dtp.faults.add({ what: echo(400) })
  await site.run('send-decisions')
  await site.run('send-decisions')

  // One that waits when the process ends: its payload is in the store, encrypted.
  site.primero.faults.add({
    match: ({ query }) => query.has('unhcr_individual_no'),
    times: Number.POSITIVE_INFINITY,
    what: { ...echo(503), headers: { 'retry-after': '3000' } } as Mishap,
  })
  await site.settled(await site.post(referrals(canaryRow(down))), 'waiting')
}

async function playCases() {
  const delivered = refer()
  await site.run('send-referrals')
  for (const what of [echo(400), echo(500), { kind: 'hang' } as const]) {
    refer()
    site.dtp.faults.add({ what })
    await site.run('send-referrals')
  }
  refer({ consent_for_services: false })
  refer({ sex: null })
  site.primero.faults.add({ match: { path: '/users' }, what: echo(500) })
  refer()
  await site.run('send-referrals')
  site.primero.faults.add({ match: { method: 'PATCH' }, what: echo(422) })
  const rejection = {
    progres_reviewdecision: '125080001',
    progres_interoperabilityreferralrejectionomment: inDecisions['comment of UNHCR'],
  }
  const { id } = await site.deliver(decision(delivered.referralId, rejection))
  await site.api('POST', `/api/entries/${id}/replay`)
  await site.settled(id, 'done')
}

/** Requests that are refused, with canaries in every part of them. */
async function knockAtTheDoor() {
  const body = JSON.stringify(referrals(canaryRow('1')))
  const url = `${site.exchange.address}/i/dtp-inbox`
  const json = { 'content-type': 'application/json', 'x-api-key': site.token }
  const answers = await Promise.all([
    ask(url, { method: 'POST', headers: { ...json, 'x-api-key': 'wrong' }, body }),
    ask(url, { method: 'POST', headers: { ...json, 'content-type': 'text/plain' }, body }),
    ask(url, { method: 'POST', headers: json, body: body.slice(0, -1) }),
    ask(url, { method: 'POST', headers: json, body: body.replace('{', '{"interventions":[],') }),
    ask(url, { method: 'POST', headers: json, body: `[${body.replace(/^/, '['.repeat(120))}` }),
    ask(`${site.exchange.address}/i/${encodeURIComponent(String(inMessage['individuals.progres_givenname']))}`, {
      method: 'POST',
      headers: json,
      body,
    }),
    ask(`${site.exchange.address}/api/runs?state=${encodeURIComponent(String(inCase.name_first))}`, {
      headers: { authorization: `Basic ${Buffer.from(`admin:${site.env.ADMIN_PASSWORD}`).toString('base64')}` },
    }),
  ])
  expect(answers.map(({ status }) => status)).toEqual([401, 415, 400, 400, 400, 404, 400])
  for (const { status, text, headers } of answers)
    shown.push({ what: `answer ${status}`, text: `${text}${JSON.stringify(headers)}` })
}

/** What administrators see, on the page, in the API and on the command line. */
async function lookAround() {
  const paths = ['entries', 'runs', 'effects', 'records', 'audit', 'openapi.json'].map(
    (list) => `/api/${list}?limit=500`,
  )
  const admin = `Basic ${Buffer.from(`admin:${site.env.ADMIN_PASSWORD}`).toString('base64')}`
  const pages = ['/', '/entries', '/runs', '/records', '/effects', '/notices', '/activity', '/audit', '/login']
  for (const path of [...paths, ...pages, '/metrics', '/ready']) {
    const { text } = await ask(`${site.exchange.address}${path.replace('openapi.json?limit=500', 'openapi.json')}`, {
      headers: { authorization: admin },
    })
    shown.push({ what: path, text })
  }
  const { entries } = await site.get<{ entries: readonly { id: string; state: string }[] }>('/api/entries?state=stuck')
  const message = join(folder, 'message.json')
  writeFileSync(message, JSON.stringify(referrals(canaryRow(newChild().number, { 'individuals.progres_sex': '9' }))))
  const { env } = site
  const commands = await Promise.all([
    exchange(['inbox', 'show', String(entries[0]?.id), '--json'], { env }),
    exchange(['ledger', 'list', '--json'], { env }),
    exchange(['audit', 'list', '--json'], { env }),
    exchange(['run', 'dtp-inbox', '--input', message, '--json'], { env }),
  ])
  expect(commands.map(({ code }) => code)).toEqual([0, 0, 0, 2])
  for (const { out, err } of commands) shown.push({ what: 'a command', text: `${out}${err}` })
}

function filesIn(root: string): readonly string[] {
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .map((name) => join(root, name))
    .filter((path) => statSync(path).isFile())
}

describe('pinned 24, 25: personal data is nowhere but in encrypted payloads and in what was meant to be sent', () => {
  test('the search finds every canary in every form', () => {
    const { text, expected } = everyForm(canaries)

    expect(leaksIn(text, canaries).length).toBeGreaterThanOrEqual(expected)
    for (const [field, canary] of Object.entries(canaries))
      expect(leaksIn(`{"name":"${canary}"}`, { [field]: canary })).not.toEqual([])
  })

  test('the canaries did go where they were meant to go', () => {
    const bodies = JSON.stringify([...site.primero.requests, ...site.dtp.requests].map(({ body }) => body))
    const arrived = (among: Canaries) =>
      Object.keys(among).filter((field) => leaksIn(bodies, { [field]: String(among[field]) }).length > 0)
    const dropped = [
      'progres_comments_nonrestrictedstore',
      'an_attribute_nobody_knows',
      'languages.progres_languagecodeid',
    ]

    expect(arrived(inMessage)).toEqual(Object.keys(inMessage).filter((field) => !dropped.includes(field)))
    expect(arrived({ ...inService, ...ofOwner, ...inDecisions })).toEqual(
      Object.keys({ ...inService, ...ofOwner, ...inDecisions }),
    )
    expect(arrived(inCase)).toEqual(Object.keys(inCase).filter((field) => field !== 'other_notes'))
    expect(sent(site.dtp).length).toBeGreaterThan(0)
    expect(told(site.dtp, '1')).toEqual([])
  })

  test('pinned 25: nothing shows them: log at debug level, answers, page, metrics, commands, files of the store', () => {
    const leaks = shown.flatMap(({ what, text }) => leaksIn(text, canaries).map((leak) => `${leak} in ${what}`))

    expect(shown.length).toBeGreaterThanOrEqual(18)
    expect(leaks).toEqual([])
  })

  test('pinned 25: record keys, effects and alerts are ids of the systems', async () => {
    const keys = shown
      .filter(({ what }) => what.startsWith('/api/'))
      .flatMap(({ text }) => [...String(text).matchAll(/"key":"([^"]+)"/g)].map(([, key]) => key))

    expect(keys.length).toBeGreaterThan(10)
    for (const key of keys)
      expect(key).toMatch(
        /^((dtp|primero)\/(referral|feedback|decision)\/)?(990-26-PRTITV-\d{7}|[0-9a-f-]{36}(#[0-9a-f]{12})?|message)(\/\w+)?$/,
      )
  })

  test('addresses of requests hold case ids and the individual number that is looked up, and nothing else of a person', () => {
    const allowed = ['unhcr_individual_no', 'individuals.progres_id']
    const inUrls = Object.fromEntries(Object.entries(canaries).filter(([field]) => !allowed.includes(field)))
    const urls = [...site.primero.requests, ...site.dtp.requests].map(
      ({ path, query }) => `${path}?${query.toString()}`,
    )

    expect(leaksIn(urls.join('\n'), inUrls)).toEqual([])
    for (const { query } of site.primero.requests)
      for (const [key, value] of query) if (leaksIn(value, personal).length > 0) expect(key).toBe('unhcr_individual_no')
  })
})

test('pinned 24: soon after done no copy of the payload is left in the data folder, the encrypted one included', async () => {
  const other = await startSite()
  const child = newChild()
  other.primero.faults.add({ match: { method: 'GET', path: '/cases' }, what: { kind: 'delay', delayMs: 1_500 } })
  const id = await other.post(referrals(child.row({ progres_interventiondescription: 'x'.repeat(100_000) })))
  const copy = join(folder, 'copy')
  await cp(other.dataDir, copy, { recursive: true })
  const payload = await storedPayload(copy, id)
  const isThere = () =>
    filesIn(other.dataDir).some((path) => {
      const bytes = readFileSync(path)
      for (let from = 0; from + 64 <= payload.length; from += 64)
        if (bytes.includes(payload.subarray(from, from + 64))) return true
      return false
    })
  const whileRunning = isThere()

  await other.settled(id, 'done')
  const began = performance.now()
  await until('an empty data folder', () => (isThere() ? undefined : true))
  const tookMs = performance.now() - began
  await other.close()

  expect(payload.length).toBeGreaterThan(100_000)
  expect(whileRunning).toBe(true)
  expect(tookMs).toBeLessThan(30_000)
})
