import { describe, expect, test } from 'vitest'
import { withCollections } from '../../src/adaptors/language-collections/place.ts'
import type { RecordOutcome } from '../../src/adaptors/language-exchange/exchange.ts'
import { collectionsInMemory } from '../../src/cli/collectionsInMemory.ts'
import { ExchangeError } from '../../src/errors/ExchangeError.ts'
import { fingerprints } from '../../src/lightning/fingerprints.ts'
import { createLedgerStore } from '../../src/lightning/ledgerStore.ts'
import { createNotices } from '../../src/lightning/notices.ts'
import { type Place, placeIn } from '../../src/lightning/place.ts'
import { createRecords } from '../../src/lightning/records.ts'
import { createLedger } from '../../src/run/ledger.ts'

const start = Date.parse('2026-05-04T08:00:00Z')
const hour = 3_600_000

describe('a place in a collection', () => {
  test('keys with any sign come back as they were, and a prefix finds its own only', () =>
    inCollection(async (place) => {
      const keys = ['a/b', 'a/b#c', 'a/ä ö', 'a/x*y', 'a/~:%', 'ab/c']
      for (const key of keys) await place.set(key, { key })

      const found = await place.list('a/')

      expect(found.map(({ key }) => `a/${key}`).toSorted()).toEqual(keys.slice(0, 5).toSorted())
      for (const key of keys) expect(await place.get(key)).toEqual({ key })
      await place.remove('a/x*y')
      expect(await place.get('a/x*y')).toBeUndefined()
      expect(await place.get('a/b')).toEqual({ key: 'a/b' })
    }))
})

describe('the ledger over a collection', () => {
  test('an effect that is done is not done again; another body of it is told apart', () =>
    inCollection(async (place) => {
      const ledger = ledgerIn(place)
      let times = 0
      const effect = async () => {
        times += 1
        return { value: times }
      }

      await ledger.once('x/1', { repeat: 'harmless', fact: 'a' }, effect)

      expect(await ledger.once('x/1', { repeat: 'harmless', fact: 'a' }, effect)).toMatchObject({ is: 'repeated' })
      expect(await ledger.once('x/1', { repeat: 'harmless', fact: 'b' }, effect)).toMatchObject({ is: 'changed' })
      expect(times).toBe(1)
    }))

  test('a fact is told once, a changed one again, also when it changes back', () =>
    inCollection(async (place) => {
      const ledger = ledgerIn(place)
      const said: string[] = []
      const tell = (fact: string) => ledger.tell('dtp/decision/7', fact, async () => void said.push(fact))

      for (const fact of ['yes', 'yes', 'no', 'no', 'yes']) await tell(fact)

      expect(said).toEqual(['yes', 'no', 'yes'])
      expect(await ledger.told('dtp/decision/7', 'yes')).toBe(true)
    }))

  test('an effect that a run began and did not end is in doubt where a repeat might harm', () =>
    inCollection(async (place) => {
      const store = createLedgerStore(place)
      const row = { key: 'dtp/referral/1', state: 'intent', fingerprint: null, detail: 'c', updated_at: '' } as const
      await store.write(row)
      const ledger = ledgerIn(place)

      const again = ledger.once('dtp/referral/1', { repeat: 'harmful' }, async () => ({ value: undefined }))

      await expect(again).rejects.toMatchObject({ code: 'IN_DOUBT' })
      expect(await ledger.settle('dtp/referral/1', true)).toBe(true)
      expect(await ledger.done(['dtp/referral/1', 'dtp/referral/2'])).toEqual(new Set(['dtp/referral/1']))
    }))

  test('an effect that got no answer is in doubt; what is over is watched no more', () =>
    inCollection(async (place) => {
      const ledger = ledgerIn(place)
      const lost = async () => {
        throw new ExchangeError('No answer.', { code: 'REMOTE_DOWN', retry: 'later', reach: 'unsure' })
      }
      await ledger.once('dtp/referral/1', { repeat: 'harmful' }, lost).catch(() => {})
      await ledger.once('dtp/referral/2', { repeat: 'harmful' }, async () => ({ value: 1 }))

      expect((await ledger.watched('dtp/referral/')).map(({ key }) => key)).toEqual([
        'dtp/referral/1',
        'dtp/referral/2',
      ])
      await createLedgerStore(place).over('dtp/referral/2')
      expect((await ledger.watched('dtp/referral/')).map(({ key }) => key)).toEqual(['dtp/referral/1'])
    }))
})

describe('records that wait', () => {
  const waits: RecordOutcome = { key: 'r', outcome: 'waiting', code: 'REMOTE_DOWN', next: 'later', ids: { case: 'c' } }

  test('are due after their wait and not before, and are forgotten when they are done', () =>
    inCollection(async (place) => {
      let now = start
      const open = () => createRecords(place, 'send', () => new Date(now))
      await (await open()).settle([waits])

      const soon = await open()
      expect([soon.due(), [...soon.deferred()]]).toEqual([[], ['r']])
      now += 5_000
      const later = await open()
      expect(later.due()).toEqual([{ key: 'r', ids: { case: 'c' } }])
      await later.settle([{ key: 'r', outcome: 'delivered', code: 'DELIVERED' }])
      expect(await place.list('record/')).toEqual([])
    }))

  test('need a person after 72 hours, and are then tried once a day', () =>
    inCollection(async (place) => {
      let now = start
      const open = () => createRecords(place, 'send', () => new Date(now))
      await (await open()).settle([waits])
      now += 72 * hour

      expect(await (await open()).settle([waits])).toMatchObject([{ next: 'person' }])
      now += 23 * hour
      expect((await open()).due()).toEqual([])
      now += hour
      expect((await open()).due()).toHaveLength(1)
    }))

  test('what the other system asked to wait is obeyed', () =>
    inCollection(async (place) => {
      let now = start
      const open = () => createRecords(place, 'send', () => new Date(now))
      await (await open()).settle([{ ...waits, retryAfterMs: hour }])
      now += hour - 1

      expect((await open()).due()).toEqual([])
      now += 1
      expect((await open()).due()).toHaveLength(1)
    }))
})

test('a notice that is opened again is the same one; it is overdue until somebody marks it, once a day', () =>
  inCollection(async (place) => {
    let now = start
    const notice = {
      case_number: 'abc',
      withdrawn_on: '2026-05-04',
      services: ['food'],
      tell: 'UNHCR',
      due_at: new Date(start + hour).toISOString(),
    }
    const openOnce = async () => {
      const notices = createNotices(place, () => new Date(now))
      notices.offered.open(notice)
      for (const { id } of await notices.offered.overdue()) notices.offered.remind(id)
      await notices.settle()
    }
    const overdue = () => createNotices(place, () => new Date(now)).offered.overdue()
    await openOnce()
    await openOnce()

    expect(await place.list('notice/')).toHaveLength(1)
    expect(await overdue()).toEqual([])
    now += 2 * hour
    expect(await overdue()).toHaveLength(1)
    await openOnce()
    expect(await overdue()).toEqual([])
    now += 25 * hour
    expect(await overdue()).toHaveLength(1)
    const [{ key = '' } = {}] = await place.list('notice/')
    await place.set(`notice/${key}`, { ...notice, done: true })
    expect(await overdue()).toEqual([])
  }))

describe('fingerprints', () => {
  const key = 'a key that is the same in every credential'

  test('are the same for the same value and key, and nothing of the value is kept', () =>
    inCollection(async (place) => {
      const one = await fingerprints(place, { fingerprintKey: key })
      const other = await fingerprints(place, { fingerprintKey: key })

      expect(one({ a: 'Nyamal' })).toBe(other({ a: 'Nyamal' }))
      expect(one({ a: 'Nyamal' })).toMatch(/^[0-9a-f]{32}$/)
    }))

  test('another key than before is refused; without one nothing that needs it can be done', () =>
    inCollection(async (place) => {
      await fingerprints(place, { fingerprintKey: key })

      await expect(fingerprints(place, { fingerprintKey: `${key} or not` })).rejects.toMatchObject({
        code: 'CONFIGURATION',
      })
      const none = await fingerprints(place, {})
      expect(() => none('x')).toThrow(/fingerprintKey/)
    }))
})

function inCollection(work: (place: Place) => Promise<void>): Promise<void> {
  return withCollections(collectionsInMemory(), () => work(placeIn('kept', {})))
}

function ledgerIn(place: Place) {
  return createLedger({
    store: createLedgerStore(place),
    claim: { id: '', fence: 0 },
    fingerprint: (value) => JSON.stringify(value),
    now: () => new Date(start),
    repeatsRefused: false,
  })
}
