/** When a failed attempt is made again. Pure: times are arguments. */
export interface RetryRules {
  /** Waits between attempts in milliseconds; the last one repeats (`RETRY_WAITS`). */
  readonly waitsMs: readonly number[]
  /** From the first attempt or the last replay on, in milliseconds (`RETRY_FOR`). */
  readonly retryForMs: number
}

interface Attempt {
  /** 1-based number of the attempt that failed. */
  readonly attempt: number
  readonly since: Date
  readonly now: Date
  /** What the other system asked for, already capped at one hour. */
  readonly retryAfterMs?: number | undefined
  /** 0 ≤ random < 1. */
  readonly random: number
}

/**
 * The instant of the next attempt.
 *
 * A wait is stretched by up to a fifth so that many entries do not come back at once, and never shortened. A longer
 * `Retry-After` wins. The attempt that would come after the end of RETRY_FOR is made at its end instead, because that is
 * when the sender is owed an answer; a `Retry-After` still wins over that.
 */
export function nextAttemptAt(rules: RetryRules, { attempt, since, now, retryAfterMs = 0, random }: Attempt): Date {
  const step = rules.waitsMs[Math.min(attempt, rules.waitsMs.length) - 1] ?? 0
  const stretched = step * (1 + random * 0.2)
  const end = deadline(rules, since).getTime()
  const planned = now.getTime() + Math.max(stretched, retryAfterMs)
  const atEnd = Math.max(end, now.getTime() + retryAfterMs)
  return new Date(now.getTime() < end ? Math.min(planned, atEnd) : planned)
}

/** Shorter waits are kept whatever happens. */
const shortestCutWaitMs = 30_000

/**
 * The earliest instant to which the next attempt may be brought forward once the system that was silent answers again:
 * not before half a minute has passed or what the system asked for. Undefined: it is due by then anyway.
 */
export function notBefore(dueAt: Date, now: Date, retryAfterMs = 0): Date | undefined {
  const earliest = new Date(now.getTime() + Math.max(shortestCutWaitMs, retryAfterMs))
  return earliest < dueAt ? earliest : undefined
}

/** End of RETRY_FOR. Attempts at or after it are last attempts: whoever is owed an answer gets it with them. */
export function deadline(rules: RetryRules, since: Date): Date {
  return new Date(since.getTime() + rules.retryForMs)
}

export function isLastAttempt(rules: RetryRules, since: Date, now: Date): boolean {
  return now.getTime() >= deadline(rules, since).getTime()
}

/** After twice RETRY_FOR nothing is tried any more, not even telling the sender: only a person can help. */
export function isGivenUp(rules: RetryRules, since: Date, now: Date): boolean {
  return now.getTime() >= since.getTime() + 2 * rules.retryForMs
}
