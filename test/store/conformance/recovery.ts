import { describe, expect, test } from 'vitest'
import type { OpenRecord } from '../../../src/store/types.ts'
import type { Given } from '../conformance.ts'
import { later, minute, start } from '../place.ts'
import { claimed, end, leave, message, stuckUntil, waitsUntil } from './words.ts'

const hour = 60 * minute
const kept = (key: string, more: Partial<OpenRecord>): OpenRecord => ({
  key,
  outcome: 'waiting',
  code: 'REMOTE_DOWN',
  ids: {},
  attempt: 3,
  due_at: later(6 * hour).toISOString(),
  since: start.toISOString(),
  ...more,
})

export function recoveryClaims(given: () => Given): void {
  describe('when a silent system answers again', () => {
    test('what waits for one is due now, or when its shortest wait is over; what waits for something else is not', async () => {
      const { store } = given()
      const now = later(hour)
      const cut = (at: Date) => ({ ...waitsUntil(later(6 * hour)), notBefore: at.toISOString() })
      const fates = {
        long: cut(later(minute)),
        fresh: cut(later(hour + minute)),
        other: waitsUntil(later(6 * hour)),
        due: { ...waitsUntil(later(minute)), notBefore: start.toISOString() },
        owed: stuckUntil(later(6 * hour)),
      }
      const ids: Record<string, string> = {}
      for (const [name, fate] of Object.entries(fates)) {
        const { id } = await store.entries.accept(message())
        ids[name] = id
        await store.entries.settle(await claimed(store, start, id), end(fate))
      }
      await leave(store, {
        keep: [kept('a', { not_before: start.toISOString() }), kept('b', {})],
      })

      const moved = await store.entries.bringForward(now)

      const due = async (name: string) => (await store.entries.get(ids[name] ?? ''))?.due_at
      expect(moved).toBe(3)
      expect(await due('long')).toBe(now.toISOString())
      expect(await due('fresh')).toBe(later(hour + minute).toISOString())
      expect(await due('other')).toBe(later(6 * hour).toISOString())
      expect(await due('due')).toBe(later(minute).toISOString())
      expect(await due('owed')).toBe(later(6 * hour).toISOString())
      expect((await store.records.due('poll', now)).map(({ key }) => key)).toEqual(['a'])
    })

    test('an attempt that is brought forward is counted as the one it is, and fails like any other', async () => {
      const { store } = given()
      const { id } = await store.entries.accept(message())
      const fate = { ...waitsUntil(later(6 * hour)), notBefore: later(minute).toISOString() }
      await store.entries.settle(await claimed(store, start, id), end(fate))
      await store.entries.bringForward(later(hour))

      const claim = await claimed(store, later(hour), id)
      await store.entries.settle(claim, end(waitsUntil(later(9 * hour))))
      const again = await store.entries.bringForward(later(2 * hour))

      expect(claim).toMatchObject({ attempt: 2, retrySince: start.toISOString() })
      expect(again).toBe(0)
      expect(await store.entries.get(id)).toMatchObject({ attempt: 2, due_at: later(9 * hour).toISOString() })
    })
  })
}
