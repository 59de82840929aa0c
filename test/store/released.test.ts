import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { migrate } from '../../src/store/migrations.ts'
import { openSqlite } from '../../src/store/sqlite/engine.ts'
import { loadLibrary } from '../../src/store/sqlite/library.ts'
import type { Store } from '../../src/store/types.ts'
import { sqlitePlace } from './sqlitePlace.ts'

/** `released/0.1.0.sql` is a store as exchange 0.1.0 left it when it was killed: five messages of invented children, a poll. */
let place: Awaited<ReturnType<typeof sqlitePlace>>

beforeEach(async () => {
  place = await sqlitePlace()
  const { DatabaseSync } = await loadLibrary()
  const database = new DatabaseSync(join(place.dataDir, 'exchange.db'))
  database.exec(await readFile(new URL('released/0.1.0.sql', import.meta.url), 'utf8'))
  database.close()
})
afterEach(() => place.remove())

const onceRead = new Date('2026-11-25T08:00:01Z')

async function payloads(store: Store): Promise<readonly unknown[]> {
  const found: unknown[] = []
  for (;;) {
    const claim = await store.entries.claim({ owner: store.owner, now: onceRead, leaseMs: 60_000 })
    if (claim === undefined) return found
    found.push([claim.payload, claim.attempt, claim.wasStuck])
  }
}

test('a store of release 0.1.0 is opened by three processes at once and nothing of it is lost', async () => {
  const stores = await Promise.all([place.open(), place.open(), place.open()])
  const [store] = stores
  if (store === undefined) throw new Error('No store.')

  const states = (await store.entries.list({})).map(({ state, attempt, code }) => [state, attempt, code])
  const effects = (await store.ledger.list({})).map(({ key, state, detail }) => [key, state, detail])
  const kept = (await store.records.list({})).map(({ key, outcome, due_at }) => [key, outcome, due_at])
  const outcomes = (await store.runs.list({})).flatMap(({ records }) =>
    records.map(({ key, outcome }) => [key, outcome]),
  )

  expect(store.fingerprint('x')).toMatch(/^ecea5e72c487dbc7/)
  expect(states).toEqual([
    ['done', 1, null],
    ['done', 1, null],
    ['running', 1, null],
    ['stuck', 1, 'ACCESS_DENIED'],
    ['waiting', 1, 'REMOTE_DOWN'],
    ['done', 1, null],
  ])
  expect(effects).toEqual([
    ['primero/case/1', 'done', 'case-1'],
    ['dtp/referral/9', 'intent', 'case-9'],
    ['dtp/referral/8', 'in_doubt', 'case-8'],
  ])
  expect(kept).toEqual([
    ['7', 'waiting', '2026-11-22T08:40:00.000Z'],
    ['8', 'in_doubt', null],
  ])
  expect(outcomes.sort()).toEqual([
    ['1', 'delivered'],
    ['2', 'waiting'],
    ['3', 'waiting'],
    ['5', 'refused'],
  ])
  expect(await store.cursors.read('decisions')).toBe('2026-11-22T07:59:00.000Z')
  expect(await store.stops.stopped('primero', 'account')).toMatchObject({ refusals: 1 })
  for (const one of stores) await one.close()
})

test('what a store of release 0.1.0 has open goes on: payloads can be read, a message comes again as the one it was, a doubt is settled', async () => {
  const store = await place.open()
  const again = { workflow: 'inbox', kind: 'webhook', payload: '{}', locks: [], now: onceRead } as const

  const repeated = await store.entries.accept({ ...again, sameAs: 'message-1' })
  const settled = await store.ledger.settle('dtp/referral/8', false, onceRead)

  expect(await payloads(store)).toEqual([
    ['{"n":4}', 2, false],
    ['{"n":3}', 2, true],
    ['{"n":2}', 2, false],
  ])
  expect(repeated.repeated).toBe(true)
  expect(settled).toBe(true)
  expect(await store.records.get('poll', '8')).toMatchObject({ outcome: 'waiting', due_at: onceRead.toISOString() })
  expect(await store.audit.verify()).toMatchObject({ intact: true, head: { n: 1 } })
  await store.close()
})

test('an older exchange that starts while a newer one changes the tables does not take back their version', async () => {
  const engine = await openSqlite(place.dataDir)
  await place.rows("update meta set value = '99' where key = 'version' returning value")

  const looked = { ...engine, version: async () => 2 }
  await expect(migrate(looked)).rejects.toMatchObject({ code: 'STORE_DAMAGED', retry: 'never' })
  await engine.close()

  expect(await place.rows("select value from meta where key = 'version'")).toEqual([{ value: '99' }])
})
