import { describe, expect, test } from 'vitest'
import type { Given } from '../conformance.ts'
import { later, minute, start } from '../place.ts'
import { claimed, done, end, message, stuckErased, stuckKept, waitsUntil } from './words.ts'

export function acceptClaims(given: () => Given): void {
  describe('accepting', () => {
    test('an accepted entry is there after the store is opened again', async () => {
      const { store, open } = given()
      const { id, runId, repeated } = await store.entries.accept(message())
      await store.close()

      const again = await open()
      expect(repeated).toBe(false)
      expect(await again.entries.get(id)).toEqual({
        id,
        workflow: 'inbox',
        kind: 'webhook',
        state: 'waiting',
        received_at: start.toISOString(),
        due_at: start.toISOString(),
        attempt: 0,
        code: null,
      })
      expect(await again.runs.get(runId)).toMatchObject({ id: runId, entry_id: id, state: 'available', records: [] })
    })

    test('the same message is the same entry while the first waits, runs, waits again, is stuck or was delivered', async () => {
      const { store } = given()
      const first = await store.entries.accept(message({ sameAs: 'm' }))
      const again = () => store.entries.accept(message({ sameAs: 'm', now: later(minute) }))
      const seen = [await again()]

      const claim = await claimed(store)
      seen.push(await again())
      await store.entries.settle(claim, end(waitsUntil(later(minute), '{"b":1}'), { a: 'unchanged', b: 'waiting' }))
      seen.push(await again())
      await store.entries.settle(await claimed(store, later(minute)), end(stuckKept, { b: 'waiting' }))
      seen.push(await again())
      await store.entries.replay(first.id, later(minute))
      await store.entries.settle(await claimed(store, later(minute)), end(done, { b: 'delivered' }))
      seen.push(await again())

      expect(seen).toEqual(seen.map(() => ({ ...first, repeated: true })))
      expect(await store.entries.list({})).toHaveLength(1)
    })

    test.each([
      ['was refused', done, { a: 'delivered', b: 'refused' }],
      ['is in doubt', done, { a: 'in_doubt' }],
      ['is stuck and its payload was erased', stuckErased, { a: 'refused' }],
    ] as const)('the same message is a new entry once the first %s', async (_, fate, outcomes) => {
      const { store } = given()
      const first = await store.entries.accept(message({ sameAs: 'm' }))
      await store.entries.settle(await claimed(store), end(fate, outcomes))

      const second = await store.entries.accept(message({ sameAs: 'm' }))
      const third = await store.entries.accept(message({ sameAs: 'm' }))

      expect(second.id).not.toBe(first.id)
      expect(third).toEqual({ ...second, repeated: true })
    })

    test('a record that an earlier run refused counts, though the last run delivered all the others', async () => {
      const { store } = given()
      const first = await store.entries.accept(message({ sameAs: 'm' }))
      const open = waitsUntil(start, '{"b":1}')
      await store.entries.settle(await claimed(store), end(open, { a: 'refused', b: 'waiting' }))
      await store.entries.settle(await claimed(store), end(done, { b: 'delivered' }))

      expect((await store.entries.accept(message({ sameAs: 'm' }))).id).not.toBe(first.id)
    })

    test('a discarded message counts as new', async () => {
      const { store } = given()
      const first = await store.entries.accept(message({ sameAs: 'm' }))
      await store.entries.settle(await claimed(store), end(stuckKept))
      await store.entries.discard(first.id, start)

      expect((await store.entries.accept(message({ sameAs: 'm' }))).id).not.toBe(first.id)
    })

    test('messages without an identity are never taken for one another', async () => {
      const { store } = given()
      const ids = [await store.entries.accept(message()), await store.entries.accept(message())].map(({ id }) => id)

      expect(new Set(ids).size).toBe(2)
    })

    test('forty identical messages that two processes accept at one time are one entry', async () => {
      const { store, open } = given()
      const stores = [store, await open()]

      const accepted = await Promise.all(
        Array.from({ length: 40 }, (_, i) => (stores[i % 2] ?? store).entries.accept(message({ sameAs: 'm' }))),
      )

      expect(new Set(accepted.map(({ id }) => id)).size).toBe(1)
      expect(accepted.filter(({ repeated }) => !repeated)).toHaveLength(1)
      expect(await store.entries.list({})).toHaveLength(1)
    })

    test('a payload of 10 MB comes back byte for byte', async () => {
      const { store } = given()
      const payload = JSON.stringify({ text: 'ህጻን ٱلطفل 🧒 '.repeat(400_000) }).slice(0, 4_000_000)
      await store.entries.accept(message({ payload }))

      expect((await claimed(store)).payload === payload).toBe(true)
    })
  })

  describe('ticks', () => {
    test('a tick is stored when the workflow has no unfinished one', async () => {
      const { store } = given()
      const first = await store.entries.tick('poll', 'lock', start)
      expect(first).toMatchObject({ repeated: false })
      expect(await store.entries.tick('poll', 'lock', start)).toBe('unfinished')
      expect(await store.entries.tick('other', 'other lock', start)).toMatchObject({ repeated: false })

      const claim = await claimed(store, start, typeof first === 'string' ? undefined : first.id)
      expect(await store.entries.tick('poll', 'lock', start)).toBe('unfinished')
      await store.entries.settle(claim, end(done))

      expect(await store.entries.tick('poll', 'lock', later(minute))).toMatchObject({ repeated: false })
    })

    test('a tick that two processes hear at one time is stored once', async () => {
      const { store, open } = given()
      const another = await open()

      const ticks = await Promise.all(
        [store, another, store, another].map((s) => s.entries.tick('poll', 'lock', start)),
      )

      expect(ticks.filter((tick) => tick !== 'unfinished')).toHaveLength(1)
    })

    test('a tick that several processes found due is stored once, even when its run is over before the last of them comes', async () => {
      const { store, open } = given()
      const another = await open()
      const cursor = { name: 'clock', from: undefined, to: 'eight' }
      const first = [store, another, store].map((s) => s.entries.tick('poll', 'lock', start, { cursor }))
      const stored = (await Promise.all(first)).filter((tick) => typeof tick !== 'string')
      await store.entries.settle(await claimed(store), end(done))

      expect(stored).toHaveLength(1)
      expect(await another.entries.tick('poll', 'lock', start, { cursor })).toBe('taken')
      const next = { name: 'clock', from: 'eight', to: 'nine' }
      expect(await another.entries.tick('poll', 'lock', start, { cursor: next })).toMatchObject({ repeated: false })
      expect(await store.cursors.read('clock')).toBe('nine')
    })

    test('a tick that is passed over moves the clock on all the same', async () => {
      const { store } = given()
      await store.entries.tick('poll', 'lock', start)

      const cursor = { name: 'clock', from: undefined, to: 'eight' }
      expect(await store.entries.tick('poll', 'lock', start, { cursor })).toBe('unfinished')

      expect(await store.cursors.read('clock')).toBe('eight')
    })

    test('a stuck tick does not stop the clock', async () => {
      const { store } = given()
      await store.entries.tick('poll', 'lock', start)
      await store.entries.settle(await claimed(store), end(stuckErased))

      expect(await store.entries.tick('poll', 'lock', later(minute))).toMatchObject({ repeated: false })
    })
  })
}
