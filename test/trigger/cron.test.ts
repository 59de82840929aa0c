import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createLog } from '../../src/log/log.ts'
import type { Project } from '../../src/project/types.ts'
import { startLocalDispatcher } from '../../src/store/dispatch/local.ts'
import type { Store } from '../../src/store/types.ts'
import { workflowLock } from '../../src/store/workflowLock.ts'
import { createClock, nextTick } from '../../src/trigger/cron.ts'
import { temporaryStore } from './listening.ts'

const utc = (text: string) => new Date(`${text}Z`)

describe('next tick', () => {
  it.each([
    ['0 * * * *', '2026-01-01T10:00:00', '2026-01-01T11:00:00'],
    ['0 * * * *', '2026-01-01T09:59:59.999', '2026-01-01T10:00:00'],
    ['*/15 * * * *', '2026-01-01T10:07:30', '2026-01-01T10:15:00'],
    ['30 2 * * *', '2026-12-31T02:30:00', '2027-01-01T02:30:00'],
    ['0 0 29 2 *', '2026-01-01T00:00:00', '2028-02-29T00:00:00'],
    ['0 6 * * 1', '2026-01-01T00:00:00', '2026-01-05T06:00:00'],
    ['*/2 * * * * *', '2026-01-01T10:00:00.500', '2026-01-01T10:00:02'],
  ])('of %s after %s is %s', (pattern, after, expected) => {
    expect(nextTick(pattern, utc(after))).toEqual(utc(expected))
  })

  it.each([
    ['the hour that Athens skips in March', '2026-03-28T02:30:00', 4],
    ['the hour that Athens has twice in October', '2026-10-24T02:30:00', 4],
    ['the hour that New York skips in March', '2026-03-07T02:30:00', 4],
  ])('F22: patterns are UTC: 02:30 comes once a day through %s', (_, from, days) => {
    const ticks = [utc(from)]
    for (let day = 0; day < days; day++) ticks.push(nextTick('30 2 * * *', ticks.at(-1) ?? utc(from)) ?? utc(from))

    const gaps = ticks.slice(1).map((tick, n) => tick.getTime() - (ticks[n]?.getTime() ?? 0))

    expect(gaps).toEqual(Array.from({ length: days }, () => 86_400_000))
  })

  it('never comes where the calendar has no such day', () => {
    expect(nextTick('0 0 30 2 *', utc('2026-01-01T00:00:00'))).toBeUndefined()
  })
})

describe('cron triggers', () => {
  it('a tick is an entry without a message, and the worker is woken', async () => {
    const store = await temporaryStore()

    const { wakes } = await run(store, '* * * * * *', 2_500)

    const entries = await store.entries.list({})
    expect(entries).toHaveLength(1)
    expect(entries[0]).toMatchObject({ workflow: 'poll', kind: 'tick', state: 'waiting' })
    expect(wakes).toBe(1)
  })

  it('ticks that come while one is unfinished are skipped, and the next comes when it is done', async () => {
    const store = await temporaryStore()
    const cron = start(store, '* * * * * *')
    await sleep(2_200)
    await finishTick(store)

    await sleep(1_500)
    await cron.stop()

    expect((await store.entries.list({})).map(({ state }) => state)).toEqual(['waiting', 'done'])
    expect(cron.lines.join('')).toContain('"cron tick skipped"')
  })

  it('F26: ticks missed for six hours are one tick at the start', async () => {
    const store = await temporaryStore()
    const now = utc('2026-01-01T16:20:00')
    await store.cursors.write('cron:poll', utc('2026-01-01T10:05:00').toISOString(), now)

    await run(store, '0 * * * *', 300, now)

    expect(await store.entries.list({})).toHaveLength(1)
  })

  it('no tick was missed: none at the start', async () => {
    const store = await temporaryStore()
    const now = utc('2026-01-01T10:50:00')
    await store.cursors.write('cron:poll', utc('2026-01-01T10:05:00').toISOString(), now)

    await run(store, '0 * * * *', 300, now)

    expect(await store.entries.list({})).toEqual([])
  })

  it('the very first start waits for its tick, and remembers that it does', async () => {
    const store = await temporaryStore()

    await run(store, '0 * * * *', 300, utc('2026-01-01T10:50:00'))
    expect(await store.entries.list({})).toEqual([])
    await run(store, '0 * * * *', 300, utc('2026-01-01T11:01:00'))

    expect(await store.entries.list({})).toHaveLength(1)
  })

  it('F21: a clock that ran ahead and was set back does not silence the trigger', async () => {
    const store = await temporaryStore()
    const now = utc('2026-01-01T10:50:00')
    await store.cursors.write('cron:poll', utc('2027-01-01T00:00:00').toISOString(), now)

    await run(store, '0 * * * *', 300, now)
    await run(store, '0 * * * *', 300, utc('2026-01-01T11:00:01'))

    expect(await store.entries.list({})).toHaveLength(1)
  })

  it('the clock of another machine may be some minutes ahead: its tick is not taken again', async () => {
    const store = await temporaryStore()
    await store.cursors.write('cron:poll', utc('2026-01-01T10:05:00').toISOString(), utc('2026-01-01T10:05:00'))
    await run(store, '0 * * * *', 300, utc('2026-01-01T11:00:01'))
    await finishTick(store)

    await run(store, '0 * * * *', 300, utc('2026-01-01T10:59:58'))
    await run(store, '0 * * * *', 300, utc('2026-01-01T11:00:03'))

    expect(await store.entries.list({})).toHaveLength(1)
  })

  it('two processes on one store write each tick once, even when its run is over at once', async () => {
    const store = await temporaryStore()
    const now = utc('2026-01-01T16:00:00')
    await store.cursors.write('cron:poll', utc('2026-01-01T15:30:00').toISOString(), now)

    await run(store, '0 * * * *', 300, now)
    await finishTick(store)
    await run(store, '0 * * * *', 300, now)

    expect(await store.entries.list({})).toHaveLength(1)
  })

  it('two processes that read the clock of the store at the same moment write the tick once', async () => {
    const store = await temporaryStore()
    const now = utc('2026-01-01T16:00:00')
    await store.cursors.write('cron:poll', utc('2026-01-01T15:30:00').toISOString(), now)
    const slow = {
      ...store,
      cursors: { ...store.cursors, read: async (name: string) => sleep(200, await store.cursors.read(name)) },
    }

    const late = run(slow, '0 * * * *', 600, now)
    await run(store, '0 * * * *', 100, now)
    await finishTick(store)
    await late

    expect(await store.entries.list({})).toHaveLength(1)
  })

  it('a disabled trigger and a webhook never tick', async () => {
    const store = await temporaryStore()
    const now = utc('2026-01-01T16:00:00')
    await store.cursors.write('cron:poll', utc('2026-01-01T10:00:00').toISOString(), now)

    await run(store, '0 * * * *', 300, now, false)

    expect(await store.entries.list({})).toEqual([])
  })

  it('a store that fails is tried again and stops nobody', async () => {
    const store = await temporaryStore()
    const failing = { ...store, cursors: { ...store.cursors, read: () => Promise.reject(new Error('gone')) } }

    const { lines } = await run(failing, '* * * * * *', 300)

    expect(lines.join('')).toContain('"store failed"')
  })

  it('a tick, and a run that a person asks for, take the same lock', async () => {
    const store = await temporaryStore()
    const now = new Date()
    await store.entries.tick('poll', workflowLock(store, 'poll'), now)
    await store.entries.accept({ workflow: 'poll', kind: 'manual', locks: [workflowLock(store, 'poll')], now })

    const claims = [await claim(), await claim()]

    expect(claims.map((found) => found?.kind)).toEqual(['tick', undefined])

    function claim() {
      return store.entries.claim({ owner: 'test', now, leaseMs: 10_000 })
    }
  })
})

function start(store: Store, pattern: string, now?: Date, enabled = true) {
  const workflows: Project['workflows'] = {
    poll: {
      key: 'poll',
      name: 'poll',
      trigger: { key: 'cron', type: 'cron', enabled, cron: pattern },
      jobs: {},
      edges: [],
    },
    inbox: {
      key: 'inbox',
      name: 'inbox',
      trigger: { key: 'webhook', type: 'webhook', enabled: true },
      jobs: {},
      edges: [],
    },
  }
  const lines: string[] = []
  const seen = { wakes: 0 }
  const log = createLog({ level: 'debug', write: (line) => lines.push(line) })
  const clock = createClock({ workflows, store, log, ...(now === undefined ? {} : { now: () => now }) })
  const { stop } = startLocalDispatcher({ ...clock, wake: () => seen.wakes++, room: () => 1, log })
  onTestFinished(stop)
  return { stop, lines, seen }
}

/** A run of the tick that is over at once. */
async function finishTick(store: Store): Promise<void> {
  const now = new Date()
  const claim = await store.entries.claim({ owner: 'test', now, leaseMs: 10_000 })
  if (claim === undefined) throw new Error('There is no tick.')
  const fate = { state: 'done' } as const
  await store.entries.settle(claim, { state: 'success', records: [], fate, now, mappingVersion: 'v1' })
}

async function run(store: Store, pattern: string, forMs: number, now?: Date, enabled?: boolean) {
  const { stop, lines, seen } = start(store, pattern, now, enabled)
  await sleep(forMs)
  await stop()
  return { lines, wakes: seen.wakes }
}
