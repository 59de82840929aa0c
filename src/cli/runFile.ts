import { readFile, writeFile } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { parse } from 'yaml'
import { withCollections } from '../adaptors/language-collections/place.ts'
import { createLog } from '../log/log.ts'
import { isPlanFile, type Plan, readPlan } from '../project/plan.ts'
import { renderProblem } from '../project/problem.ts'
import { suggest } from '../project/suggest.ts'
import type { Problem } from '../project/types.ts'
import { checkJob } from '../run/checkJob.ts'
import { loadJob } from '../run/job.ts'
import type { RunResult, State } from '../run/types.ts'
import { runWorkflow } from '../run/workflow.ts'
import { collectionsInMemory } from './collectionsInMemory.ts'
import type { ExitCode } from './ending.ts'
import { oldNames } from './oldNames.ts'
import { usage } from './runInput.ts'
import { type Reporter, reporter } from './runReport.ts'
import { stepCache } from './stepCache.ts'

export { isPlanFile }

export interface FileOptions {
  readonly adaptor?: string
  readonly statePath?: string
  readonly stateStdin?: string
  readonly outputPath?: string
  readonly outputStdout?: true
  readonly start?: string
  readonly end?: string
  readonly only?: string
  readonly cacheSteps?: true
  readonly credentials?: string
  readonly timeout?: string
  readonly legacy?: true
  readonly logJson?: true
  readonly log?: string
  readonly showValues?: true
}

/** OpenFn's: five minutes a step. */
const stepTimeoutMs = 300_000

/**
 * Runs a job script, an execution plan or a workflow out of a file on a state, as OpenFn's command line does. Nothing of the
 * exchange takes part: no store, no ledger, no retry. Collections are in memory and end with the run.
 */
export async function runFile(path: string, name: string | undefined, options: FileOptions): Promise<ExitCode> {
  const plan = readPlanFile(path, name, options)
  const problems = await scriptProblems(plan, path, options)
  if (problems.length > 0) {
    for (const problem of problems) process.stderr.write(`${renderProblem(problem)}\n`)
    return 1
  }
  const jobs = plan.workflow.jobs
  const start = stepOf(options.only ?? options.start ?? plan.options.start, jobs)
  const end = stepOf(options.only ?? options.end ?? plan.options.end, jobs)
  const cache = stepCache(join(dirname(resolve(path)), '.cli-cache', plan.workflow.key.replace(/[^\w.-]/g, '-')))
  const cached = start === undefined ? undefined : await cache.before(start, plan.workflow)
  const { configuration, ...input } = (await stateOf(options)) ?? cached ?? ({ data: {} } satisfies State as State)
  const configurations = await configurationsOf(plan, path, options, configuration, start)
  const report = reporter(options)

  const result = await withCollections(collectionsInMemory(), () =>
    runWorkflow(plan.workflow, input, {
      loadJob: (job, state) => loadJob(job, { state, ...(options.legacy === true ? { oldNames: oldNames(job) } : {}) }),
      configurationOf: (key) => configurations[key],
      log: createLog({ level: 'debug', write: report.line }),
      stepTimeoutMs: Number(options.timeout ?? plan.options.timeoutMs ?? stepTimeoutMs),
      signal: new AbortController().signal,
      ...(options.showValues === true ? { onConsole: report.console } : {}),
      ...(start === undefined ? {} : { start }),
      ...(end === undefined ? {} : { end }),
      onStep: (step, state) => {
        if (options.cacheSteps === true) cache.write(step, state)
      },
    }),
  )
  await put(result.final, options)
  return ended(result, report, options)
}

function readPlanFile(path: string, name: string | undefined, { adaptor }: FileOptions): Plan {
  const read = readable(() =>
    readPlan(path, {
      ...(name === undefined ? {} : { workflow: name }),
      ...(adaptor === undefined ? {} : { adaptor }),
    }),
  )
  if (read === undefined)
    throw usage(`there is no readable file ${path}.`, 'Name a job script, an execution plan or a project.')
  if ('workflows' in read) {
    const hint = `It has: ${read.workflows.join(', ')}. Say: exchange run ${path} WORKFLOW`
    throw usage(name === undefined ? `${path} holds several workflows.` : `${path} has no workflow "${name}".`, hint)
  }
  if ('problems' in read)
    throw usage(`${path} cannot be run.\n${read.problems.map(renderProblem).join('\n')}`, 'Mend the file.')
  const jobs = Object.values(read.plan.workflow.jobs).map((job) => [job.key, { ...job, credential: job.key }] as const)
  return { ...read.plan, workflow: { ...read.plan.workflow, jobs: Object.fromEntries(jobs) } }
}

function readable<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

async function scriptProblems({ workflow }: Plan, path: string, { legacy }: FileOptions): Promise<readonly Problem[]> {
  const jobs = Object.values(workflow.jobs)
  const found = await Promise.all(jobs.map((job) => checkJob(job, legacy === true ? oldNames(job) : undefined)))
  return found.flatMap(({ problems, warnings }, index) => {
    const body = jobs[index]?.body
    const file = body !== undefined && 'path' in body ? basename(body.path) : basename(path)
    for (const warning of warnings) process.stderr.write(`warning  ${renderProblem({ file, ...warning })}\n`)
    return problems.map((problem) => ({ file, ...problem }))
  })
}

/** An id, or a part of one id or name and of no other. */
function stepOf(asked: string | undefined, jobs: Plan['workflow']['jobs']): string | undefined {
  if (asked === undefined || asked in jobs) return asked
  const near = Object.values(jobs).filter(({ key, name }) => key.includes(asked) || name.includes(asked))
  const [only] = near
  if (only !== undefined && near.length === 1) return only.key
  const keys = Object.keys(jobs)
  throw usage(
    only === undefined
      ? `there is no step "${asked}".`
      : `"${asked}" could be ${near.map(({ key }) => key).join(' or ')}.`,
    suggest(asked, keys) ?? `Steps: ${keys.join(', ')}.`,
  )
}

async function stateOf({ statePath, stateStdin }: FileOptions): Promise<State | undefined> {
  if (statePath === undefined && stateStdin === undefined) return undefined
  const text = stateStdin ?? (await readFile(String(statePath), 'utf8').catch(() => undefined))
  if (text === undefined) throw usage(`there is no readable file ${statePath}.`, 'Name a JSON file with -s.')
  try {
    const state: unknown = JSON.parse(text)
    if (isState(state)) return state
  } catch {
    // Told below: what a parser says may quote the text.
  }
  throw usage(`${statePath ?? 'the text of -S'} is no state.`, 'A state is a JSON object such as {"data": {}}.')
}

function isState(value: unknown): value is State {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/**
 * Job → `state.configuration`. What the input brings along lies under that of the first step, as in OpenFn; other steps
 * have their own alone.
 */
async function configurationsOf(
  { configurations, workflow }: Plan,
  path: string,
  { credentials }: FileOptions,
  brought: State['configuration'],
  start: string | undefined,
): Promise<Readonly<Record<string, Readonly<Record<string, unknown>>>>> {
  const map: unknown = credentials === undefined ? {} : parse(await readText(credentials, 'credentials'))
  const own = async (key: string): Promise<Readonly<Record<string, unknown>>> => {
    const written = configurations[key]
    if (isState(written)) return written
    if (typeof written !== 'string') return {}
    const found = isState(map) ? (map[written] ?? map[written.split('|').at(-1) ?? '']) : undefined
    if (isState(found)) return found
    if (/\.json$/.test(written)) {
      const parsed: unknown = JSON.parse(await readText(join(dirname(path), written), 'configuration'))
      return isState(parsed) ? parsed : {}
    }
    throw usage(`step "${key}" needs the credential "${written}".`, 'Give a map of credentials: --credentials FILE')
  }
  const first = new Set(start === undefined ? firstSteps(workflow) : [start])
  const all = await Promise.all(
    Object.keys(workflow.jobs).map(
      async (key) => [key, { ...(first.has(key) ? brought : {}), ...(await own(key)) }] as const,
    ),
  )
  return Object.fromEntries(all)
}

function firstSteps({ edges }: Plan['workflow']): readonly string[] {
  return edges.filter(({ from }) => 'trigger' in from).map(({ to }) => to)
}

async function readText(path: string, what: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => {
    throw usage(`there is no readable file ${path}.`, `It should hold the ${what}.`)
  })
}

async function put(final: unknown, { outputPath, outputStdout }: FileOptions): Promise<void> {
  const text = final === undefined ? '' : `${JSON.stringify(final, null, 2)}\n`
  if (outputPath !== undefined) await writeFile(outputPath, text, { mode: 0o600 })
  if (outputStdout === true) process.stdout.write(text)
}

function ended(
  { state, errors, thrown }: RunResult,
  report: Reporter,
  { showValues, outputPath, outputStdout }: FileOptions,
): ExitCode {
  for (const [index, { message }] of errors.entries()) {
    const cause = thrown[index]
    report.say('error', showValues === true && cause instanceof Error ? `${message} ${cause.message}` : message)
  }
  if (outputPath === undefined && outputStdout !== true) {
    report.say('info', 'The end state was not written: -o FILE writes it, -O prints it.')
  }
  report.say(state === 'success' && errors.length === 0 ? 'success' : 'error', `Run ended: ${state}.`)
  return errors.length === 0 ? 0 : 2
}
