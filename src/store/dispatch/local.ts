import { setTimeout as sleep } from 'node:timers/promises'
import type { Dispatcher, DispatchOptions } from './types.ts'

/** Longest sleep: after it the clock is read again, because it may have been set or the machine suspended. */
const longestSleepMs = 60_000
/** After the store failed. */
const againMs = 10_000

/**
 * For the embedded store: the worker of this process is woken directly, and this process asks for its ticks by itself.
 * A second process on the same folder does so too; it finds the ticks taken, and entries by its own looking.
 */
export function startLocalDispatcher({ wake, schedules, tick, log }: DispatchOptions): Dispatcher {
  const stopping = new AbortController()
  const clocks = Object.keys(schedules).map(keepTicking)

  return {
    announce: wake,
    async stop() {
      stopping.abort()
      await Promise.all(clocks)
    },
  }

  async function keepTicking(workflow: string): Promise<void> {
    while (!stopping.signal.aborted) {
      const waitMs = await ask(workflow)
      await sleep(Math.min(waitMs, longestSleepMs), undefined, { signal: stopping.signal }).catch(() => undefined)
    }
  }

  async function ask(workflow: string): Promise<number> {
    try {
      const { entry, nextMs } = await tick(workflow)
      if (entry !== undefined) wake()
      return nextMs
    } catch (error) {
      log.error('store failed', { workflow, error_name: error instanceof Error ? error.name : 'unknown' })
      return againMs
    }
  }
}
