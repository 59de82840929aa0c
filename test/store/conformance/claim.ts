import { describe, expect, test } from 'vitest'
import type { Given } from '../conformance.ts'
import { later, minute, start } from '../place.ts'
import { claimed, claimFor, done, end, message, stuckKept, stuckUntil, waitsUntil } from './words.ts'

export function claimClaims(given: () => Given): void {
  describe('claiming', () => {
    test('a claim gives the payload, starts the promised run and counts the attempt', async () => {
      const { store } = given()
      const { id, runId } = await store.entries.accept(message())

      const claim = await claimed(store, later(5))

      expect(claim).toEqual({
        id,
        runId,
        workflow: 'inbox',
        kind: 'webhook',
        payload: '{"child":"invented"}',
        attempt: 1,
        retrySince: later(5).toISOString(),
        fence: 1,
        wasStuck: false,
      })
      expect(await store.entries.get(id)).toMatchObject({ state: 'running', attempt: 1, due_at: null })
      expect(await store.runs.get(runId)).toMatchObject({ state: 'started', started_at: later(5).toISOString() })
      expect(await claimFor(store)).toBeUndefined()
    })

    test('the clock of RETRY_FOR starts with the first attempt, and one that was given back does not count as an attempt', async () => {
      const { store } = given()
      const { id } = await store.entries.accept(message())
      const days = (n: number) => later(n * 24 * 60 * minute)

      await store.entries.release(await claimed(store, days(3), id), days(3))
      const first = await claimed(store, days(4), id)
      await store.entries.settle(first, end(waitsUntil(days(5))))
      const second = await claimed(store, days(5), id)

      expect([first, second].map(({ attempt, retrySince }) => [attempt, retrySince])).toEqual([
        [1, days(4).toISOString()],
        [2, days(4).toISOString()],
      ])
    })

    test('an entry without payload is claimed without one', async () => {
      const { store } = given()
      await store.entries.accept({ workflow: 'poll', kind: 'manual', locks: ['poll'], now: start })

      expect(await claimed(store)).not.toHaveProperty('payload')
    })

    test('the one that is due longest comes first, and none before it is due', async () => {
      const { store } = given()
      const [first, second] = [await store.entries.accept(message()), await store.entries.accept(message())]
      await store.entries.settle(await claimed(store, start, first.id), end(waitsUntil(later(2 * minute))))
      const third = await store.entries.accept(message({ now: later(minute) }))

      const order = [await claimed(store, later(3 * minute)), await claimed(store, later(3 * minute))]
      expect(order.map(({ id }) => id)).toEqual([second.id, third.id])
      expect(await claimFor(store, later(minute))).toBeUndefined()
      expect(await claimed(store, later(2 * minute))).toMatchObject({ id: first.id, attempt: 2 })
    })

    test('entries that share a lock run one after another in the order they came', async () => {
      const { store } = given()
      const first = await store.entries.accept(message({ locks: ['child a', 'child b'] }))
      const second = await store.entries.accept(message({ locks: ['child b'] }))
      const other = await store.entries.accept(message({ locks: ['child c'] }))

      const running = await claimed(store)
      expect(running.id).toBe(first.id)
      expect((await claimed(store)).id).toBe(other.id)
      expect(await claimFor(store)).toBeUndefined()
      expect(await claimFor(store, start, second.id)).toBeUndefined()

      await store.entries.settle(running, end(waitsUntil(later(2000))))
      expect(await claimFor(store)).toBeUndefined()
      await store.entries.settle(await claimed(store, later(2000)), end(done))
      expect((await claimed(store)).id).toBe(second.id)
    })

    test('a batch that waits for some of its children lets go of the others', async () => {
      const { store } = given()
      await store.entries.accept(message({ locks: ['child a', 'child b'] }))
      const second = await store.entries.accept(message({ locks: ['child b'] }))
      const waiting = { ...waitsUntil(later(minute), '{"a":1}'), locks: ['child a'] }
      await store.entries.settle(await claimed(store), end(waiting))

      expect((await claimed(store)).id).toBe(second.id)
    })

    test('a stuck entry holds nobody up', async () => {
      const { store } = given()
      await store.entries.accept(message({ locks: ['child'] }))
      const second = await store.entries.accept(message({ locks: ['child'] }))
      await store.entries.settle(await claimed(store), end(stuckKept))

      expect((await claimed(store)).id).toBe(second.id)
    })

    test('a stuck entry that owes an answer is claimed when it is due, after whatever runs for the same child', async () => {
      const { store } = given()
      const first = await store.entries.accept(message({ locks: ['child'] }))
      await store.entries.settle(await claimed(store), end(stuckUntil(later(2000))))
      await store.entries.accept(message({ locks: ['child'] }))
      const running = await claimed(store)

      expect(await claimFor(store, later(2000))).toBeUndefined()
      await store.entries.settle(running, end(done))
      expect(await claimed(store, later(2000))).toMatchObject({ id: first.id, wasStuck: true, attempt: 2 })
    })

    test('an entry whose lease ran out is taken over, and its first owner can complete nothing', async () => {
      const { store, open } = given()
      const { id, runId } = await store.entries.accept(message())
      const lost = await claimed(store)
      const another = await open()
      expect(await claimFor(another, later(minute - 1))).toBeUndefined()

      const claim = await claimed(another, later(minute))

      expect(claim).toMatchObject({ id, attempt: 2, fence: 2, payload: '{"child":"invented"}' })
      expect(claim.runId).not.toBe(runId)
      expect(await store.runs.get(runId)).toMatchObject({
        state: 'crashed',
        finished_at: later(minute).toISOString(),
      })
      expect(await store.entries.beat(lost.id, lost.fence, later(minute), minute)).toBe(false)
      expect(await store.entries.settle(lost, end(done, { a: 'delivered' }))).toBe(false)
      await store.entries.release(lost, later(minute))
      expect(await store.entries.get(id)).toMatchObject({ state: 'running', attempt: 2 })
      expect(await another.entries.settle(claim, end(done, { a: 'delivered' }))).toBe(true)
    })

    test('a heart-beat keeps the claim', async () => {
      const { store, open } = given()
      const { id } = await store.entries.accept(message())
      const claim = await claimed(store)
      const another = await open()

      expect(await store.entries.beat(id, claim.fence, later(minute - 1), minute)).toBe(true)

      expect(await claimFor(another, later(minute))).toBeUndefined()
      expect(await claimFor(another, later(2 * minute))).toMatchObject({ id })
    })

    test('the entries of a process that is gone are taken over before their lease runs out', async () => {
      const { store, open } = given()
      const { id } = await store.entries.accept(message({ locks: ['child'] }))
      await claimed(store)
      const another = await open()
      await store.close()

      await expect.poll(() => claimFor(another), { timeout: 5_000 }).toMatchObject({ id, attempt: 2 })
    })

    test('an answer owed by a stuck entry is still owed after its claim was lost', async () => {
      const { store, open } = given()
      await store.entries.accept(message())
      await store.entries.settle(await claimed(store), end(stuckUntil(start)))
      await claimed(store)
      const another = await open()

      expect(await claimed(another, later(minute))).toMatchObject({ wasStuck: true, attempt: 3 })
    })

    test('an entry replayed while a younger one of the same child runs waits for it, also when that one is taken over', async () => {
      const { store, open } = given()
      const first = await store.entries.accept(message({ locks: ['child'] }))
      const second = await store.entries.accept(message({ locks: ['child'] }))
      await store.entries.settle(await claimed(store), end(stuckKept))
      await claimed(store)
      await store.entries.replay(first.id, start)
      expect(await claimFor(store)).toBeUndefined()
      const another = await open()

      const over = await claimed(another, later(minute))
      expect(over.id).toBe(second.id)
      await another.entries.settle(over, end(done))
      expect((await claimed(another, later(minute))).id).toBe(first.id)
    })

    test('a claim that is given back is as it was', async () => {
      const { store } = given()
      const { id, runId } = await store.entries.accept(message())
      const claim = await claimed(store)

      await store.entries.release(claim, later(7))

      expect(await store.entries.get(id)).toMatchObject({
        state: 'waiting',
        attempt: 0,
        due_at: later(7).toISOString(),
      })
      expect(await store.runs.get(runId)).toMatchObject({ state: 'available', started_at: null })
      expect(await claimed(store, later(7))).toMatchObject({ runId, attempt: 1, fence: 2 })
    })

    test('a stuck entry that is given back stays stuck and still owes its answer', async () => {
      const { store } = given()
      const { id } = await store.entries.accept(message())
      await store.entries.settle(await claimed(store), end(stuckUntil(start)))
      await store.entries.release(await claimed(store), start)

      expect(await store.entries.get(id)).toMatchObject({ state: 'stuck', due_at: start.toISOString() })
      expect(await claimed(store)).toMatchObject({ id, wasStuck: true })
    })

    test('two processes that claim at one time get each entry once, and never two of one child', async () => {
      const { store, open } = given()
      const stores = [store, await open()]
      for (let i = 0; i < 30; i++)
        await store.entries.accept(message({ payload: `${i % 6}`, locks: [`child ${i % 6}`] }))
      const running = new Set<string>()
      const order: string[] = []

      const work = async (mine: typeof store) => {
        for (let misses = 0; misses < 20; ) {
          const claim = await claimFor(mine)
          if (claim === undefined) {
            misses++
            await new Promise((resolve) => setTimeout(resolve, 5))
            continue
          }
          const child = claim.payload ?? ''
          expect(running.has(child)).toBe(false)
          running.add(child)
          order.push(claim.id)
          await mine.runs.get(claim.runId)
          running.delete(child)
          await mine.entries.settle(claim, end(done))
        }
      }
      await Promise.all([...stores, ...stores].map(work))

      expect(order).toHaveLength(30)
      expect(new Set(order).size).toBe(30)
    })

    test('the next time is that of the earliest entry that nobody holds up, or of a lease', async () => {
      const { store } = given()
      expect(await store.entries.nextDue()).toBeUndefined()
      await store.entries.accept(message({ locks: ['child'] }))
      await store.entries.accept(message({ locks: ['child'] }))
      expect(await store.entries.nextDue()).toBe(start.toISOString())

      const claim = await claimed(store)
      expect(await store.entries.nextDue()).toBe(later(minute).toISOString())
      await store.entries.settle(claim, end(stuckUntil(later(9))))
      await store.entries.settle(await claimed(store), end(waitsUntil(later(50))))
      expect(await store.entries.nextDue()).toBe(later(9).toISOString())
    })
  })
}
