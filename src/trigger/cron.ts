import { Cron } from 'croner'
import type { Log } from '../log/log.ts'
import type { Project } from '../project/types.ts'
import type { DispatchOptions } from '../store/dispatch/types.ts'
import type { Store } from '../store/types.ts'
import { workflowLock } from '../store/workflowLock.ts'

interface ClockOptions {
  readonly workflows: Project['workflows']
  readonly store: Pick<Store, 'fingerprint'> & {
    readonly entries: Pick<Store['entries'], 'tick'>
    readonly cursors: Pick<Store['cursors'], 'read' | 'move'>
  }
  readonly log: Log
  readonly now?: () => Date
}

/** A last tick this far in the future comes from a clock that was wrong; nearer, from another machine's. */
const wrongClockMs = 10 * 60_000

/**
 * The enabled cron triggers, and how their ticks become entries: a dispatcher asks when it believes that one is due.
 *
 * The last tick of each workflow is kept in the store and moves with the entry in one transaction. So ticks that were
 * missed while nothing ran become one tick at the start, however many they were; and of several processes on one store
 * one writes each tick. The very first start of a workflow waits for its next tick.
 */
export function createClock({
  workflows,
  store,
  log,
  now = () => new Date(),
}: ClockOptions): Pick<DispatchOptions, 'schedules' | 'tick'> {
  const schedules = Object.fromEntries(
    Object.values(workflows).flatMap(({ key, trigger }) =>
      trigger.type === 'cron' && trigger.enabled ? [[key, trigger.cron] as const] : [],
    ),
  )

  return {
    schedules,
    async tick(workflow) {
      const pattern = schedules[workflow]
      if (pattern === undefined) throw new Error(`${workflow} has no enabled cron trigger.`)
      const at = now()
      const nextMs = (nextTick(pattern, at)?.getTime() ?? Number.POSITIVE_INFINITY) - at.getTime()
      const name = `cron:${workflow}`
      const from = await store.cursors.read(name)
      const last = from === undefined ? undefined : new Date(from)
      const cursor = { name, from, to: at.toISOString() }
      if (last === undefined || last.getTime() - at.getTime() > wrongClockMs) {
        await store.cursors.move(cursor, at)
        return { nextMs }
      }
      const due = nextTick(pattern, last)
      if (due === undefined || due > at) return { nextMs }

      const ticked = await store.entries.tick(workflow, workflowLock(store, workflow), at, { cursor })
      if (ticked === 'taken') return { nextMs }
      const entry = ticked === 'unfinished' ? undefined : ticked.id
      log.info(entry === undefined ? 'cron tick skipped' : 'cron tick', {
        workflow,
        entry,
        due_at: due.toISOString(),
      })
      return entry === undefined ? { nextMs } : { entry, nextMs }
    },
  }
}

/**
 * The first tick after an instant; undefined when there is none (30 February).
 *
 * Patterns are read in UTC, as OpenFn does: no hour is skipped or repeated twice a year.
 *
 * @param pattern  five fields; with six the first is seconds
 * @source docs/systems.md §OpenFn/project (cron trigger)
 */
export function nextTick(pattern: string, after: Date): Date | undefined {
  return new Cron(pattern, { timezone: 'UTC' }).nextRun(after) ?? undefined
}
