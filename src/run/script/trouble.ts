import type { Place } from './place.ts'

/** Something wrong in a script; `at` is an offset. */
export interface Trouble {
  readonly at: number
  readonly message: string
  readonly hint?: string
}

/** The same with its place. */
export interface ScriptProblem {
  readonly place: Place
  /** A whole sentence. */
  readonly message: string
  readonly hint?: string
}
