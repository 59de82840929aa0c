import type { KeptRecord, Records } from '../store/types.ts'
import { deadline, nextAttemptAt, type RetryRules } from './retry.ts'
import type { Outcome } from './services.ts'

interface Keeping {
  readonly records: Records
  readonly workflow: string
  readonly rules: RetryRules
  readonly now: Date
  readonly random: () => number
}

/**
 * Keeps what a cron run left open: due again, or shown until the case changes. What was settled is dropped.
 * Returns the keys whose RETRY_FOR ended with this run: a person has to be told.
 */
export async function keepRecords(
  { records, workflow, rules, now, random }: Keeping,
  outcomes: readonly Outcome[],
): Promise<string[]> {
  const exhausted: string[] = []
  const settled: string[] = []
  for (const record of outcomes) {
    if (record.outcome === 'delivered' || record.outcome === 'unchanged') {
      settled.push(record.key)
      continue
    }
    const before = await records.get(workflow, record.key)
    const kept = nextKept(record, before, { rules, now, random: random() })
    if (kept.code === 'RETRY_EXHAUSTED') exhausted.push(record.key)
    await records.keep({ workflow, ...kept })
  }
  if (settled.length > 0) await records.drop(workflow, settled)
  return exhausted
}

/** Pure: the row to keep for a record that is not settled. */
function nextKept(
  { key, outcome, code, next, ids, retryAfterMs }: Outcome,
  before: KeptRecord | undefined,
  { rules, now, random }: { rules: RetryRules; now: Date; random: number },
): Omit<KeptRecord, 'workflow'> {
  const isRetried = outcome === 'waiting' && next !== 'person'
  const goesOn = isRetried && before?.outcome === 'waiting' && before.due_at !== null
  const attempt = goesOn ? before.attempt + 1 : 1
  const since = goesOn ? new Date(before.since) : now
  const row = { key, outcome, ids: ids ?? before?.ids ?? {}, attempt, since: since.toISOString() }
  if (!isRetried) return { ...row, code, due_at: null }
  if (now >= deadline(rules, since)) return { ...row, code: 'RETRY_EXHAUSTED', due_at: null }
  return { ...row, code, due_at: nextAttemptAt(rules, { attempt, since, now, random, retryAfterMs }).toISOString() }
}
