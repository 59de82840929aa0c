import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createLog } from '../../src/log/log.ts'
import type { Dispatcher, DispatchOptions } from '../../src/store/dispatch/types.ts'
import type { Store } from '../../src/store/types.ts'
import { createClock } from '../../src/trigger/cron.ts'
import type { Place } from '../store/place.ts'
import { soon } from './soon.ts'

export interface DispatchPlace extends Place {
  startDispatcher(options: DispatchOptions): Promise<Dispatcher>
}

/** A process as a dispatcher sees it. */
export interface Member {
  readonly dispatcher: Dispatcher
  readonly store: Store
  readonly seen: { wakes: number; readonly asked: string[] }
  readonly lines: readonly string[]
}

interface Joining {
  readonly schedules?: Readonly<Record<string, string>>
  readonly room?: () => number
  readonly now?: () => Date
  readonly tick?: DispatchOptions['tick']
}

/** Processes that share one place; those still there at the end leave. */
export function membersOf(place: () => DispatchPlace) {
  const members: Member[] = []
  return {
    async join({ schedules = {}, room = () => 1, now = () => new Date(), tick }: Joining = {}): Promise<Member> {
      const store = await place().open()
      const seen = { wakes: 0, asked: [] as string[] }
      const lines: string[] = []
      const log = createLog({ level: 'debug', write: (line) => lines.push(line) })
      const clock = createClock({ workflows: workflowsOf(schedules), store, log, now })
      const dispatcher = await place().startDispatcher({
        schedules: clock.schedules,
        tick: (workflow) => {
          seen.asked.push(workflow)
          return (tick ?? clock.tick)(workflow)
        },
        wake: () => seen.wakes++,
        room,
        log,
      })
      members.push({ dispatcher, store, seen, lines })
      return { dispatcher, store, seen, lines }
    },
    async leave(): Promise<void> {
      await Promise.all(members.map(({ dispatcher }) => dispatcher.stop()))
      for (const { store } of members.splice(0)) await store.close()
    },
  }
}

/** What every dispatcher promises, whatever carries its news. */
export function dispatcherConformance(name: string, makePlace: () => Promise<DispatchPlace>): void {
  describe(name, { timeout: 60_000 }, () => {
    let place: DispatchPlace
    const { join, leave } = membersOf(() => place)
    beforeEach(async () => {
      place = await makePlace()
    })
    afterEach(async () => {
      await leave()
      await place.remove()
    })

    test('an entry that is announced wakes the worker here at once', async () => {
      const { dispatcher, seen } = await join()

      dispatcher.announce('8c1d0f3e-0000-4000-8000-000000000001')
      expect(seen.wakes).toBe(1)
      dispatcher.announce()
      expect(seen.wakes).toBe(2)
    })

    test('announcing never fails, also when it has stopped', async () => {
      const { dispatcher } = await join()
      await dispatcher.stop()

      dispatcher.announce('8c1d0f3e-0000-4000-8000-000000000001')
      await dispatcher.stop()
    })

    test('a tick that was missed while nothing ran is taken at the start, and wakes a worker', async () => {
      await missed('poll')

      const { store, seen } = await join({ schedules: { poll: '0 * * * *' } })

      await soon(async () => expect(await ticksOf(store)).toEqual(['poll']))
      await soon(async () => expect(seen.wakes).toBeGreaterThan(0))
    })

    test('of ten processes that start at the same moment one takes each tick', async () => {
      await missed('poll', 'tell')

      const schedules = { poll: '0 * * * *', tell: '5 * * * *' }
      const members = await Promise.all(Array.from({ length: 10 }, () => join({ schedules })))
      await soon(async () => {
        for (const { seen } of members) expect(new Set(seen.asked)).toEqual(new Set(['poll', 'tell']))
      })
      await sleep(300)

      const [first] = members
      expect((await ticksOf(first?.store)).toSorted()).toEqual(['poll', 'tell'])
    })

    test('a workflow without a tick that is due gets none', async () => {
      const { store, seen } = await join({ schedules: { yearly: '0 0 29 2 *' } })

      await soon(async () => expect(seen.asked).toEqual(['yearly']))
      expect(await ticksOf(store)).toEqual([])
      expect(seen.wakes).toBe(0)
    })

    test('asking that fails is written down and stops nobody', async () => {
      const failing = await join({
        schedules: { poll: '0 * * * *' },
        tick: () => Promise.reject(new Error('the store is away')),
      })

      await soon(async () => expect(failing.lines.join('')).toContain('"store failed"'))
      failing.dispatcher.announce('8c1d0f3e-0000-4000-8000-000000000001')
      expect(failing.seen.wakes).toBe(1)
      expect(failing.lines.join('')).not.toContain('the store is away')
    })

    test('when it has stopped, no tick is being taken any more', async () => {
      let ended = 0
      const { dispatcher, seen } = await join({
        schedules: { poll: '0 * * * *' },
        tick: async () => {
          await sleep(300)
          ended++
          return { nextMs: 10 }
        },
      })
      await soon(async () => expect(seen.asked.length).toBeGreaterThan(0))

      await dispatcher.stop()

      const asked = seen.asked.length
      expect(ended).toBe(asked)
      await sleep(500)
      expect(seen.asked).toHaveLength(asked)
    })

    /** The last tick of these workflows was two hours ago. */
    async function missed(...workflows: readonly string[]): Promise<void> {
      const store = await place.open()
      const then = new Date(Date.now() - 2 * 3_600_000)
      for (const workflow of workflows) await store.cursors.write(`cron:${workflow}`, then.toISOString(), then)
      await store.close()
    }
  })
}

/** Workflows of the ticks that were stored. */
export async function ticksOf(store: Store | undefined): Promise<readonly string[]> {
  const entries = (await store?.entries.list({ kind: 'tick' })) ?? []
  return entries.map(({ workflow }) => workflow)
}

function workflowsOf(schedules: Readonly<Record<string, string>>) {
  return Object.fromEntries(
    Object.entries(schedules).map(([key, cron]) => [
      key,
      { key, name: key, trigger: { key: 'cron', type: 'cron', enabled: true, cron } as const, jobs: {}, edges: [] },
    ]),
  )
}
