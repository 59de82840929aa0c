import type { Command } from 'commander'
import { ExchangeError } from '../errors/ExchangeError.ts'
import type { EnvironmentFor } from '../project/environment.ts'
import type { Project, Workflow } from '../project/types.ts'
import { describeMessage } from '../referral/gateway/dtp/messageFacts.ts'
import type { Accepted, Store } from '../store/types.ts'
import { workflowLock } from '../store/workflowLock.ts'
import { messageEntry } from '../trigger/entry.ts'
import { commandActor } from './actor.ts'
import { isStopped } from './admissions.ts'
import { dryRun } from './dryRun.ts'
import { type ExitCode, ending } from './ending.ts'
import { executionOf, logTo } from './exchangeProcess.ts'
import { openProject, withStore } from './open.ts'
import { type Passed, passOnce, passUntilNothingWaits } from './passes.ts'
import { type FileOptions, isPlanFile, runFile } from './runFile.ts'
import { findWorkflow, type Message, readInput, usage } from './runInput.ts'
import { witnessOf } from './witness.ts'

interface RunOptions extends FileOptions {
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
    .command('run <workflow> [name]')
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
    .optionsGroup('For a job script, an execution plan or a project file instead of WORKFLOW (as OpenFn runs them):')
    .option('-a, --adaptor <name>', 'adaptor of a job script: http, primero, common or a full name')
    .option('-s, --state-path <file>', 'JSON file with the input state')
    .option('-S, --state-stdin <json>', 'the input state as a text')
    .option('-o, --output-path <file>', 'write the end state')
    .option('-O, --output-stdout', 'print the end state')
    .option('--start <step>', 'begin with this step: its id, or a part of it')
    .option('--end <step>', 'end after this step')
    .option('--only <step>', 'this step alone')
    .option('--cache-steps', 'keep what steps hand on in .cli-cache, for a later --start')
    .option('--credentials <file>', 'YAML or JSON: credential → its values')
    .option('-t, --timeout <ms>', 'most time for a step (default 300000)')
    .option('--legacy', 'an old script: a global state, old forms of operations')
    .option('-l, --log <level>', 'none, default, info or debug')
    .option('--log-json', 'a JSON object a line, as OpenFn writes them')
    .addHelpText('after', details)
    .action(ending(run))
}

const details = `
A dry run needs no variables and keeps nothing. Any other run needs those of both systems and of the store (README).

Exit codes: 0 nothing was refused, in doubt or waiting; 1 wrong use or configuration; 2 otherwise.
`

async function run(key: string, name: string | undefined, options: RunOptions): Promise<ExitCode> {
  if (isPlanFile(key)) {
    if (options.dryRun === true) throw usage('--dry-run is for workflows of the project.', 'Name one, or leave it out.')
    return runFile(key, name, options)
  }
  refuseFileOptions(key, name, options)
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
  const witness = await witnessOf(store, environment)
  const execution = executionOf({ project, environment, store, witness, log })
  const accepted = await accept(store, workflow, message)
  const ended =
    options.wait === true
      ? await passUntilNothingWaits(execution, workflow.key, accepted.id)
      : await passOnce(execution, accepted.id)
  print(workflow, accepted, ended, options)
  const isGood = ended.records.every(({ outcome }) => outcome === 'delivered' || outcome === 'unchanged')
  return ended.state === 'done' && !ended.failed && isGood ? 0 : 2
}

function accept(store: Store, { key, trigger }: Workflow, message: Message | undefined): Promise<Accepted> {
  const now = new Date()
  const askedBy = commandActor()
  if (trigger.type === 'cron' || message === undefined) {
    return store.entries.accept({ workflow: key, kind: 'manual', locks: [workflowLock(store, key)], now, askedBy })
  }
  const entry = messageEntry(store, describeMessage, { workflow: key, ...message, now })
  return store.entries.accept({ ...entry, askedBy })
}

/** A workflow of the project runs with its store and ledger: nobody hands it a state or begins in its midst. */
function refuseFileOptions(key: string, name: string | undefined, options: RunOptions): void {
  const { adaptor, statePath, stateStdin, outputPath, outputStdout, start, end, only, cacheSteps, credentials } =
    options
  const given = [
    name,
    adaptor,
    statePath,
    stateStdin,
    outputPath,
    outputStdout,
    start,
    end,
    only,
    cacheSteps,
    credentials,
  ]
  if (given.every((one) => one === undefined)) return
  throw usage(
    `${key} is a workflow of the project, and these options are for files.`,
    `Run it as a file: exchange run project.yaml ${key} …`,
  )
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
  { state, records, failed }: Passed,
  { json }: RunOptions,
): void {
  if (json === true) {
    process.stdout.write(`${JSON.stringify({ workflow: key, entry: id, repeated, state, failed, records }, null, 2)}\n`)
    return
  }
  const lines = records.map(({ key: record, outcome, code }) => `  ${outcome.padEnd(9)}  ${record}  ${code}`)
  const again = repeated ? ' (this message came before)' : ''
  const counted = records.length === 1 ? '1 record' : `${records.length} records`
  const how = failed ? 'failed' : state
  process.stdout.write([`${key}: ${how}, ${counted}${again}`, ...lines, ''].join('\n'))
  if (state === 'waiting' && records.length === 0)
    process.stderr.write(
      'An earlier one waits for its retry and goes first. See: exchange inbox list --state waiting\n',
    )
}
