import { ExchangeError } from '../../errors/ExchangeError.ts'

/**
 * What a request showed of its system: it answered, it left the request alone or said that it cannot now, or nothing
 * that counts.
 */
export type Heard = 'answered' | 'silent' | 'unknown'

/** Leave to send requests to one system, given by the runtime: all processes together keep its bound. */
export interface Admission {
  /**
   * Resolves when one more request may be in flight, with what gives the place back.
   *
   * @param options.unproven  it is not known whether the system accepts the account: of such requests one is in flight in
   *                          all processes together
   * @throws REMOTE_DOWN (later, not_reached) when no place became free for long, or the system has just left several
   *         requests alone; CREDENTIALS_REFUSED (never) when the account was refused, here or in another process
   */
  enter(options: {
    readonly unproven: boolean
    readonly signal?: AbortSignal | undefined
  }): Promise<(heard: Heard) => void>
  /** The system refused the account: when it resolves, nobody enters any more in any process. Called before leaving. */
  refused(): Promise<void>
  /** The system accepted the account. */
  accepted(): Promise<void>
}

/**
 * Does `work` inside; without an admission at once.
 *
 * @param first  done when its turn has come, before `work`; what it throws says nothing of the system
 */
export async function admitted<T>(
  admission: Admission | undefined,
  options: Parameters<Admission['enter']>[0],
  work: () => Promise<T>,
  first?: () => Promise<void>,
): Promise<T> {
  const leave = await admission?.enter(options)
  let heard: Heard = 'unknown'
  try {
    await first?.()
    const value = await work().catch((error: unknown) => {
      // Given up by us: who knows what would have come.
      heard = options.signal?.aborted ? 'unknown' : heardIn(error)
      throw error
    })
    heard = 'answered'
    return value
  } finally {
    leave?.(heard)
  }
}

/**
 * A refusal is an answer. A connection that is refused or breaks, a time-out and the answers of a proxy or throttle are
 * none; a 500 may be about one record, or about all.
 */
function heardIn(error: unknown): Heard {
  if (!(error instanceof ExchangeError)) return 'unknown'
  const { code, retry, status, reach } = error
  if (retry === 'never') return status === undefined ? 'unknown' : 'answered'
  if (code !== 'REMOTE_DOWN') return 'unknown'
  if (status === undefined) return reach === undefined ? 'unknown' : 'silent'
  return [429, 502, 503, 504].includes(status) ? 'silent' : 'unknown'
}
