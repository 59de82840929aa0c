import type { Code } from './codes.ts'

/**
 * What is known of the effect that failed.
 *
 * - `refused`      the other system said no (4xx): nothing happened, asking again is useless
 * - `not_reached`  nothing was processed (refused connection, DNS, TLS, 429, 503): ask again later
 * - `unsure`       it may have happened (time-out or reset after sending, 408, 500, 502, 504)
 */
export type Reach = 'refused' | 'not_reached' | 'unsure'

interface Options {
  readonly code: Code
  /** `later`: the same request may succeed without anybody's doing. `never`: somebody must change something first. */
  readonly retry: 'later' | 'never'
  /** What to do next, for the person who reads it. */
  readonly hint?: string
  readonly reach?: Reach
  /** How long the other system asked us to wait, in milliseconds, capped at one hour. */
  readonly retryAfterMs?: number
  /** HTTP status of the answer, where there was one. */
  readonly status?: number
  /** Names of the fields concerned (never their values). */
  readonly fields?: readonly string[]
  readonly cause?: unknown
}

/**
 * An expected failure. Its message is a sentence that an administrator reads and the other agency may receive: it may
 * quote a picklist code or a system id, never a name, date of birth, note, address, body or header.
 * Callers test `code` and `retry`, never the text. Any other error is a bug and goes to a person at once.
 */
export class ExchangeError extends Error {
  override readonly name = 'ExchangeError'
  readonly code: Code
  readonly retry: 'later' | 'never'
  readonly hint: string | undefined
  readonly reach: Reach | undefined
  readonly retryAfterMs: number | undefined
  readonly status: number | undefined
  readonly fields: readonly string[]

  constructor(message: string, options: Options) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = options.code
    this.retry = options.retry
    this.hint = options.hint
    this.reach = options.reach
    this.retryAfterMs = options.retryAfterMs
    this.status = options.status
    this.fields = options.fields ?? []
  }
}
