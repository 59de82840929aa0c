import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { addresses, attributesThatArrived } from '../canaries/arrivals.ts'
import { playCases } from '../canaries/cases.ts'
import { askCommands, askForValues } from '../canaries/commands.ts'
import { knockAtTheDoor, lookAround } from '../canaries/look.ts'
import { playMessages, playOneThatWaits, playRefusedAccount } from '../canaries/messages.ts'
import { type Search, searchFor } from '../canaries/search.ts'
import {
  type CanarySite,
  type Place,
  readProcess,
  readStoreWhileItRuns,
  readWhatIsLeft,
  secretsOf,
  startCanarySite,
} from '../canaries/site.ts'

let stage: CanarySite
let personal: Search
let refused: readonly number[]
let askedFor: readonly Place[]
let waiting: string

beforeAll(async () => {
  stage = await startCanarySite()
  await playMessages(stage)
  await playCases(stage)
  readProcess(stage)
  await askCommands(stage)
  askedFor = await askForValues(stage)
  waiting = await playOneThatWaits(stage)
  refused = await knockAtTheDoor(stage)
  await playRefusedAccount(stage)
  await lookAround(stage)
  readStoreWhileItRuns(stage)
  await stage.site.stop()
  readWhatIsLeft(stage)
  personal = searchFor(stage.planted.garden.canaries)
}, 300_000)
afterAll(() => stage.close())

describe('C7, pinned 24 and 25: personal data is nowhere but in encrypted payloads and in what was meant to be sent', () => {
  test('nothing shows a personal field of any fixture, in any form, after every workflow and every fault', () => {
    const leaks = stage.places.flatMap(({ name, bytes }) => personal(bytes).map((leak) => `${leak} in ${name}`))

    expect(leaks).toEqual([])
  })

  test('nothing shows a secret, but the variables of the process to its own user', () => {
    const search = searchFor(secretsOf(stage.site))
    const leaks = stage.places.flatMap(({ name, bytes }) => search(bytes).map((leak) => `${leak} in ${name}`))

    expect(leaks.filter((leak) => !leak.endsWith('/environ'))).toEqual([])
    expect(leaks.length).toBeGreaterThan(0)
  })

  test('addresses hold no personal data, but the two numbers that Primero is asked for', () => {
    const all = addresses(stage)
    const lookUps = stage.site.primero.requests.flatMap(({ query }) => query.get('unhcr_individual_no') ?? [])

    expect(all.flatMap(({ text }) => personal(text))).toEqual([])
    expect(all.length).toBeGreaterThan(300)
    expect(personal(lookUps.join(' ')).length).toBeGreaterThan(10)
  })

  test('record keys, effects and alerts are ids of the systems', () => {
    const keys = stage.places
      .filter(({ name }) => name.startsWith('GET /api/'))
      .flatMap(({ bytes }) => [...String(bytes).matchAll(/"key":"([^"]+)"/g)].map(([, key]) => key))

    expect(keys.length).toBeGreaterThan(100)
    for (const key of keys)
      expect(key).toMatch(
        /^((dtp|primero)\/(referral|feedback|decision)\/)?(\d{3}-26-PRTITV-\d{7}|[0-9a-f-]{36}(#[0-9a-f]{12})?|message|run|no-hash-in-it)(\/\w+)?$/,
      )
  })
})

describe('what the search for personal data rests on', () => {
  test('every kind of field went where it was to go, and every fault struck', () => {
    expect(attributesThatArrived(stage)).toEqual(arrivals)
    expect(stage.faults.filter(({ struck }) => struck === 0).map(({ fault }) => fault.name)).toEqual([])
  })

  test.each([
    ['standard output', 'exchange serves gambella'],
    ['standard error', '"fact":"started"'],
    ['running: data/exchange.db', 'SQLite format 3'],
    ['running: data/exchange.db-wal', 'the entry that waits'],
    ['left: data/exchange.db', 'the entry that waits'],
    ['left: data.witness', 'dtp/referral/'],
    ['/proc/PID/environ', 'LOG_LEVEL=debug'],
    ['/proc/PID/cmdline', 'exchange.js'],
    ['GET /metrics → 200', 'entries_accepted_total'],
    ['GET /api/entries?limit=500 → 200', 'the entry that waits'],
    ['GET /api/effects?limit=500 → 200', 'dtp/referral/'],
    ['GET /api/notices?limit=500 → 200', 'case_number'],
    ['GET /api/audit?limit=500 → 200', '"actor"'],
    ['GET /entries/:id → 200', '<html'],
    ['GET /runs/:id → 200', '<html'],
    ['exchange inbox list --json, exit 0', '"entries"'],
    ['exchange notices list --all --json, exit 0', 'case_number'],
    ['exchange run dtp-inbox --input message.json, exit 2', 'FIELDS_MISSING'],
    ['exchange run send-referrals --dry-run --fixtures fixtures, exit 2', '•••'],
    ['exchange run job.js -a common -s state.json --log debug, exit 2', 'unforeseen'],
  ])('%s is really read', (name, mark) => {
    const found = stage.places.filter((place) => place.name === name)
    const text = mark === 'the entry that waits' ? waiting : mark

    expect(found.map(({ bytes }) => Buffer.from(bytes).includes(text))).toContain(true)
  })

  test('what shows values because it was asked to is caught', () => {
    expect(askedFor.filter(({ bytes }) => personal(bytes).length === 0).map(({ name }) => name)).toEqual([])
    expect(personal(String(askedFor[0]?.bytes)).length).toBeGreaterThan(10)
  })

  test('the inbox, the API and the page refused what they should, and every other address was answered', () => {
    const failed = stage.places.filter(({ name }) => /^GET .* → (?!20[04])/.test(name)).map(({ name }) => name)

    expect(refused).toEqual([401, 415, 400, 400, 400, 400, 400, 404, 401, 400, 404, 404, 404, 401, 401, 404])
    expect(failed).toEqual([])
  })
})

/** Attributes of people that one system is to hear of from the other. */
const arrivals = [
  'address_current',
  'date_of_birth',
  'email',
  'full_name',
  'internalemailaddress',
  'mobilephone',
  'name_first',
  'name_last',
  'name_middle',
  'name_nickname',
  'phone',
  'position',
  'progres_coalocationlevel1',
  'progres_coalocationlevel2',
  'progres_coalocationlevel3',
  'progres_coalocationlevel6',
  'progres_commonyusedname',
  'progres_dateofbirth',
  'progres_dateofbirth, the day after',
  'progres_familyname',
  'progres_givenname',
  'progres_id',
  'progres_id_registrationgroupid',
  'progres_interoperabilityreferralrejectioncomment',
  'progres_interoperabilityreferralrejectionomment',
  'progres_interventiondescription',
  'progres_middlename',
  'progres_primaryphonenumber',
  'progres_reasonforreferral.Text',
  'progres_registrationgroupid',
  'service_referral_notes',
  'telephone_current',
  'title',
  'unhcr_id_no',
  'unhcr_individual_no',
  'unhcr_referral_rejection_reason',
]
