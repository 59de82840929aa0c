import type { Person } from '../signIn.ts'

/** Who looks at a page, and how they came to it. */
export interface Visit {
  readonly person: Person
  /** What forms of this session carry; absent: came by HTTP Basic, so there is nothing to press. */
  readonly csrf: string | undefined
  readonly path: string
  /** Name of what to say about the act before; see `said`. */
  readonly said: string | undefined
}
