import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ExchangeError } from '../../src/errors/ExchangeError.ts'
import { createPermitHolder, type PermitHolder } from '../../src/run/permits.ts'
import type { Demand, Store } from '../../src/store/types.ts'
import { sqlitePlace } from '../store/sqlitePlace.ts'

type Place = Awaited<ReturnType<typeof sqlitePlace>>

let place: Place
const stores: Store[] = []
beforeEach(async () => {
  place = await sqlitePlace()
})
afterEach(async () => {
  for (const store of stores.splice(0)) await store.close()
  await place.remove()
})

interface Process {
  readonly holder: PermitHolder
  /** How often it asked the store. */
  readonly asked: Demand[]
}

/** A process with a store of its own on the shared place. */
async function joining(
  limit: number,
  options: Partial<Parameters<typeof createPermitHolder>[0]> = {},
): Promise<Process> {
  const store = await place.open()
  stores.push(store)
  const asked: Demand[] = []
  const permits = {
    share: (demand: Demand) => {
      asked.push(demand)
      return store.permits.share(demand)
    },
  }
  return { asked, holder: createPermitHolder({ permits, name: 'system', limit, now: () => new Date(), ...options }) }
}

const waitMs = 20_000

/** Requests of `ms` each through the holder, `atOnce` at a time, counted in `world`. */
async function work(
  { holder }: Process,
  count: number,
  atOnce: number,
  world: { inFlight: number; most: number },
  ms = 5,
): Promise<void> {
  let left = count
  const lane = async () => {
    while (left-- > 0) {
      const leave = await holder.enter({ waitMs })
      world.inFlight++
      world.most = Math.max(world.most, world.inFlight)
      await sleep(ms)
      world.inFlight--
      leave()
    }
  }
  await Promise.all(Array.from({ length: atOnce }, lane))
}

describe('a process alone', () => {
  test('has as many requests in flight as there are permits, and asks the store now and then only', async () => {
    const world = { inFlight: 0, most: 0 }
    const one = await joining(4)

    await work(one, 400, 8, world)

    expect(world.most).toBe(4)
    expect(one.asked.length).toBeLessThan(20)
  })

  test('gives its permits back when work stays away', async () => {
    const one = await joining(4, { lingerMs: 100 })
    await work(one, 8, 8, { inFlight: 0, most: 0 })

    await sleep(1_200)

    expect(await place.rows('select * from permits')).toEqual([])
  })

  test('whoever waits enters in the order in which they came', async () => {
    const one = await joining(1)
    const order: number[] = []

    await Promise.all(
      [1, 2, 3, 4].map(async (number) => {
        const leave = await one.holder.enter({ waitMs })
        order.push(number)
        leave()
        leave()
      }),
    )

    expect(order).toEqual([1, 2, 3, 4])
  })

  test('a request that waits too long, or is given up, was not sent', async () => {
    const one = await joining(1)
    const leave = await one.holder.enter({ waitMs })
    const stop = new AbortController()

    const late = one.holder.enter({ waitMs: 50 })
    const stopped = one.holder.enter({ waitMs, signal: stop.signal })
    setTimeout(() => stop.abort(), 50)

    const expected = { code: 'REMOTE_DOWN', retry: 'later', reach: 'not_reached' }
    await expect(late).rejects.toMatchObject(expected)
    await expect(stopped).rejects.toMatchObject(expected)
    await expect(one.holder.enter({ waitMs, signal: stop.signal })).rejects.toMatchObject(expected)
    leave()
    await expect(one.holder.enter({ waitMs })).resolves.toBeTypeOf('function')
  })

  test('permits that must not be used are given back, and those who wait are told why', async () => {
    let isStopped = true
    const stop = new ExchangeError('Stopped.', { code: 'CREDENTIALS_REFUSED', retry: 'never' })
    const one = await joining(2, { admit: async () => (isStopped ? Promise.reject(stop) : undefined) })

    const refused = await Promise.allSettled([1, 2, 3].map(() => one.holder.enter({ waitMs })))

    expect(refused.map((result) => result.status === 'rejected' && result.reason)).toEqual([stop, stop, stop])
    await sleep(50)
    expect(await place.rows('select * from permits')).toEqual([])
    isStopped = false
    await expect(one.holder.enter({ waitMs })).resolves.toBeTypeOf('function')
  })

  test('after forfeit nothing begins without being admitted anew', async () => {
    let admissions = 0
    const one = await joining(2, {
      admit: async () => {
        admissions++
      },
    })
    const leave = await one.holder.enter({ waitMs })
    one.holder.forfeit()
    leave()

    await one.holder.enter({ waitMs })

    expect(admissions).toBe(2)
  })

  test('a store that fails is said to those who wait, and asked again by the next', async () => {
    const gone = new ExchangeError('Gone.', { code: 'STORE_UNAVAILABLE', retry: 'later' })
    let isGone = true
    const store = await place.open()
    stores.push(store)
    const permits = {
      share: (demand: Demand) => (isGone ? Promise.reject(gone) : store.permits.share(demand)),
    }
    const holder = createPermitHolder({ permits, name: 'system', limit: 2, now: () => new Date() })

    await expect(holder.enter({ waitMs })).rejects.toBe(gone)
    isGone = false
    await expect(holder.enter({ waitMs })).resolves.toBeTypeOf('function')
  })
})

describe('several processes', () => {
  test.each([
    { processes: 2, limit: 4 },
    { processes: 3, limit: 4 },
    { processes: 6, limit: 2 },
  ])(
    '$processes with $limit permits never have more requests in flight, and all get through',
    { timeout: 60_000 },
    async ({ processes, limit }) => {
      const world = { inFlight: 0, most: 0 }
      const all = await Promise.all(Array.from({ length: processes }, () => joining(limit)))

      await Promise.all(all.map((one) => work(one, 100, 8, world)))

      expect(world.most).toBeLessThanOrEqual(limit)
      expect(world.inFlight).toBe(0)
    },
  )

  test('one that comes while another is busy soon has its part', { timeout: 60_000 }, async () => {
    const world = { inFlight: 0, most: 0 }
    const [busy, late] = [await joining(4), await joining(4)]
    const working = work(busy, 1_000, 8, world, 10)
    await sleep(300)

    const came = performance.now()
    const leave = await late.holder.enter({ waitMs })
    const waitedMs = performance.now() - came
    leave()
    await working

    expect(waitedMs).toBeLessThan(2_000)
    expect(world.most).toBeLessThanOrEqual(4)
  })
})
