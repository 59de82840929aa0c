import type { Log } from '../log/log.ts'
import type { Metrics } from '../log/metrics.ts'
import type { Project } from '../project/types.ts'
import type { Store } from '../store/types.ts'

/** What the admin side works with. */
export interface AdminPorts {
  readonly workflows: Project['workflows']
  readonly store: Store
  readonly log: Log
  readonly metrics: Metrics
  /** Called after an entry, or something else without an id, became due, so that a worker looks at once. */
  readonly wake: (entry?: string) => void
  readonly now: () => Date
}

export type Readiness = { readonly ready: true } | { readonly ready: false; readonly reason: string }
