import { describe, expect, test } from 'vitest'
import type { Given } from '../conformance.ts'
import { later, minute, start } from '../place.ts'
import { claimed, claimFor, done, end, leave, message, stuckErased, stuckKept, waitsUntil } from './words.ts'

export function settleClaims(given: () => Given): void {
  describe('settling', () => {
    test('a settled run has its records in order, its end and the mapping version', async () => {
      const { store } = given()
      const { id, runId } = await store.entries.accept(message())

      const settled = await store.entries.settle(await claimed(store), end(done, { b: 'delivered', a: 'refused' }))

      expect(settled).toBe(true)
      expect(await store.entries.get(id)).toMatchObject({ state: 'done', due_at: null, code: null })
      expect(await store.runs.get(runId)).toEqual({
        id: runId,
        entry_id: id,
        workflow: 'inbox',
        state: 'success',
        started_at: start.toISOString(),
        finished_at: later(1000).toISOString(),
        mapping_version: 'v1',
        records: [
          { key: 'b', outcome: 'delivered', code: 'REMOTE_DOWN' },
          { key: 'a', outcome: 'refused', code: 'REMOTE_DOWN' },
        ],
      })
    })

    test('settling the same end again is no second end; another end is refused', async () => {
      const { store } = given()
      await store.entries.accept(message())
      const claim = await claimed(store)
      await store.entries.settle(claim, end(done, { a: 'delivered' }))

      expect(await store.entries.settle(claim, end(done, { a: 'delivered' }))).toBe(true)
      expect(await store.entries.settle(claim, end(done, {}, later(minute)))).toBe(false)
      expect((await store.runs.get(claim.runId))?.records).toHaveLength(1)
    })

    test('records, cursors and alerts are written with the end of their run', async () => {
      const { store } = given()
      const ids = { case: '7' }
      const open = { outcome: 'waiting', code: 'REMOTE_DOWN', ids, attempt: 1, due_at: null, since: 'x' } as const
      await leave(store, { keep: [{ key: 'old', ...open }] })

      const { id, runId } = await leave(store, {
        keep: [{ key: 'new', ...open }],
        drop: ['old'],
        cursors: new Map([['cases', 'one']]),
        alerts: [{ code: 'IN_DOUBT', record: 'new' }, { code: 'STEP_FAILED' }],
      })

      expect((await store.records.list({})).map(({ key }) => key)).toEqual(['new'])
      expect(await store.cursors.read('cases')).toBe('one')
      const alert = { level: 'alert', at: start.toISOString(), workflow: 'poll', entry: id, run: runId }
      expect(await store.activity.list({})).toMatchObject([
        { ...alert, what: 'STEP_FAILED', record: null },
        { ...alert, what: 'IN_DOUBT', record: 'new' },
      ])
    })

    test('a run whose claim was lost leaves nothing', async () => {
      const { store } = given()
      await store.entries.accept(message())
      const lost = await claimed(store)
      await claimed(store, later(2 * minute))
      const open = { key: 'k', outcome: 'waiting', code: 'REMOTE_DOWN', ids: {}, attempt: 1, due_at: null } as const

      const settled = await store.entries.settle(lost, {
        ...end(done),
        keep: [{ ...open, since: start.toISOString() }],
        cursors: new Map([['cases', 'one']]),
        alerts: [{ code: 'STEP_FAILED' }],
      })

      expect(settled).toBe(false)
      expect(await store.records.list({})).toEqual([])
      expect(await store.cursors.read('cases')).toBeUndefined()
      expect(await store.activity.list({})).toEqual([])
    })

    test('a done entry leaves neither payload nor key nor lock', async () => {
      const { store, place } = given()
      await store.entries.accept(message({ locks: ['child'] }))
      expect(await place.rows('select * from payloads')).toHaveLength(1)
      await store.entries.settle(await claimed(store), end(done))

      expect(await place.rows('select * from payloads')).toEqual([])
      expect(await place.rows('select * from entry_locks')).toEqual([])
      expect(await place.rows("select * from keys where kind = 'day'")).toEqual([])
    })

    test('an entry that waits is rewritten to its open records under a new key', async () => {
      const { store, place } = given()
      await store.entries.accept(message())
      const [before] = await place.rows('select wrapped_key, day_key from payloads')
      await store.entries.settle(await claimed(store), end(waitsUntil(start, '{"open":1}'), { a: 'waiting' }))

      const [after] = await place.rows('select wrapped_key, day_key from payloads')
      expect(after?.wrapped_key).not.toEqual(before?.wrapped_key)
      expect(after?.day_key).not.toBe(before?.day_key)
      expect(await claimed(store)).toMatchObject({ payload: '{"open":1}', attempt: 2 })
    })

    test('an entry that waits without a new payload keeps the one it has', async () => {
      const { store } = given()
      await store.entries.accept(message())
      await store.entries.settle(await claimed(store), end(waitsUntil(start)))

      expect((await claimed(store)).payload).toBe('{"child":"invented"}')
    })

    test('every later attempt is a run of its own', async () => {
      const { store } = given()
      const { id, runId } = await store.entries.accept(message())
      await store.entries.settle(await claimed(store), end(waitsUntil(start), { a: 'waiting' }))
      const second = await claimed(store)
      await store.entries.settle(second, end(done, { a: 'delivered' }))

      const runs = await store.runs.list({})
      expect(runs.map((run) => run.id)).toEqual([second.runId, runId])
      expect(runs.every((run) => run.entry_id === id)).toBe(true)
      expect(runs.map((run) => run.records[0]?.outcome)).toEqual(['delivered', 'waiting'])
    })

    test('a replay starts the clock and the attempts anew, and only of what is stuck and kept', async () => {
      const { store } = given()
      const { id } = await store.entries.accept(message())
      expect(await store.entries.replay('unknown', start)).toBe('unknown')
      expect(await store.entries.replay(id, start)).toBe('conflict')
      await store.entries.settle(await claimed(store), end(stuckKept))

      expect(await store.entries.get(id)).toMatchObject({ state: 'stuck', code: 'RETRY_EXHAUSTED' })
      expect(await claimFor(store, later(minute))).toBeUndefined()
      expect(await store.entries.replay(id, later(minute))).toBe('replayed')
      expect(await store.entries.replay(id, later(minute))).toBe('conflict')
      expect(await claimed(store, later(minute))).toMatchObject({
        attempt: 1,
        retrySince: later(minute).toISOString(),
        payload: '{"open":"records"}',
        wasStuck: false,
      })
    })

    test('a stuck entry without payload cannot be replayed, and can be discarded', async () => {
      const { store } = given()
      const { id } = await store.entries.accept(message())
      await store.entries.settle(await claimed(store), end(stuckErased))

      expect(await store.entries.replay(id, start)).toBe('conflict')
      expect(await store.entries.discard(id, start)).toBe('discarded')
    })

    test('a manual entry, which never had a payload, can be replayed', async () => {
      const { store } = given()
      const { id } = await store.entries.accept({ workflow: 'poll', kind: 'manual', locks: [], now: start })
      await store.entries.settle(await claimed(store), end(stuckErased))

      expect(await store.entries.replay(id, start)).toBe('replayed')
    })

    test('discarding erases the payload, and only of what is stuck', async () => {
      const { store, place } = given()
      const { id } = await store.entries.accept(message())
      expect(await store.entries.discard('unknown', start)).toBe('unknown')
      expect(await store.entries.discard(id, start)).toBe('conflict')
      await store.entries.settle(await claimed(store), end(stuckKept))

      expect(await store.entries.discard(id, start)).toBe('discarded')
      expect(await store.entries.discard(id, start)).toBe('conflict')
      expect(await store.entries.get(id)).toMatchObject({ state: 'done', code: 'DISCARDED' })
      expect(await place.rows('select * from payloads')).toEqual([])
      expect(await place.rows("select * from keys where kind = 'day'")).toEqual([])
    })
  })

  describe('lists of entries and runs', () => {
    test('give the newest first, by page, state and kind', async () => {
      const { store } = given()
      const ids = []
      for (let i = 0; i < 5; i++) ids.unshift((await store.entries.accept(message())).id)
      await store.entries.tick('poll', 'lock', start)
      const stuck = await claimed(store)
      await store.entries.settle(stuck, end(stuckKept))
      const idsOf = async (list: Promise<readonly { readonly id: string }[]>) => (await list).map(({ id }) => id)

      expect(await idsOf(store.entries.list({ kind: 'webhook' }))).toEqual(ids)
      expect(await idsOf(store.entries.list({ limit: 2, before: ids[1] ?? '' }))).toEqual(ids.slice(2, 4))
      expect(await idsOf(store.entries.list({ state: 'stuck' }))).toEqual([stuck.id])
      expect(await store.entries.list({ before: 'unknown' })).toEqual([])
      expect(await store.runs.list({ workflow: 'inbox' })).toHaveLength(5)
      expect(await idsOf(store.runs.list({ state: 'success' }))).toEqual([stuck.runId])
      const [newest, next] = await store.runs.list({ limit: 2 })
      expect(await idsOf(store.runs.list({ limit: 1, before: newest?.id ?? '' }))).toEqual([next?.id])
      expect(await store.runs.get('unknown')).toBeUndefined()
    })
  })
}
