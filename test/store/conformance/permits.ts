import { describe, expect, test } from 'vitest'
import type { Demand, Store } from '../../../src/store/types.ts'
import type { Given } from '../conformance.ts'
import { later, minute, start } from '../place.ts'

/** What every store promises about permits: places that all its processes divide among themselves. */
export function permitClaims(given: () => Given): void {
  const share = (store: Store, more: Partial<Demand>) =>
    store.permits.share({
      name: 'system',
      limit: 4,
      inUse: 0,
      wanted: 4,
      turnIsOver: false,
      now: start,
      leaseMs: minute,
      ...more,
    })

  describe('permits', () => {
    test('a process alone has all that it wants, and never more than there are', async () => {
      const { store } = given()

      expect(await share(store, { wanted: 3 })).toEqual({ held: 3, contested: false, since: start.toISOString() })
      expect(await share(store, { wanted: 9 })).toMatchObject({ held: 4 })
      expect(await share(store, { wanted: 9, name: 'another system' })).toMatchObject({ held: 4 })
    })

    test('a second process gets its half when the first has let go of it', async () => {
      const { store, open } = given()
      const second = await open()
      await share(store, { inUse: 0 })

      expect(await share(second, { now: later(1) })).toMatchObject({ held: 0 })
      expect(await share(store, { inUse: 4, now: later(2) })).toMatchObject({ held: 2, contested: true })
      expect(await share(second, { now: later(3) })).toMatchObject({ held: 0 })
      expect(await share(store, { inUse: 3, now: later(4) })).toMatchObject({ held: 2 })
      expect(await share(second, { now: later(5) })).toMatchObject({ held: 1 })
      expect(await share(store, { inUse: 1, now: later(6) })).toMatchObject({ held: 2 })
      expect(await share(second, { inUse: 1, now: later(7) })).toMatchObject({ held: 2 })
    })

    test('what one does not want the others have', async () => {
      const { store, open } = given()
      const second = await open()
      await share(store, { wanted: 1 })

      expect(await share(second, { now: later(1) })).toMatchObject({ held: 3 })
      await share(store, { wanted: 0, now: later(2) })
      expect(await share(second, { now: later(3) })).toMatchObject({ held: 4, contested: false })
    })

    test('more processes than permits take turns, and each comes to its own', async () => {
      const { store, open } = given()
      const all = [store, await open(), await open()]
      const turns: number[] = []

      for (let round = 0; round < 9; round++) {
        const now = later(round * 10)
        const holds: number[] = []
        for (const one of all) holds.push((await share(one, { limit: 1, wanted: 1, now })).held)
        // Whoever holds one gives its turn away, and those who wait look again.
        const holder = holds.indexOf(1)
        turns.push(holder)
        const after = await share(all[holder] ?? store, {
          limit: 1,
          wanted: 1,
          turnIsOver: true,
          now: later(round * 10 + 5),
        })
        expect(holds.filter((held) => held === 1)).toHaveLength(1)
        expect(after.held).toBe(0)
      }

      expect(turns.map((turn) => turns.filter((other) => other === turn).length)).toEqual(turns.map(() => 3))
    })

    test('all together never hold more than there are, whatever they want and in whatever order they ask', async () => {
      const { store, open } = given()
      const all = [store, await open(), await open(), await open()]
      const holds = new Map<Store, number>()
      let seed = 7
      const random = (below: number) => {
        seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648
        return seed % below
      }

      for (let round = 0; round < 25; round++) {
        await Promise.all(
          all.map(async (one) => {
            const inUse = random((holds.get(one) ?? 0) + 1)
            const wanted = inUse + random(5)
            // What it uses while it asks is what it says that it uses.
            holds.set(one, inUse)
            const { held } = await share(one, { inUse, wanted, turnIsOver: random(3) === 0, now: later(round) })
            holds.set(one, Math.max(inUse, held))
          }),
        )
        expect([...holds.values()].reduce((sum, held) => sum + held, 0)).toBeLessThanOrEqual(4)
      }
    })

    test('the permits of a process that is gone are free at once, those of a frozen one after its lease', async () => {
      const { store, open } = given()
      const dead = await open()
      await share(dead, { wanted: 2 })
      const frozen = await open()
      await share(frozen, { wanted: 2, now: later(1) })
      expect(await share(store, { now: later(2) })).toMatchObject({ held: 0 })

      await dead.close()
      await new Promise((resolve) => setTimeout(resolve, 600))

      expect(await share(store, { now: later(3) })).toMatchObject({ held: 2 })
      expect(await share(store, { now: later(minute + 2) })).toMatchObject({ held: 4 })
    })
  })
}
