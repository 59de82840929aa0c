import type { Code } from '../errors/codes.ts'
import { ExchangeError } from '../errors/ExchangeError.ts'
import { placeOf } from '../errors/placeOf.ts'
import type { Log } from '../log/log.ts'
import type { Workflow } from '../project/types.ts'
import type { ClaimedEntry, Fate, RunEnd, Store } from '../store/types.ts'
import { failureOf, fateOf } from './fate.ts'
import { keepRecords } from './kept.ts'
import { isLastAttempt, type RetryRules } from './retry.ts'
import { createServices, endOfTime, type Outcome, wholeRun } from './services.ts'
import type { RunResult, State } from './types.ts'

/** What an `execute` needs from outside: everything that is not the store's. */
export interface Execution {
  readonly store: Store
  readonly log: Log
  readonly rules: RetryRules
  readonly workflows: Readonly<Record<string, Workflow>>
  readonly mappingVersion: string
  readonly now: () => Date
  readonly random: () => number
  readonly leaseMs: number
  /** Runs the workflow's steps with the services offered to their operations. */
  readonly perform: (workflow: Workflow, input: State, services: Offered, signal: AbortSignal) => Promise<RunResult>
  readonly keepOpen: (payload: string, openKeys: ReadonlySet<string>) => string
  /** Called once for each run that was settled, for metrics. */
  readonly onSettled?: (run: Settled) => void
  readonly stopAccount: (account: string) => Promise<void>
}

export type Offered = ReturnType<typeof createServices>['offered']

export interface Settled {
  readonly workflow: string
  readonly runId: string
  readonly entryId: string
  readonly state: RunEnd['state']
  readonly fate: Fate
  readonly outcomes: readonly Outcome[]
  readonly alerts: readonly { readonly code: Code; readonly record?: string }[]
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
  const beat = setInterval(async () => {
    const held = await store.entries.beat(entry, claim.fence, now(), execution.leaseMs).catch(() => true)
    if (!held) lost.abort()
  }, execution.leaseMs / 3)
  const services = createServices({
    store,
    claim,
    now,
    lastAttempt: isLastAttempt(execution.rules, new Date(claim.retrySince), now()),
    due: claim.kind === 'webhook' ? [] : await store.records.due(key, claim.kind === 'manual' ? endOfTime : now()),
    onStop: execution.stopAccount,
  })
  log.info('run started', { run, entry, workflow: key, attempt: claim.attempt })

  try {
    const result = await perform(execution, workflow, claim, services.offered, AbortSignal.any([signal, lost.signal]))
    if (signal.aborted && result.state !== 'success') {
      await store.entries.release(claim, now())
      return undefined
    }
    for (const error of result.thrown.filter((thrown) => !(thrown instanceof ExchangeError))) {
      log.error('unforeseen error', { run, workflow: key, ...placeOf(error) })
    }
    const outcomes = [...services.outcomes.values()]
    const alerts = [...services.alerts]
    const fate =
      claim.kind === 'webhook'
        ? inboxFate(execution, claim, result, outcomes)
        : await cronFate(execution, claim, result, outcomes, alerts)
    const end: RunEnd = {
      state: result.state,
      records: outcomes.map(({ key: recordKey, outcome, code }) => ({ key: recordKey, outcome, code })),
      fate,
      now: now(),
      mappingVersion: execution.mappingVersion,
    }
    if (result.state === 'success') {
      for (const [name, value] of services.cursors) await store.cursors.write(name, value, now())
    }
    if (!(await store.entries.settle(claim, end))) {
      log.warn('entry lost to another process', { entry, run, workflow: key })
      return undefined
    }
    if (fate.state === 'stuck' && !alerts.some((alert) => alert.code === fate.code)) alerts.push({ code: fate.code })
    const settled: Settled = { workflow: key, runId: run, entryId: entry, state: result.state, fate, outcomes, alerts }
    await tellPeople(execution, settled)
    return settled
  } finally {
    clearInterval(beat)
  }
}

async function perform(
  execution: Execution,
  workflow: Workflow | undefined,
  claim: ClaimedEntry,
  services: Offered,
  signal: AbortSignal,
): Promise<RunResult> {
  if (workflow === undefined) return bug(new Error('The workflow of this entry is not in project.yaml any more.'))
  try {
    const input: State = claim.payload === undefined ? { data: {} } : { data: JSON.parse(claim.payload) }
    return await execution.perform(workflow, input, services, signal)
  } catch (error) {
    return bug(error)
  }
}

function bug(error: unknown): RunResult {
  return { state: 'crashed', final: undefined, errors: [], thrown: [error], steps: [] }
}

function inboxFate(execution: Execution, claim: ClaimedEntry, result: RunResult, outcomes: readonly Outcome[]): Fate {
  const { rules, now, random, keepOpen } = execution
  return fateOf({ claim, result, outcomes, rules, keepOpen, now: now(), random: random() })
}

/**
 * A cron run is done when it ends. Its open records are kept, each with its own retry; a run that could not go on at all is
 * kept as one more record, so that it is made again without holding up the next tick.
 */
async function cronFate(
  { store, rules, now, random }: Execution,
  claim: ClaimedEntry,
  result: RunResult,
  outcomes: Outcome[],
  alerts: { code: Code; record?: string }[],
): Promise<Fate> {
  const failure = failureOf(result)
  if (failure?.retry === 'later') {
    const { code, retryAfterMs } = failure
    outcomes.push({
      key: wholeRun,
      outcome: 'waiting',
      code,
      next: 'later',
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    })
  } else {
    await store.records.drop(claim.workflow, [wholeRun])
    if (failure !== undefined) alerts.push({ code: failure.code })
  }
  const keeping = { records: store.records, workflow: claim.workflow, rules, now: now(), random }
  for (const record of await keepRecords(keeping, outcomes)) alerts.push({ code: 'RETRY_EXHAUSTED', record })
  return { state: 'done' }
}

/** Log, activity and metrics: after the entry is settled, so that nothing is told that did not last. */
async function tellPeople({ store, log, now, onSettled }: Execution, settled: Settled): Promise<void> {
  const { workflow, runId: run, entryId: entry, fate, outcomes, alerts, state } = settled
  for (const { key: record, outcome, code } of outcomes) log.info('record', { workflow, run, record, outcome, code })
  for (const { code, record } of alerts) {
    log.warn('alert', { workflow, run, entry, record, code })
    await store.activity.add({
      at: now().toISOString(),
      level: 'alert',
      what: code,
      workflow,
      entry,
      run,
      record: record ?? null,
    })
  }
  log.info('run finished', { workflow, run, state, count: outcomes.length })
  if (fate.state === 'done') log.info('entry done', { entry, workflow })
  if (fate.state === 'waiting') log.info('entry waiting', { entry, workflow, code: fate.code, due_at: fate.dueAt })
  if (fate.state === 'stuck') log.warn('entry stuck', { entry, workflow, code: fate.code })
  onSettled?.(settled)
}
