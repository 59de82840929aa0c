import { ExchangeError } from '../errors/ExchangeError.ts'
import { placeOf } from '../errors/placeOf.ts'
import type { Log } from '../log/log.ts'
import type { Workflow } from '../project/types.ts'
import type { Alert, ClaimedEntry, Fate, RunEnd, Store, Witness } from '../store/types.ts'
import { failureOf, fateOf } from './fate.ts'
import { leftOpen } from './kept.ts'
import { isLastAttempt, type RetryRules } from './retry.ts'
import { createServices, type Outcome, wholeRun } from './services.ts'
import type { RunResult, State } from './types.ts'

/** What an `execute` needs from outside: everything that is not the store's. */
export interface Execution {
  readonly store: Store
  /** Absent in a dry run: its store is gone afterwards. */
  readonly witness?: Witness | undefined
  readonly log: Log
  readonly rules: RetryRules
  readonly workflows: Readonly<Record<string, Workflow>>
  /** By what a run that began then translates. */
  readonly mappingVersion: (begun: Date) => string
  readonly now: () => Date
  readonly random: () => number
  readonly leaseMs: number
  /** Runs the workflow's steps with the services offered to their operations. */
  readonly perform: (
    workflow: Workflow,
    input: State,
    services: Offered,
    signal: AbortSignal,
    begun: Date,
  ) => Promise<RunResult>
  readonly keepOpen: (payload: string, openKeys: ReadonlySet<string>) => string
  /** Called once for each run that was settled, for metrics. */
  readonly onSettled?: (run: Settled) => void
}

export type Offered = ReturnType<typeof createServices>['offered']

export interface Settled {
  readonly workflow: string
  readonly runId: string
  readonly entryId: string
  readonly state: RunEnd['state']
  readonly fate: Fate
  readonly outcomes: readonly Outcome[]
  readonly alerts: readonly Alert[]
}

/**
 * Runs the workflow of a claimed entry and settles the entry. Undefined: the claim was lost to another process, or
 * `signal` stopped the run and the entry was given back.
 *
 * Cron runs are done when they end: what is left of them is kept record by record. An inbox entry is done when every
 * record of it has a final outcome.
 */
export async function execute(
  execution: Execution,
  claim: ClaimedEntry,
  signal: AbortSignal,
): Promise<Settled | undefined> {
  const { store, log, now } = execution
  const { id: entry, runId: run, workflow: key } = claim
  const workflow = execution.workflows[key]
  const lost = new AbortController()
  const begun = now()
  const beat = setInterval(async () => {
    const held = await store.entries.beat(entry, claim.fence, now(), execution.leaseMs).catch(() => true)
    if (!held) lost.abort()
  }, execution.leaseMs / 3)

  try {
    // Only a message has a sender who is owed an answer.
    const lastAttempt = claim.kind === 'webhook' && isLastAttempt(execution.rules, new Date(claim.retrySince), now())
    const services = createServices({
      store,
      claim,
      now,
      lastAttempt,
      witness: execution.witness,
      due: await dueWith(claim, store, now()),
    })
    log.info('run started', { run, entry, workflow: key, attempt: claim.attempt })
    const result = await perform(execution, {
      workflow,
      claim,
      services: services.offered,
      signal: AbortSignal.any([signal, lost.signal]),
      begun,
    })
    if (signal.aborted && result.state !== 'success') {
      await store.entries.release(claim, now())
      return undefined
    }
    const unforeseen = result.thrown.filter((thrown) => !(thrown instanceof ExchangeError))
    for (const error of [...unforeseen, ...services.bugs]) {
      log.error('unforeseen error', { run, workflow: key, ...placeOf(error) })
    }
    const said = [...services.outcomes.values()]
    const { outcomes, ...left } =
      claim.kind === 'webhook'
        ? inboxEnd(execution, { claim, result, outcomes: said, lastAttempt })
        : await cronEnd(execution, { claim, result, outcomes: said, wasWhole: services.offered.reason !== 'retry' })
    const alerts = [...services.alerts, ...left.alerts]
    const { fate } = left
    if (isNewsForPerson(claim, fate) && !alerts.some(({ code }) => code === fate.code)) alerts.push({ code: fate.code })
    const end: RunEnd = {
      ...left,
      state: result.state,
      records: outcomes.map(({ key: record, outcome, code }) => ({ key: record, outcome, code })),
      now: now(),
      mappingVersion: execution.mappingVersion(begun),
      ...(result.state === 'success' ? { cursors: services.cursors } : {}),
      ...services.left,
      alerts,
    }
    if (!(await store.entries.settle(claim, end))) {
      log.warn('entry lost to another process', { entry, run, workflow: key })
      return undefined
    }
    const settled: Settled = { workflow: key, runId: run, entryId: entry, state: result.state, fate, outcomes, alerts }
    tellPeople(execution, settled)
    return settled
  } finally {
    clearInterval(beat)
  }
}

/** An entry that goes on being stuck while its sender's answer is still tried was told of before. */
function isNewsForPerson({ wasStuck }: ClaimedEntry, fate: Fate): fate is Fate & { readonly state: 'stuck' } {
  return fate.state === 'stuck' && !(wasStuck && fate.dueAt !== undefined)
}

/** What a run takes up of that which earlier ones kept. A person's asking takes up all that waits, also for a person. */
async function dueWith({ kind, workflow }: ClaimedEntry, { records }: Store, now: Date) {
  if (kind === 'webhook') return []
  return kind === 'manual' ? records.waiting(workflow) : records.due(workflow, now)
}

interface Performing {
  readonly workflow: Workflow | undefined
  readonly claim: ClaimedEntry
  readonly services: Offered
  readonly signal: AbortSignal
  readonly begun: Date
}

async function perform(
  execution: Execution,
  { workflow, claim, services, signal, begun }: Performing,
): Promise<RunResult> {
  if (workflow === undefined) return bug(new Error('The workflow of this entry is not in project.yaml any more.'))
  try {
    const input: State = claim.payload === undefined ? { data: {} } : { data: JSON.parse(claim.payload) }
    return await execution.perform(workflow, input, services, signal, begun)
  } catch (error) {
    return bug(error)
  }
}

function bug(error: unknown): RunResult {
  return { state: 'crashed', final: undefined, errors: [], thrown: [error], uncaught: [error], steps: [] }
}

/** What a run says in the end, and what it leaves in the store with that. */
type End = Pick<RunEnd, 'fate' | 'keep' | 'drop'> & Pick<Settled, 'outcomes' | 'alerts'>

function inboxEnd(
  { rules, now, random, keepOpen }: Execution,
  ended: Pick<Parameters<typeof fateOf>[0], 'claim' | 'result' | 'outcomes' | 'lastAttempt'>,
): End {
  const fate = fateOf({ ...ended, rules, keepOpen, now: now(), random: random() })
  return { fate, outcomes: ended.outcomes, alerts: [] }
}

/**
 * A cron run is done when it ends. Its open records are kept, each with its own retry; a run that could not go on at all is
 * kept as one more record, so that it is made again without holding up the next tick.
 */
async function cronEnd({ store, rules, now, random }: Execution, ended: CronRun): Promise<End> {
  const { result, wasWhole, outcomes: said } = ended
  const { workflow } = ended.claim
  const failure = failureOf(result)
  const outcomes = failure?.retry === 'later' ? [...said, waitingRun(failure)] : said
  const left = await leftOpen({ records: store.records, workflow, rules, now: now(), random }, outcomes)
  const end = { ...left, fate: { state: 'done' }, outcomes } as const
  if (failure?.retry === 'later') return end
  const alerts = failure === undefined ? left.alerts : [{ code: failure.code }, ...left.alerts]
  return { ...end, drop: wasWhole ? [wholeRun, ...left.drop] : left.drop, alerts }
}

interface CronRun {
  readonly claim: ClaimedEntry
  readonly result: RunResult
  readonly outcomes: readonly Outcome[]
  /** It looked for everything; a retry of single records does not make up for a whole run that failed. */
  readonly wasWhole: boolean
}

function waitingRun({ code, retryAfterMs }: NonNullable<ReturnType<typeof failureOf>>): Outcome {
  const wait = retryAfterMs === undefined ? {} : { retryAfterMs }
  return { key: wholeRun, outcome: 'waiting', code, next: 'later', ...wait }
}

/** Log and metrics: after the entry is settled, so that nothing is told that did not last. */
function tellPeople({ log, onSettled }: Execution, settled: Settled): void {
  const { workflow, runId: run, entryId: entry, fate, outcomes, alerts, state } = settled
  for (const { key: record, outcome, code } of outcomes) log.info('record', { workflow, run, record, outcome, code })
  for (const { code, record } of alerts) log.warn('alert', { workflow, run, entry, record, code })
  log.info('run finished', { workflow, run, state, count: outcomes.length })
  if (fate.state === 'done') log.info('entry done', { entry, workflow })
  if (fate.state === 'waiting') log.info('entry waiting', { entry, workflow, code: fate.code, due_at: fate.dueAt })
  if (fate.state === 'stuck') log.warn('entry stuck', { entry, workflow, code: fate.code })
  onSettled?.(settled)
}
