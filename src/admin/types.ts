import type { Log } from '../log/log.ts'
import type { Metrics } from '../log/metrics.ts'
import type { MappingState } from '../mapping/inForce.ts'
import type { Project } from '../project/types.ts'
import type { Store } from '../store/types.ts'
import type { Visit } from './page/visit.ts'
import type { Person } from './signIn.ts'

/** What the admin side works with. */
export interface AdminPorts {
  readonly workflows: Project['workflows']
  readonly store: Store
  readonly log: Log
  readonly metrics: Metrics
  /** Called after an entry, or something else without an id, became due, so that a worker looks at once. */
  readonly wake: (entry?: string) => void
  readonly now: () => Date
  /** The mapping specification in force. */
  readonly mapping: () => MappingState
}

/** What requests carry beside themselves, and what the gate has found out about them. */
export interface AdminEnv {
  readonly Bindings: { readonly address: string }
  Variables: {
    /** Whoever came in. */
    person: Person
    /** The same on a page that is looked at. */
    visit: Visit
    /** Fields of the form that was sent with an act. */
    form: ReadonlyMap<string, string>
  }
}

export type Readiness = { readonly ready: true } | { readonly ready: false; readonly reason: string }
