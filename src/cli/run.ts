import { setTimeout as sleep } from 'node:timers/promises'
import type { Command } from 'commander'
import { ExchangeError } from '../errors/ExchangeError.ts'
import type { EnvironmentFor } from '../project/environment.ts'
import type { Project, Workflow } from '../project/types.ts'
import { describeMessage } from '../referral/gateway/dtp/messageFacts.ts'
import { type Execution, execute } from '../run/execute.ts'
import type { Accepted, RunRecord, Store } from '../store/types.ts'
import { workflowLock } from '../store/workflowLock.ts'
import { messageEntry } from '../trigger/entry.ts'
import { isStopped } from './admissions.ts'
import { askRetries } from './askRetries.ts'
import { dryRun } from './dryRun.ts'
import { type ExitCode, ending } from './ending.ts'
import { executionOf, logTo } from './exchangeProcess.ts'
import { openProject, withStore } from './open.ts'
import { findWorkflow, type Message, readInput, usage } from './runInput.ts'

interface RunOptions {
  readonly input?: string
  readonly once?: true
  readonly wait?: true
  readonly dryRun?: true
  readonly fixtures?: string
  readonly showValues?: true
  readonly json?: true
}

export function register(program: Command): void {
  program
    .command('run <workflow>')
    .summary('run one workflow now, or show what it would do (--dry-run)')
    .description(
      'Runs one workflow of project.yaml now and prints the outcome of each record. A webhook workflow takes its message ' +
        'from --input, as if it had been posted to the inbox.',
    )
    .option('--input <file>', 'the message, a JSON file')
    .option('--once', 'one pass (the default): what is to be retried stays waiting in the store')
    .option('--wait', 'go on until nothing of it waits')
    .option('--dry-run', 'the same jobs and mappings, but nothing leaves this machine: prints each write as a plan')
    .option('--fixtures <dir>', "with --dry-run: what reads are answered from (default: the project's fixtures)")
    .option('--show-values', 'with --dry-run: show names and other personal values instead of masking them')
    .option('--json', 'print JSON')
    .addHelpText('after', details)
    .action(ending(run))
}

const details = `
A dry run needs no variables and keeps nothing. Any other run needs those of both systems and of the store (README).

Exit codes: 0 nothing was refused, in doubt or waiting; 1 wrong use or configuration; 2 otherwise.
`

async function run(key: string, options: RunOptions): Promise<ExitCode> {
  refuseContradictions(options)
  if (options.dryRun === true) return dryRun(key, options)
  const { project, environment } = await openProject('run')
  const workflow = findWorkflow(project, key)
  const message = await readInput(workflow, options.input)
  return withStore(environment, (store) => runNow({ project, environment, store, workflow, message }, options))
}

interface RunNow {
  readonly project: Project
  readonly environment: EnvironmentFor<'run'>
  readonly store: Store
  readonly workflow: Workflow
  readonly message: Message | undefined
}

async function runNow(
  { project, environment, store, workflow, message }: RunNow,
  options: RunOptions,
): Promise<ExitCode> {
  if (await isStopped(store, environment)) {
    throw new ExchangeError('Primero refused these credentials before, so nothing was asked of it.', {
      code: 'CREDENTIALS_REFUSED',
      retry: 'never',
      hint: 'Correct PRIMERO_USERNAME and PRIMERO_PASSWORD; with the same ones, `exchange start` tries again.',
    })
  }
  const log = logTo(process.stderr, environment.logLevel === 'info' ? 'warn' : environment.logLevel)
  const execution = executionOf({ project, environment, store, log })
  const accepted = await accept(store, workflow, message)
  const once = await settleEntry(execution, accepted.id)
  const records = options.wait === true ? await waitForAll(execution, workflow, accepted.id, once) : once
  const state = (await store.entries.get(accepted.id))?.state ?? 'done'
  print(workflow, accepted, state, records, options)
  return state === 'done' && records.every(({ outcome }) => outcome === 'delivered' || outcome === 'unchanged') ? 0 : 2
}

function accept(store: Store, { key, trigger }: Workflow, message: Message | undefined): Promise<Accepted> {
  const now = new Date()
  if (trigger.type === 'cron' || message === undefined) {
    return store.entries.accept({ workflow: key, kind: 'manual', locks: [workflowLock(store, key)], now })
  }
  return store.entries.accept(messageEntry(store, describeMessage, { workflow: key, ...message, now }))
}

/** One pass over the entry, here or, where another process has it or its lock, there; its records afterwards. */
async function settleEntry(execution: Execution, id: string): Promise<readonly RunRecord[]> {
  const { store } = execution
  for (;;) {
    const claim = await store.entries.claim({ owner: store.owner, now: new Date(), leaseMs: execution.leaseMs, id })
    if (claim !== undefined) {
      await execute(execution, claim, new AbortController().signal)
      break
    }
    const entry = await store.entries.get(id)
    if (entry === undefined || entry.state === 'done' || entry.state === 'stuck') break
    if (entry.state === 'waiting' && entry.attempt > 0) break
    await sleep(200)
  }
  return lastRecords(store, id)
}

async function lastRecords(store: Store, entryId: string): Promise<readonly RunRecord[]> {
  const runs = await store.runs.list({ limit: 500 })
  return runs.find((run) => run.entry_id === entryId && run.finished_at !== null)?.records ?? []
}

/** Goes on while the entry, or a record that its workflow kept, is due some time. Later outcomes replace earlier ones. */
async function waitForAll(
  execution: Execution,
  { key }: Workflow,
  id: string,
  first: readonly RunRecord[],
): Promise<readonly RunRecord[]> {
  const { store } = execution
  const records = new Map(first.map((record) => [record.key, record]))
  const add = (found: readonly RunRecord[]) => {
    for (const record of found) records.set(record.key, record)
  }
  for (;;) {
    const entry = await store.entries.get(id)
    const kept = (await store.records.list({ outcome: 'waiting' })).filter(
      (record) => record.workflow === key && record.due_at !== null,
    )
    if (entry?.state !== 'waiting' && kept.length === 0)
      return [...records.values()].filter(({ key: record }) => record !== 'run')
    if (entry?.state === 'waiting') add(await settleEntry(execution, id))
    await askRetries(store, new Date())
    const retries = await store.entries.list({ state: 'waiting', limit: 500 })
    for (const retry of retries.filter(({ workflow, kind }) => workflow === key && kind === 'retry')) {
      add(await settleEntry(execution, retry.id))
    }
    await sleep(500)
  }
}

function refuseContradictions({ once, wait, dryRun: isDry, fixtures, showValues }: RunOptions): void {
  if (once === true && wait === true) throw usage('--once and --wait contradict each other.', 'Give one of them.')
  if (isDry !== true && (fixtures !== undefined || showValues === true)) {
    throw usage('--fixtures and --show-values belong to --dry-run.', 'Add --dry-run, or leave them out.')
  }
}

function print(
  { key }: Workflow,
  { id, repeated }: Accepted,
  state: string,
  records: readonly RunRecord[],
  { json }: RunOptions,
): void {
  if (json === true) {
    process.stdout.write(`${JSON.stringify({ workflow: key, entry: id, repeated, state, records }, null, 2)}\n`)
    return
  }
  const lines = records.map(({ key: record, outcome, code }) => `  ${outcome.padEnd(9)}  ${record}  ${code}`)
  const again = repeated ? ' (this message came before)' : ''
  const counted = records.length === 1 ? '1 record' : `${records.length} records`
  process.stdout.write([`${key}: ${state}, ${counted}${again}`, ...lines, ''].join('\n'))
}
