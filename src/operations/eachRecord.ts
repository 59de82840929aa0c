import { exchange } from '../adaptors/language-exchange/exchange.ts'
import { ExchangeError } from '../errors/ExchangeError.ts'

interface Options<T> {
  /** Items under way at once. */
  readonly atOnce: number
  /** Items with the same key are done one after the other, in their order. */
  readonly keyOf: (item: T) => string
}

/**
 * Does `work` for every item; one that fails does not hold up the others, because `work` turns expected failures into
 * the item's outcome itself (`failureOutcome`).
 *
 * When the other system stops answering, items not yet begun are not tried: `work` is told through `isDown`, so that a
 * run over 50 children ends after one time-out and not after 50. While any answer comes, it goes on.
 */
export async function eachRecord<T>(
  items: readonly T[],
  { atOnce, keyOf }: Options<T>,
  work: (item: T, outage: Outage) => Promise<void>,
): Promise<void> {
  const lanes = new Map<string, T[]>()
  for (const item of items) lanes.set(keyOf(item), [...(lanes.get(keyOf(item)) ?? []), item])
  const waiting = [...lanes.values()]
  const outage = createOutage()
  const worker = async () => {
    for (let lane = waiting.shift(); lane !== undefined; lane = waiting.shift()) {
      for (const item of lane) await work(item, outage)
    }
  }
  // All of them end before one that failed is heard of: nothing goes on behind the back of a run that is over.
  const ends = await Promise.allSettled(Array.from({ length: Math.min(atOnce, waiting.length) }, worker))
  for (const end of ends) if (end.status === 'rejected') throw end.reason
}

export interface Outage {
  /** Does the request unless its system is known to be down in this run. */
  guard<T>(request: () => Promise<T>): Promise<T>
}

/** Remembers, for one run, that a system stopped answering. */
function createOutage(): Outage {
  let failure: ExchangeError | undefined
  let answers = 0
  return {
    async guard(request) {
      if (failure !== undefined) throw notTried(failure)
      exchange().signal.throwIfAborted()
      const before = answers
      try {
        const value = await request()
        answers += 1
        return value
      } catch (error) {
        if (error instanceof ExchangeError && stopsOthers(error, answers > before)) failure = error
        throw error
      }
    },
  }
}

/** The request was not made, so whatever is unsure about the one that failed, nothing is about this one. */
function notTried({ code, retry, hint, retryAfterMs }: ExchangeError): ExchangeError {
  return new ExchangeError('It was not tried, because the same system had just failed.', {
    code,
    retry,
    reach: 'not_reached',
    ...(hint === undefined ? {} : { hint }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  })
}

/**
 * A 500, 408 or 425 may be about one record only, and so may a time-out while other records get answers; a refused
 * connection, 429, 502, 503 or 504 is about all of them, and so are refused credentials.
 */
function stopsOthers(error: ExchangeError, othersWereAnswered: boolean): boolean {
  if (error.code === 'CREDENTIALS_REFUSED' || error.code === 'ACCESS_REFUSED') return true
  if (error.retry !== 'later') return false
  if (error.status === undefined) return error.reach === 'not_reached' || !othersWereAnswered
  return [429, 502, 503, 504].includes(error.status)
}
