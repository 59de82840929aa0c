import { describe, expect, test } from 'vitest'
import type { Given } from '../conformance.ts'
import { dataKey, k1, k2, later, minute, start } from '../place.ts'
import { claimed, claimFor, done, end, message } from './words.ts'

const day = 24 * 60 * minute

export function keyClaims(given: () => Given): void {
  describe('keys', () => {
    test('the key of a day is destroyed with its last open entry and not before', async () => {
      const { store, place } = given()
      const keys = () => place.rows("select day from keys where kind = 'day' order by day")
      const [first, second] = [await store.entries.accept(message()), await store.entries.accept(message())]
      const third = await store.entries.accept(message({ now: later(day) }))
      expect(await keys()).toEqual([{ day: '2026-11-22' }, { day: '2026-11-23' }])

      await store.entries.settle(await claimed(store, start, first.id), end(done))
      expect(await keys()).toHaveLength(2)
      await store.entries.settle(await claimed(store, start, second.id), end(done))
      expect(await keys()).toEqual([{ day: '2026-11-23' }])
      expect((await claimed(store, later(day), third.id)).payload).toBe('{"child":"invented"}')
    })

    test('after a change of data keys the old one is needed no more', async () => {
      const { store, open, place } = given()
      await store.entries.accept(message())
      const print = store.fingerprint('child')
      await store.close()

      const during = await open([k2, k1])
      expect(await place.rows('select distinct wrapped_by from keys')).toEqual([{ wrapped_by: 'k1' }])
      expect(await during.dataKeys.wrap(start)).toBe(2)
      expect(await during.dataKeys.wrap(start)).toBe(0)
      await during.close()
      expect(await place.rows('select distinct wrapped_by from keys')).toEqual([{ wrapped_by: 'k2' }])
      const after = await open([k2])
      expect(after.fingerprint('child')).toBe(print)
      expect((await claimed(after)).payload).toBe('{"child":"invented"}')
    })

    test('a data key that is still needed is named with the number of entries that need it', async () => {
      const { store, open } = given()
      await store.entries.accept(message())
      await store.entries.accept(message({ now: later(day) }))
      await store.close()

      await expect(open([k2])).rejects.toMatchObject({
        code: 'DATA_KEY_MISSING',
        retry: 'never',
        message: 'The data key "k1" is not in DATA_KEYS; 2 entries need it.',
      })
      expect(await (await open([k1])).entries.list({})).toHaveLength(2)
    })

    test('data keys change while the store is open; one that is still needed is not dropped', async () => {
      const { store, open, place } = given()
      const { id } = await store.entries.accept(message())
      const without = store.dataKeys.replace([k2], start)
      await expect(without).rejects.toMatchObject({ code: 'DATA_KEY_MISSING' })

      await store.dataKeys.replace([k2, k1], start)
      await store.dataKeys.replace([k2], start)
      await store.entries.accept(message({ now: later(day) }))

      expect(await place.rows('select distinct wrapped_by from keys')).toEqual([{ wrapped_by: 'k2' }])
      expect((await claimed(store, start, id)).payload).toBe('{"child":"invented"}')
      await expect(open([k1])).rejects.toMatchObject({ code: 'DATA_KEY_MISSING' })
    })

    test('a data key that no entry needs is still needed for the hashes of the store', async () => {
      const { store, open } = given()
      await store.close()

      await expect(open([k2])).rejects.toMatchObject({
        message: 'The data key "k1" is not in DATA_KEYS; the store itself needs it.',
      })
    })

    test('another process, with both keys in the other order, goes on while the keys are wrapped again', async () => {
      const { store, open } = given()
      await store.dataKeys.replace([k1, k2], start)
      const first = await store.entries.accept(message())
      const another = await open([k2, k1])

      await another.dataKeys.wrap(start)

      expect((await claimed(store, start, first.id)).payload).toBe('{"child":"invented"}')
      const second = await store.entries.accept(message({ now: later(day) }))
      expect((await claimed(another, later(day), second.id)).payload).toBe('{"child":"invented"}')
    })

    test('what uses which data key can be told without it, and changes nothing', async () => {
      const { store, place } = given()
      await store.entries.accept(message())
      await store.entries.accept(message())
      await store.dataKeys.replace([k2, k1], start)
      await store.dataKeys.replace([k1, k2], later(day))
      await store.dataKeys.replace([k1], later(day))
      const before = await place.rows('select * from keys order by id')

      expect(await place.survey([k2])).toEqual([
        { id: 'k2', state: 'first', keys: 0, entries: 0 },
        { id: 'k1', state: 'missing', keys: 2, entries: 2 },
      ])
      expect(await place.survey([dataKey('k1', 9)])).toEqual([{ id: 'k1', state: 'another', keys: 2, entries: 2 }])
      expect(await place.survey([k2, k1])).toEqual([
        { id: 'k2', state: 'first', keys: 0, entries: 0 },
        { id: 'k1', state: 'older', keys: 2, entries: 2 },
      ])
      expect(await place.rows('select * from keys order by id')).toEqual(before)
    })

    test('another key under the old name is not taken for it', async () => {
      const { store, open } = given()
      await store.entries.accept(message())
      await store.close()

      await expect(open([dataKey('k1', 9)])).rejects.toMatchObject({
        code: 'DATA_KEY_MISSING',
        message: 'The data key "k1" in DATA_KEYS is not the one of that name that was used before; 1 entry needs it.',
      })
    })

    test('no key at all, or one of another length, is refused', async () => {
      const { open } = given()

      await expect(open([])).rejects.toMatchObject({ code: 'CONFIGURATION' })
      await expect(open([{ id: 'short', key: new Uint8Array(16) }])).rejects.toMatchObject({ code: 'CONFIGURATION' })
    })

    test.each([
      ['a flipped bit in the text', 'update payloads set sealed = $flip'],
      ['a flipped bit in the key', 'update payloads set wrapped_key = $flip'],
    ])('%s makes the entry stuck, tells a person, and the next one is given', async (_, statement) => {
      const { store, place } = given()
      const damaged = await store.entries.accept(message())
      await place.rows(statement.replace('$flip', flipped(await place.rows('select * from payloads'), statement)))
      const next = await store.entries.accept(message({ payload: '{"next":1}' }))

      expect(await claimFor(store)).toMatchObject({ id: next.id, payload: '{"next":1}' })

      expect(await store.entries.get(damaged.id)).toMatchObject({ state: 'stuck', code: 'STORE_DAMAGED' })
      expect(await store.activity.list({ level: 'alert' })).toMatchObject([
        { what: 'STORE_DAMAGED', entry: damaged.id, workflow: 'inbox' },
      ])
    })

    test('two payloads that changed places are not taken for one another', async () => {
      const { store, place } = given()
      const a = await store.entries.accept(message({ payload: '{"a":1}' }))
      const b = await store.entries.accept(message({ payload: '{"b":1}' }))
      const [first, second] = await place.rows(`select * from payloads order by entry_id = '${b.id}'`)
      for (const [id, row] of [[a.id, second] as const, [b.id, first] as const]) {
        const bytes = (value: unknown) => literal(value)
        await place.rows(
          `update payloads set sealed = ${bytes(row?.sealed)}, wrapped_key = ${bytes(row?.wrapped_key)} where entry_id = '${id}'`,
        )
      }

      expect(await claimFor(store)).toBeUndefined()
      expect(await store.entries.list({ state: 'stuck' })).toHaveLength(2)
    })

    test('fingerprints are keyed: equal in one store for ever, different in another', async () => {
      const { store, open } = given()
      const another = await open()

      expect(store.fingerprint('child')).toMatch(/^[0-9a-f]{32}$/)
      expect(another.fingerprint('child')).toBe(store.fingerprint('child'))
      expect(store.fingerprint('another child')).not.toBe(store.fingerprint('child'))
    })

    test('processes that open a new store together agree on its key', async () => {
      const { open } = given()
      const stores = await Promise.all([open(), open(), open()])

      expect(new Set(stores.map((store) => store.fingerprint('child'))).size).toBe(1)
      expect(new Set(stores.map((store) => store.owner)).size).toBe(3)
    })

    test('a store from a newer version is refused and left as it is', async () => {
      const { store, open, place } = given()
      await store.close()
      await place.rows("update meta set value = '99' where key = 'version'")

      await expect(open()).rejects.toMatchObject({
        code: 'STORE_DAMAGED',
        retry: 'never',
        message: expect.stringContaining('version 99'),
      })
      expect(await place.rows("select value from meta where key = 'version'")).toEqual([{ value: '99' }])
    })
  })
}

function flipped(rows: readonly Record<string, unknown>[], statement: string): string {
  const value = rows[0]?.[statement.includes('wrapped_key') ? 'wrapped_key' : 'sealed']
  if (!(value instanceof Uint8Array)) throw new Error('There is no payload.')
  const copy = Uint8Array.from(value)
  copy[copy.length - 1] = (copy[copy.length - 1] ?? 0) ^ 1
  return literal(copy)
}

/** Bytes as both databases read them in a statement. */
function literal(value: unknown): string {
  if (!(value instanceof Uint8Array)) throw new Error('These are no bytes.')
  return `$bytes:${Buffer.from(value).toString('hex')}$`
}
