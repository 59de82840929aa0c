import { setTimeout as sleep } from 'node:timers/promises'
import { Cron } from 'croner'
import type { Log } from '../log/log.ts'
import type { Project } from '../project/types.ts'
import type { Store } from '../store/types.ts'
import { workflowLock } from '../store/workflowLock.ts'

interface CronOptions {
  readonly workflows: Project['workflows']
  readonly store: Pick<Store, 'fingerprint'> & {
    readonly entries: Pick<Store['entries'], 'tick'>
    readonly cursors: Store['cursors']
  }
  /** Called after a tick was stored, so that the worker looks at once. */
  readonly wake: () => void
  readonly log: Log
  readonly now?: () => Date
}

interface RunningCron {
  /** Resolves when no tick is being written any more. */
  stop(): Promise<void>
}

/** Longest sleep: after it the clock is read again, because it may have been set or the machine suspended. */
const longestSleepMs = 60_000
/** After the store failed. */
const againMs = 10_000

/**
 * Writes a tick entry for every enabled cron trigger when it is due.
 *
 * The last tick of each workflow is kept in the store. Ticks that were missed while nothing ran become one tick at the
 * start, however many they were; and of several processes on one store the second finds the tick already taken.
 * The very first start of a workflow waits for its next tick.
 */
export function startCron({ workflows, store, wake, log, now = () => new Date() }: CronOptions): RunningCron {
  const stopping = new AbortController()
  const loops = Object.values(workflows).flatMap(({ key, trigger }) =>
    trigger.type === 'cron' && trigger.enabled ? [keepTicking(key, trigger.cron)] : [],
  )
  return {
    async stop() {
      stopping.abort()
      await Promise.all(loops)
    },
  }

  async function keepTicking(workflow: string, pattern: string): Promise<void> {
    while (!stopping.signal.aborted) {
      const waitMs = await tickWhenDue(workflow, pattern).catch((error: unknown) => {
        log.error('store failed', { workflow, error_name: error instanceof Error ? error.name : 'unknown' })
        return againMs
      })
      await sleep(Math.min(waitMs, longestSleepMs), undefined, { signal: stopping.signal }).catch(() => undefined)
    }
  }

  /** @returns milliseconds until the next tick is due */
  async function tickWhenDue(workflow: string, pattern: string): Promise<number> {
    const cursor = `cron:${workflow}`
    const at = now()
    const kept = await store.cursors.read(cursor)
    const last = kept === undefined ? undefined : new Date(kept)
    // No last tick, or one from a clock that ran ahead: the schedule starts now.
    const since = last === undefined || last > at ? at : last
    const due = nextTick(pattern, since)
    if (due === undefined || due > at) {
      if (since !== last) await store.cursors.write(cursor, since.toISOString(), at)
      return due === undefined ? longestSleepMs : due.getTime() - at.getTime()
    }
    const ticked = await store.entries.tick(workflow, workflowLock(store, workflow), at)
    // After the tick: a crash in between gives one tick too many, the other order one too few.
    await store.cursors.write(cursor, at.toISOString(), at)
    log.info(ticked === undefined ? 'cron tick skipped' : 'cron tick', {
      workflow,
      entry: ticked?.id,
      due_at: due.toISOString(),
    })
    if (ticked !== undefined) wake()
    return (nextTick(pattern, at)?.getTime() ?? Number.POSITIVE_INFINITY) - at.getTime()
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
