import type { KeptRecord, OpenRecord, Records, RunEnd } from '../store/types.ts'
import { deadline, nextAttemptAt, notBefore, type RetryRules } from './retry.ts'
import type { Outcome } from './services.ts'

interface Keeping {
  readonly records: Pick<Records, 'get'>
  readonly workflow: string
  readonly rules: RetryRules
  readonly now: Date
  readonly random: () => number
}

/**
 * What a cron run leaves open: due again, or shown until the case changes. What was settled is dropped. A record whose
 * RETRY_FOR ended with this run needs a person.
 */
export async function leftOpen(
  { records, workflow, rules, now, random }: Keeping,
  outcomes: readonly Outcome[],
): Promise<Required<Pick<RunEnd, 'keep' | 'drop' | 'alerts'>>> {
  const open = outcomes.filter(({ outcome }) => outcome !== 'delivered' && outcome !== 'unchanged')
  const keep: OpenRecord[] = []
  for (const record of open) {
    const before = await records.get(workflow, record.key)
    keep.push(nextKept(record, before, { rules, now, random: random() }))
  }
  const exhausted = keep.filter(({ code }) => code === 'RETRY_EXHAUSTED')
  return {
    keep,
    drop: outcomes.filter((record) => !open.includes(record)).map(({ key }) => key),
    alerts: exhausted.map(({ key }) => ({ code: 'RETRY_EXHAUSTED', record: key })),
  }
}

/** Pure: the row to keep for a record that is not settled. */
function nextKept(
  { key, outcome, code, next, ids, retryAfterMs }: Outcome,
  before: KeptRecord | undefined,
  { rules, now, random }: { rules: RetryRules; now: Date; random: number },
): OpenRecord {
  const isRetried = outcome === 'waiting' && next !== 'person'
  const goesOn = isRetried && before?.outcome === 'waiting' && before.due_at !== null
  const attempt = goesOn ? before.attempt + 1 : 1
  const since = goesOn ? new Date(before.since) : now
  const row = { key, outcome, ids: ids ?? before?.ids ?? {}, attempt, since: since.toISOString() }
  if (!isRetried) return { ...row, code, due_at: null }
  if (now >= deadline(rules, since)) return { ...row, code: 'RETRY_EXHAUSTED', due_at: null }
  const due = nextAttemptAt(rules, { attempt, since, now, random, retryAfterMs })
  const cut = code === 'REMOTE_DOWN' ? notBefore(due, now, retryAfterMs)?.toISOString() : undefined
  return { ...row, code, due_at: due.toISOString(), ...(cut === undefined ? {} : { not_before: cut }) }
}
