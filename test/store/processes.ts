import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Store } from '../../src/store/types.ts'
import { claimFor, message } from './conformance/words.ts'
import { type Neighbour, startNeighbour } from './neighbour.ts'
import type { Place } from './place.ts'

const hour = 3_600_000

/** What a store promises to several processes, some of which are killed or frozen. */
export function processClaims(name: string, makePlace: () => Promise<Place>): void {
  describe(name, { timeout: 60_000 }, () => {
    let place: Place
    let store: Store
    const neighbours: Neighbour[] = []
    const neighbour = async () => {
      const started = await startNeighbour(place.env)
      neighbours.push(started)
      return started
    }

    beforeEach(async () => {
      place = await makePlace()
      store = await place.open()
    })
    afterEach(async () => {
      for (const one of neighbours.splice(0)) await one.kill()
      await store.close()
      await place.remove()
    })

    test('that open an empty store at the same moment make its tables and keys once', async () => {
      const empty = await makePlace()

      const opening = Array.from({ length: 4 }, () => startNeighbour(empty.env))
      neighbours.push(...(await Promise.all(opening)))

      expect(await empty.rows('select id from keys')).toEqual([{ id: 'store' }])
      expect(await empty.rows("select key from meta where key = 'version'")).toHaveLength(1)
      for (const one of neighbours.splice(0)) await one.kill()
      await empty.remove()
    })

    test('each entry is claimed by one of them', async () => {
      for (let i = 0; i < 30; i++) await store.entries.accept(message({ now: new Date() }))
      const [a, b] = await Promise.all([neighbour(), neighbour()])

      for (const one of [a, b]) one.ask({ do: 'work', count: 30 })
      const worked = [...(await a.hear('worked')), ...(await b.hear('worked'))]

      expect(worked).toHaveLength(30)
      expect(new Set(worked).size).toBe(30)
      expect(await store.entries.list({ state: 'done' })).toHaveLength(30)
    })

    test('the claim of a process that was killed is taken over at once, whatever its lease', async () => {
      const { id } = await store.entries.accept(message({ now: new Date() }))
      const killed = await neighbour()
      killed.ask({ do: 'claim', leaseMs: hour })
      const lost = await killed.hear('claim')
      expect(await claimFor(store, new Date())).toBeUndefined()

      await killed.kill()
      const claim = await waitFor(() => claimFor(store, new Date()), 2_000)

      expect(claim).toMatchObject({ id, attempt: 2, fence: lost.fence + 1, payload: lost.payload })
      expect(await store.runs.get(lost.runId)).toMatchObject({ state: 'crashed' })
    })

    test('a process that was frozen past its lease completes nothing when it wakes up', async () => {
      const { id } = await store.entries.accept(message({ now: new Date() }))
      const frozen = await neighbour()
      frozen.ask({ do: 'claim', leaseMs: 300 })
      const claim = await frozen.hear('claim')
      frozen.signal('SIGSTOP')

      const taken = await waitFor(() => claimFor(store, new Date()), 5_000)
      frozen.signal('SIGCONT')
      frozen.ask({ do: 'settle', claim })

      expect(await frozen.hear('settled')).toBe(false)
      expect(taken).toMatchObject({ id, attempt: 2 })
      expect(await store.entries.get(id)).toMatchObject({ state: 'running' })
    })

    test('whatever was acknowledged before a kill -9 is there afterwards, payload and run included', async () => {
      const acknowledged: string[] = []
      for (let round = 0; round < 2; round++) {
        const killed = await neighbour()
        killed.ask({ do: 'accept', count: 300, prefix: `round ${round}` })
        await killed.hear('accepted')
        await new Promise((resolve) => setTimeout(resolve, 40 * round))
        await killed.kill()
        acknowledged.push(...killed.news.flatMap(({ accepted }) => accepted ?? []))
      }

      const again = await place.open()
      const found = new Map<string, string | undefined>()
      for (;;) {
        const claim = await claimFor(again, new Date())
        if (claim === undefined) break
        found.set(claim.id, claim.payload)
      }
      await again.close()

      expect(acknowledged.length).toBeGreaterThan(2)
      expect(acknowledged.filter((id) => !found.get(id)?.startsWith('{"text":"round '))).toEqual([])
    })
  })
}

async function waitFor<T>(look: () => Promise<T | undefined>, withinMs: number): Promise<T> {
  const until = performance.now() + withinMs
  while (performance.now() < until) {
    const found = await look()
    if (found !== undefined) return found
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error(`Not seen within ${withinMs} ms.`)
}
