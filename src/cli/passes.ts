import { setTimeout as sleep } from 'node:timers/promises'
import { type Execution, execute } from '../run/execute.ts'
import type { EntryRow, RunRecord, Store } from '../store/types.ts'
import { askRetries } from './askRetries.ts'

/** What became of an entry so far. */
export interface Passed {
  readonly state: EntryRow['state']
  /** The last outcome of each record, over all runs of the entry. */
  readonly records: readonly RunRecord[]
  /** Its last run did not reach its end. */
  readonly failed: boolean
}

/**
 * One pass over an entry: here, or there where another process has it or its lock.
 *
 * Ends with the entry still `waiting` and no record when an older one waits for its retry that must go first: that may
 * take hours, and nobody asked for it. Runs of the same workflow that were left behind by a process that ended go first.
 */
export async function passOnce(execution: Execution, id: string): Promise<Passed> {
  const { store } = execution
  let looksInVain = 0
  while (looksInVain < 3 && !(await perform(execution, id))) {
    const entry = await store.entries.get(id)
    if (entry === undefined || !isUnfinished(entry) || (entry.state === 'waiting' && entry.attempt > 0)) break
    const running = await store.entries.list({ state: 'running', limit: 1 })
    if (entry.state === 'waiting' && running.length === 0) {
      const older = await olderRun(store, entry)
      if (older !== undefined) await perform(execution, older.id)
      else looksInVain += 1
    }
    await sleep(200)
  }
  return passed(store, id)
}

/** Passes until neither the entry nor a record that its workflow kept is due some time. */
export async function passUntilNothingWaits(execution: Execution, workflow: string, id: string): Promise<Passed> {
  const { store } = execution
  let own = await passOnce(execution, id)
  const retried = new Map<string, RunRecord>()
  for (;;) {
    const kept = (await store.records.list({ outcome: 'waiting' })).filter(
      (record) => record.workflow === workflow && record.due_at !== null,
    )
    if (own.state !== 'waiting' && own.state !== 'running' && kept.length === 0) return withRetried(own, retried)
    await sleep(500)
    own = await passOnce(execution, id)
    await askRetries(store, new Date())
    const waiting = await store.entries.list({ state: 'waiting', limit: 500 })
    for (const retry of waiting.filter((entry) => entry.workflow === workflow && entry.kind === 'retry')) {
      for (const record of (await passOnce(execution, retry.id)).records) retried.set(record.key, record)
    }
  }
}

function isUnfinished({ state }: EntryRow): boolean {
  return state === 'waiting' || state === 'running'
}

/** False: it could not be claimed. */
async function perform(execution: Execution, id: string): Promise<boolean> {
  const { store, leaseMs } = execution
  const claim = await store.entries.claim({ owner: store.owner, now: new Date(), leaseMs, id })
  if (claim !== undefined) await execute(execution, claim, new AbortController().signal)
  return claim !== undefined
}

/** The oldest run of the same workflow that nobody has begun. */
async function olderRun(store: Store, { id, workflow, kind }: EntryRow): Promise<EntryRow | undefined> {
  if (kind === 'webhook') return undefined
  const waiting = (await store.entries.list({ state: 'waiting', limit: 500 })).filter(
    (entry) => entry.workflow === workflow && entry.kind !== 'webhook',
  )
  return waiting.slice(waiting.findIndex((entry) => entry.id === id) + 1).at(-1)
}

async function passed(store: Store, id: string): Promise<Passed> {
  const entry = await store.entries.get(id)
  const runs = (await store.runs.list({ limit: 500 })).filter((run) => run.entry_id === id && run.finished_at !== null)
  const records = new Map(runs.toReversed().flatMap((run) => run.records.map((record) => [record.key, record])))
  return {
    state: entry?.state ?? 'done',
    records: [...records.values()],
    failed: runs[0] !== undefined && runs[0].state !== 'success',
  }
}

/** What a later run of the workflow said of a record is what became of it; a run that was made again is no record any more. */
function withRetried({ state, records, failed }: Passed, retried: ReadonlyMap<string, RunRecord>): Passed {
  if (retried.size === 0) return { state, records, failed }
  const all = new Map([...records.map((record) => [record.key, record] as const), ...retried])
  all.delete('run')
  return { state, records: [...all.values()], failed: false }
}
