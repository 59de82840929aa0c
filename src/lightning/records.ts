import type { RecordOutcome, WaitingRecord } from '../adaptors/language-exchange/exchange.ts'
import { isLastAttempt, nextAttemptAt } from '../run/retry.ts'
import type { Place } from './place.ts'

/** As the exchange's own default; a cron trigger looks once an hour at most, so the short waits are seldom seen. */
const rules = {
  waitsMs: [5_000, 30_000, 120_000, 600_000, 1_800_000, 3_600_000, 7_200_000, 14_400_000, 21_600_000],
  retryForMs: 72 * 3_600_000,
}

/** What needs a person is tried again once a day: nobody can ask Lightning for the retry of one record. */
const dayMs = 24 * 3_600_000

interface Kept extends WaitingRecord {
  readonly attempt: number
  readonly since: string
  readonly dueAt: string
}

/** Records of a cron workflow that a later run tries again, in a collection. */
export async function createRecords(place: Place, workflow: string, now: () => Date) {
  const kept = (await place.list(`record/${workflow}/`)).flatMap(({ key, value }) => toKept(key, value))
  const isDue = ({ dueAt }: Kept) => Date.parse(dueAt) <= now().getTime()

  return {
    due: (): readonly WaitingRecord[] => kept.filter(isDue).map(({ key, ids }) => ({ key, ids })),
    deferred: (): ReadonlySet<string> => new Set(kept.filter((record) => !isDue(record)).map(({ key }) => key)),
    /** Keeps what waits or is in doubt, forgets what has come to its end; after 72 hours a record needs a person. */
    async settle(outcomes: readonly RecordOutcome[]): Promise<readonly RecordOutcome[]> {
      const settled: RecordOutcome[] = []
      for (const outcome of outcomes) {
        const before = kept.find(({ key }) => key === outcome.key)
        const isOpen = outcome.outcome === 'waiting' || outcome.outcome === 'in_doubt'
        if (!isOpen && before !== undefined) await place.remove(`record/${workflow}/${outcome.key}`)
        settled.push(isOpen ? await keep(outcome, before) : outcome)
      }
      return settled
    },
  }

  async function keep(outcome: RecordOutcome, before: Kept | undefined): Promise<RecordOutcome> {
    const since = new Date(before?.since ?? now())
    const attempt = (before?.attempt ?? 0) + 1
    const isTried = outcome.outcome === 'waiting' && outcome.next !== 'person' && !isLastAttempt(rules, since, now())
    const { retryAfterMs } = outcome
    const dueAt = isTried
      ? nextAttemptAt(rules, { attempt, since, now: now(), retryAfterMs, random: 0 })
      : new Date(now().getTime() + dayMs)
    await place.set(`record/${workflow}/${outcome.key}`, {
      ids: outcome.ids ?? {},
      attempt,
      since: since.toISOString(),
      dueAt: dueAt.toISOString(),
    })
    return isTried ? outcome : { ...outcome, next: 'person' }
  }
}

function toKept(key: string, value: unknown): Kept[] {
  if (typeof value !== 'object' || value === null || !('ids' in value)) return []
  const { ids, attempt, since, dueAt } = value as Omit<Kept, 'key'>
  return [{ key, ids, attempt: Number(attempt), since: String(since), dueAt: String(dueAt) }]
}
