import { randomUUID } from 'node:crypto'
import type { Code } from '../errors/codes.ts'
import type { Alert, ClaimedEntry, KeptRecord, NewNotice, Store, Witness } from '../store/types.ts'
import { createLedger } from './ledger.ts'

/** What a run says of one record. The shape that operations use, seen from the runtime. */
export interface Outcome {
  readonly key: string
  readonly outcome: 'delivered' | 'unchanged' | 'refused' | 'waiting' | 'in_doubt'
  readonly code: Code
  readonly next?: 'later' | 'person'
  readonly retryAfterMs?: number
  readonly alert?: boolean
  readonly ids?: Readonly<Record<string, string>>
  readonly stuck?: 'keep' | 'keep_whole' | 'erase'
}

interface Options {
  readonly store: Store
  readonly claim: ClaimedEntry
  readonly now: () => Date
  readonly lastAttempt: boolean
  readonly witness?: Witness | undefined
  /** Kept records of the workflow that are due with this run. */
  readonly due: readonly KeptRecord[]
}

/** The store's side of what operations reach through `exchange()`, for one run. */
export function createServices({ store, claim, now, lastAttempt, witness, due }: Options) {
  const outcomes = new Map<string, Outcome>()
  const cursors = new Map<string, string>()
  const alerts: Alert[] = []
  const bugs: unknown[] = []
  const notices: NewNotice[] = []
  const reminded: string[] = []
  const over: string[] = []
  const fingerprint = (value: unknown) => store.fingerprint(JSON.stringify(value))
  const isWhole = claim.kind === 'retry' && due.some(({ key }) => key === wholeRun)
  const reason = isWhole ? 'tick' : reasons[claim.kind]
  const { workflow } = claim

  return {
    outcomes,
    /** Written together with what the run left open, never before. */
    cursors,
    alerts,
    /** Unforeseen errors that cost one record only. */
    bugs,
    /** Written together with the rest of the end of the run. */
    left: { notices, reminded, over },
    offered: {
      now,
      lastAttempt,
      reason,
      fingerprint,
      ledger: {
        ...createLedger({
          store: store.ledger,
          claim,
          fingerprint,
          now,
          witness,
          repeatsRefused: reason === 'message' || reason === 'manual',
        }),
        over: (key: string) => void over.push(key),
      },
      cursor: {
        read: (name: string) => store.cursors.read(name),
        write: async (name: string, value: string) => {
          cursors.set(name, value)
        },
      },
      notices: {
        open: (notice: Omit<NewNotice, 'id' | 'opened_at'>) =>
          void notices.push({ ...notice, id: randomUUID(), opened_at: now().toISOString() }),
        overdue: () => store.notices.overdue(now()),
        remind: (id: string) => void reminded.push(id),
      },
      waiting: async () => due.filter(({ key }) => key !== wholeRun).map(toWaiting),
      async deferred(): Promise<ReadonlySet<string>> {
        if (reason === 'manual') return new Set()
        const all = await store.records.due(workflow, endOfTime)
        return new Set(
          all
            .filter((record) => record.due_at !== null && record.due_at > now().toISOString())
            .map((record) => record.key),
        )
      },
      outcome(record: Outcome): void {
        outcomes.set(record.key, record)
        if (record.alert === true) alerts.push({ code: record.code, record: record.key })
      },
      bug(error: unknown): void {
        bugs.push(error)
      },
      alert(code: Code, record?: string): void {
        alerts.push(record === undefined ? { code } : { code, record })
      },
    },
  }
}

const reasons = { webhook: 'message', tick: 'tick', manual: 'manual', retry: 'retry' } as const

/** Key under which a run that could not go on at all is kept for retry. */
export const wholeRun = 'run'

const endOfTime = new Date('9999-12-31T23:59:59.999Z')

function toWaiting({ key, ids }: KeptRecord) {
  return { key, ids }
}
