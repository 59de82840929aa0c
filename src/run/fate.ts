import type { Code } from '../errors/codes.ts'
import { ExchangeError } from '../errors/ExchangeError.ts'
import type { ClaimedEntry, Fate } from '../store/types.ts'
import { deadline, isGivenUp, nextAttemptAt, notBefore, type RetryRules } from './retry.ts'
import type { Outcome } from './services.ts'
import type { RunResult } from './types.ts'

interface Verdict {
  readonly claim: ClaimedEntry
  readonly result: RunResult
  readonly outcomes: readonly Outcome[]
  readonly rules: RetryRules
  /** The run knew that its sender is owed an answer now. */
  readonly lastAttempt: boolean
  readonly now: Date
  readonly random: number
  /** Reduces a message to the records with these keys. */
  readonly keepOpen: (payload: string, openKeys: ReadonlySet<string>) => string
}

/**
 * What becomes of an inbox entry after a run.
 *
 * | what the run says | fate |
 * |---|---|
 * | no step took the message | stuck, payload kept |
 * | a bug, a crash | stuck, payload kept |
 * | a step could not go on, later | waiting; with the last attempt stuck, payload kept |
 * | a step could not go on, never | stuck, payload kept |
 * | a record is retried by itself | waiting, payload reduced to the open records; with the last attempt stuck |
 * | a record needs a person | stuck, payload reduced to the open records |
 * | a final record needs a person | stuck, payload kept or erased as the record says |
 * | otherwise | done, payload erased |
 */
export function fateOf(verdict: Verdict): Fate {
  const { result, outcomes, claim } = verdict
  const failure = failureOf(result)
  if (failure !== undefined)
    return failure.retry === 'later' ? later(verdict, failure) : stuck(verdict, failure.code, claim.payload)

  if (result.steps.length === 0) return stuck(verdict, 'MESSAGE_UNRECOGNISED', claim.payload)

  const open = outcomes.filter((record) => record.outcome === 'waiting')
  const due = open.filter((record) => record.next !== 'person')
  if (due.length > 0) {
    const retryAfterMs = Math.max(...due.map((record) => record.retryAfterMs ?? 0))
    return later(verdict, { code: due[0]?.code ?? 'REMOTE_DOWN', retryAfterMs }, open)
  }
  const person = open[0]
  if (person !== undefined) return stuck(verdict, person.code, reduced(verdict, open))
  const whole = outcomes.find((record) => record.stuck === 'keep_whole')
  if (whole !== undefined) return { state: 'stuck', code: whole.code, ...payload(claim.payload) }
  const kept = outcomes.filter((record) => record.stuck === 'keep')
  if (kept[0] !== undefined) return { state: 'stuck', code: kept[0].code, ...payload(reduced(verdict, kept)) }
  const erased = outcomes.find((record) => record.stuck === 'erase')
  if (erased !== undefined) return { state: 'stuck', code: erased.code }
  return { state: 'done' }
}

/**
 * Why a run could not go on: an expected error of a step, or a bug. Undefined when it reached its end.
 *
 * A step that failed and after which others ran (`always`: every outcome is told to UNHCR) is a `success` for OpenFn. Here it
 * is one only if the project says by an edge `on_job_failure` that it deals with it: else a child would be dropped unseen.
 */
export function failureOf(
  result: RunResult,
): { code: Code; retry: 'later' | 'never'; retryAfterMs?: number } | undefined {
  if (result.state === 'success' && result.uncaught.length === 0) return undefined
  if (result.state === 'killed') return { code: 'STEP_FAILED', retry: 'later' }
  const expected = result.thrown.find((error) => error instanceof ExchangeError)
  if (result.state === 'crashed' || expected === undefined) return { code: 'UNFORESEEN', retry: 'never' }
  return {
    code: expected.code,
    retry: expected.retry,
    ...(expected.retryAfterMs === undefined ? {} : { retryAfterMs: expected.retryAfterMs }),
  }
}

/** After RETRY_FOR a person has to look; that the sender could not be told yet is mended in the background meanwhile. */
function later(verdict: Verdict, why: { code: Code; retryAfterMs?: number }, open?: readonly Outcome[]): Fate {
  const { rules, claim, lastAttempt, now, random } = verdict
  const since = new Date(claim.retrySince)
  const kept = payload(open === undefined ? claim.payload : reduced(verdict, open))
  const { attempt } = claim
  const due = nextAttemptAt(rules, { attempt, since, now, random, retryAfterMs: why.retryAfterMs })
  const dueAt = due.toISOString()
  const cut = why.code === 'REMOTE_DOWN' ? notBefore(due, now, why.retryAfterMs)?.toISOString() : undefined
  if (!lastAttempt)
    return { state: 'waiting', code: why.code, dueAt, ...kept, ...(cut === undefined ? {} : { notBefore: cut }) }
  return { state: 'stuck', code: 'RETRY_EXHAUSTED', ...kept, ...(isGivenUp(rules, since, now) ? {} : { dueAt }) }
}

/** Stuck with an open record: the sender is owed an answer when RETRY_FOR ends, unless this was that attempt. */
function stuck({ rules, claim, lastAttempt }: Verdict, code: Code, kept: string | undefined): Fate {
  const owed = lastAttempt ? {} : { dueAt: deadline(rules, new Date(claim.retrySince)).toISOString() }
  return { state: 'stuck', code, ...payload(kept), ...owed }
}

function reduced({ claim, keepOpen }: Verdict, open: readonly Outcome[]): string | undefined {
  if (claim.payload === undefined) return undefined
  return keepOpen(claim.payload, new Set(open.map((record) => record.key)))
}

function payload(text: string | undefined): { payload?: string } {
  return text === undefined ? {} : { payload: text }
}
