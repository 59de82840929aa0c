import type { Workflow } from '../project/types.ts'
import { catchesFailure, nextSteps } from './edges.ts'
import { describeFailure } from './failure.ts'
import { copy, handOn } from './state.ts'
import { runStep, type StepOptions } from './step.ts'
import type { RunResult, State, StepError } from './types.ts'

export interface WalkOptions extends StepOptions {
  /** Key of the job to begin with; absent: those that the trigger leads to. */
  readonly start?: string
  /** Key of the job after which nothing follows. */
  readonly end?: string
  /** What a step handed on. */
  readonly onStep?: (step: string, state: unknown) => void
}

/**
 * Runs a workflow from its trigger to its leaves with OpenFn's semantics: steps one after another, breadth first; a step
 * with two upstreams runs once for each; a JSON copy of the state between steps.
 *
 * Never rejects. The run is `failed` only if a leaf failed (a step after which nothing ran); `crashed` when the project is
 * wrong (job module, edge condition) and `killed` at a step's time limit or when `signal` is aborted: both end it at once
 * and leave `final` undefined. `steps` is empty when no edge of the trigger led anywhere: `success` in OpenFn's eyes.
 *
 * @param input  `{ data: <payload> }` for a message, `{}` for a tick
 * @source docs/systems.md §OpenFn/edges
 */
export async function runWorkflow(workflow: Workflow, input: State, options: WalkOptions): Promise<RunResult> {
  const walk = new Walk()
  const start = handOn(input)
  try {
    const queue =
      options.start === undefined ? follow(workflow, start, undefined) : [{ step: options.start, state: start }]
    if (queue.length === 0) walk.leaf(workflow.trigger.key, start, false)
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const job = workflow.jobs[next.step]
      if (job === undefined) throw new Error(`Workflow "${workflow.key}" has no job "${next.step}".`)
      const { state, error, thrown } = await runStep(workflow.key, job, next.state, options)
      walk.stepped(job.key, error, thrown, catchesFailure(workflow, job.key))
      if (error !== undefined && error.severity !== 'fail') return walk.stopped(error.severity)
      options.onStep?.(job.key, state)
      const following = job.key === options.end ? [] : follow(workflow, state, job.key)
      if (following.length === 0) walk.leaf(job.key, state, error !== undefined)
      queue.push(...following)
    }
    return walk.ended()
  } catch (thrown) {
    const step = walk.steps.at(-1) ?? workflow.trigger.key
    const error = describeFailure(thrown, { step, operation: undefined })
    options.log.error('edge failed', { workflow: workflow.key, step, error_name: error.name })
    walk.failed(error, thrown, false)
    return walk.stopped(error.severity === 'kill' ? 'kill' : 'crash')
  }
}

/** Steps that follow on the same state each get a copy of their own. */
function follow(workflow: Workflow, state: unknown, from: string | undefined) {
  const steps = nextSteps(workflow, state, from)
  return steps.map((step, index) => ({ step, state: index === 0 ? state : copy(state) }))
}

/** What a walk through the workflow has passed; `leaf` keys of a step reached again get a number, as OpenFn's do. */
class Walk {
  readonly steps: string[] = []
  readonly #errors: StepError[] = []
  readonly #thrown: unknown[] = []
  readonly #uncaught: unknown[] = []
  readonly #leaves = new Map<string, unknown>()
  #leafFailed = false

  stepped(step: string, error: StepError | undefined, thrown: unknown, isCaught: boolean): void {
    this.steps.push(step)
    if (error !== undefined) this.failed(error, thrown, isCaught)
  }

  failed(error: StepError, thrown: unknown, isCaught: boolean): void {
    this.#errors.push(error)
    this.#thrown.push(thrown)
    if (!isCaught) this.#uncaught.push(thrown)
  }

  leaf(step: string, state: unknown, failed: boolean): void {
    const earlier = this.steps.filter((ran) => ran === step).length - 1
    if (state !== undefined) this.#leaves.set(earlier > 0 ? `${step}-${earlier}` : step, state)
    if (failed) this.#leafFailed = true
  }

  ended(): RunResult {
    const leaves = [...this.#leaves.values()]
    const final = leaves.length > 1 ? Object.fromEntries(this.#leaves) : leaves[0]
    return this.#result(this.#leafFailed ? 'failed' : 'success', final)
  }

  stopped(severity: 'crash' | 'kill'): RunResult {
    return this.#result(severity === 'kill' ? 'killed' : 'crashed', undefined)
  }

  #result(state: RunResult['state'], final: unknown): RunResult {
    return { state, final, errors: this.#errors, thrown: this.#thrown, uncaught: this.#uncaught, steps: this.steps }
  }
}
