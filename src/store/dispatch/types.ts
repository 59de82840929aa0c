import type { Log } from '../../log/log.ts'

/**
 * Carries news between the processes that share a store: an entry is due, the clock may have ticked. It decides nothing:
 * news may be lost or come twice, since workers look for due entries by themselves as well, `entries.claim` gives an entry
 * to one of them, and `entries.tick` stores a tick once.
 */
export interface Dispatcher {
  /**
   * An entry is due now: the worker here looks at once; where others share the store, one that has room does as well.
   * Without an id something else may have become due, and only the worker here is told. Never fails.
   */
  announce(entry?: string): void
  /** Resolves when no tick is being taken any more. */
  stop(): Promise<void>
}

export interface DispatchOptions {
  /** The worker here should look for due entries. */
  readonly wake: () => void
  /** How many entries the worker here could begin now. */
  readonly room: () => number
  /** Cron pattern (five fields, UTC) by workflow. */
  readonly schedules: Readonly<Record<string, string>>
  /** Takes the tick of a workflow if one is due; may be asked by any process at any time. */
  readonly tick: (workflow: string) => Promise<Ticked>
  readonly log: Log
}

export interface Ticked {
  /** Entry that the tick became; absent when none was due, or another process took it. */
  readonly entry?: string
  /** Until the next one is due. */
  readonly nextMs: number
}
