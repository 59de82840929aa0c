import { exchange, type RecordOutcome } from '../adaptors/language-exchange/exchange.ts'
import { ExchangeError } from '../errors/ExchangeError.ts'

/** Codes that UNHCR or the record itself explains: the record is final. Everything else that is no outage is ours to mend. */
const finalCodes = new Set([
  'CASE_AMBIGUOUS',
  'CASE_DISABLED',
  'CASE_CLOSED',
  'CASE_IDENTITY_CONFLICT',
  'PRIMERO_REJECTED',
])

/**
 * What an error means for its record. An error that was not foreseen is a bug: the record waits for a person, the others
 * go on. Only the end of the run itself (its time limit, a shutdown) is thrown on.
 *
 * | error | outcome |
 * |---|---|
 * | retry `later` | waiting, retried by itself; at the end of RETRY_FOR it needs a person |
 * | IN_DOUBT | in_doubt, alert |
 * | the record itself is refused | refused, alert |
 * | not foreseen | waiting, needs a person |
 * | we or Primero's administrator must mend | waiting, needs a person |
 */
export function failureOutcome(key: string, error: unknown): RecordOutcome {
  if (!(error instanceof ExchangeError)) return unforeseen(key, error)
  const { code, retry, retryAfterMs } = error
  if (retry === 'later') {
    if (exchange().lastAttempt) return { key, outcome: 'waiting', code: 'RETRY_EXHAUSTED', next: 'person' }
    return { key, outcome: 'waiting', code, next: 'later', ...(retryAfterMs === undefined ? {} : { retryAfterMs }) }
  }
  if (code === 'IN_DOUBT') return { key, outcome: 'in_doubt', code, alert: true }
  if (finalCodes.has(code)) return { key, outcome: 'refused', code, alert: true }
  return { key, outcome: 'waiting', code, next: 'person', alert: true }
}

/**
 * What a failed post to the gateway means for its record. A refusal (4xx) is final: the same body would be refused again.
 * Refused credentials (401, 403) are ours to mend, so the record waits for a person and nothing is lost.
 */
export function gatewayFailure(
  key: string,
  error: unknown,
  refused: 'FEEDBACK_REFUSED' | 'DECISION_REFUSED' | 'REFERRAL_REFUSED',
): RecordOutcome {
  if (!(error instanceof ExchangeError)) return unforeseen(key, error)
  const { code, retry, retryAfterMs } = error
  if (retry === 'later') {
    const wait = retryAfterMs === undefined ? {} : { retryAfterMs }
    return { key, outcome: 'waiting', code: exchange().lastAttempt ? 'RETRY_EXHAUSTED' : code, next: 'later', ...wait }
  }
  if (code === 'IN_DOUBT') return { key, outcome: 'in_doubt', code, alert: true }
  if (code === 'REMOTE_REFUSED') return { key, outcome: 'refused', code: refused, stuck: 'erase', alert: true }
  return { key, outcome: 'waiting', code, next: 'person', alert: true }
}

function unforeseen(key: string, error: unknown): RecordOutcome {
  if (exchange().signal.aborted) throw error
  exchange().bug(error)
  return { key, outcome: 'waiting', code: 'UNFORESEEN', next: 'person', alert: true }
}
