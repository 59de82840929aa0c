import type { Log } from '../log/log.ts'
import type { Job } from '../project/types.ts'
import { type Listener, withoutConsole } from './console.ts'
import { describeFailure, RunStop } from './failure.ts'
import { type LoadedJob, locateLoadFailure } from './job.ts'
import { withinLimit } from './limit.ts'
import { assembleState, handOn, isObject } from './state.ts'
import type { Operation, State, StepError } from './types.ts'

export interface StepContext {
  /** Key of the workflow. */
  readonly workflow: string
  /** Key of the job. */
  readonly step: string
  /** Aborted at the step's time limit or when the run is stopped. */
  readonly signal: AbortSignal
}

export interface StepOptions {
  /** @param state  the step's input, for scripts that look at it while they are loaded */
  readonly loadJob: (job: Job, state: State) => Promise<LoadedJob>
  /** Credential key → `state.configuration` of the step; undefined: nobody knows this credential. */
  readonly configurationOf: (credential: string) => Readonly<Record<string, unknown>> | undefined
  readonly log: Log
  /** Wraps the operations of each step, to offer them more than the state. Must call `work` once. */
  readonly aroundStep?: <T>(context: StepContext, work: () => Promise<T>) => Promise<T>
  /** Absent: console output of jobs is dropped. */
  readonly onConsole?: Listener
  readonly stepTimeoutMs: number
  readonly signal: AbortSignal
}

export interface StepResult {
  /** What is handed on, without configuration and response. */
  readonly state: unknown
  readonly error?: StepError
  readonly thrown?: unknown
}

/**
 * Runs one job on a state.
 *
 * A failed step hands on its input as far as it was changed in place, with the error under `errors[step]`; it does not
 * throw, and the edges decide what follows. An error with severity crash or kill ends the run.
 *
 * @source docs/systems.md §OpenFn/steps
 */
export async function runStep(workflow: string, job: Job, input: unknown, options: StepOptions): Promise<StepResult> {
  const { log } = options
  const fields = { workflow, step: job.key }
  const startedMs = performance.now()
  const reached: Reached = { operation: undefined, state: input }
  log.debug('step started', fields)
  try {
    const state = await withoutConsole(
      () => work(workflow, job, input, options, reached),
      (count) => log.debug('console of a job dropped', { ...fields, count }),
      options.onConsole,
    )
    log.debug('step finished', { ...fields, duration_ms: sinceMs(startedMs) })
    return { state }
  } catch (thrown) {
    const located = reached.locate?.(thrown, reached.operation) ?? locateLoadFailure(thrown)
    const error = describeFailure(thrown, { step: job.key, operation: reached.operation, ...located })
    log.error('step failed', {
      ...fields,
      operation: error.operation,
      at: located.at,
      code: error.code,
      error_name: error.name,
      duration_ms: sinceMs(startedMs),
    })
    return { state: withError(reached.state, error), error, thrown }
  }
}

/** How far a step came, for its error. `state` is its input, changed in place by careless operations. */
interface Reached {
  operation: number | undefined
  state: unknown
  locate?: LoadedJob['locate']
}

async function work(workflow: string, job: Job, input: unknown, options: StepOptions, reached: Reached) {
  const { aroundStep, log, signal, stepTimeoutMs } = options
  const state = assembleState(input, configurationOf(job, options), job.defaults)
  reached.state = state
  const { operations, execute = inOrder, locate } = await options.loadJob(job, state)
  reached.locate = locate

  return withinLimit({ step: job.key, limitMs: stepTimeoutMs, signal }, (stepSignal) => {
    const onForgotten = (operation: number) => log.warn('step forgot its state', { workflow, step: job.key, operation })
    const tracked = operations.map((operation, index) =>
      track(operation, index + 1, { reached, signal: stepSignal, onForgotten }),
    )
    const run = async () => handOn(await execute(...tracked)(state))
    const context = { workflow, step: job.key, signal: stepSignal }
    return aroundStep === undefined ? run() : aroundStep(context, run)
  })
}

function configurationOf(job: Job, options: StepOptions): Readonly<Record<string, unknown>> {
  if (job.credential === undefined) return {}
  const configuration = options.configurationOf(job.credential)
  if (configuration !== undefined) return configuration
  throw new RunStop(`Step "${job.key}" needs the credential "${job.credential}", which has no configuration.`, {
    stop: 'CredentialLoadError',
  })
}

interface Tracking {
  readonly reached: Reached
  readonly signal: AbortSignal
  readonly onForgotten: (operation: number) => void
}

/** Notes which operation runs, stops before the next one when the step is stopped, and notices a missing `return`. */
function track(operation: Operation, number: number, { reached, signal, onForgotten }: Tracking): Operation {
  return async (state) => {
    signal.throwIfAborted()
    reached.operation = number
    const result = await operation(state ?? {})
    if (result === undefined) onForgotten(number)
    return result
  }
}

function inOrder(...operations: Operation[]) {
  return async (state: State): Promise<State> => {
    let current = state
    for (const operation of operations) current = await operation(current)
    return current
  }
}

/** The state after a failure must be copied too; where even that fails, the error alone goes on. */
function withError(state: unknown, error: StepError): unknown {
  const base = handedOnOrEmpty(state)
  const errors = isObject(base.errors) ? base.errors : {}
  return { ...base, errors: { ...errors, [error.step]: error } }
}

function handedOnOrEmpty(state: unknown): Record<string, unknown> {
  try {
    const copied = handOn(state)
    return isObject(copied) ? copied : {}
  } catch {
    return {}
  }
}

function sinceMs(startedMs: number): number {
  return Math.round(performance.now() - startedMs)
}
