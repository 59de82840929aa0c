import type { Edge, Workflow } from '../project/types.ts'
import { createCondition } from './condition.ts'
import { className, RunStop } from './failure.ts'
import { isObject } from './state.ts'

/**
 * Keys of the jobs that follow a step, or the trigger, on this state, in the order of the edges.
 *
 * `on_job_success` and `on_job_failure` look at the error of the step before alone, not at earlier ones.
 *
 * @param from  key of the job that ended; absent: the trigger
 * @throws RunStop EdgeConditionError when an expression throws: OpenFn crashes the run, since nobody decided
 * @source docs/systems.md §OpenFn/edges
 */
export function nextSteps({ edges, trigger }: Workflow, state: unknown, from?: string): readonly string[] {
  const evaluate = createCondition(state)
  return edges
    .filter((edge) => edge.enabled && leavesFrom(edge, from))
    .filter((edge) => isFollowed(edge, state, from ?? trigger.key, evaluate))
    .map((edge) => edge.to)
}

/** An edge of the project says what is to be done when this step fails. */
export function catchesFailure({ edges }: Workflow, step: string): boolean {
  return edges.some((edge) => edge.enabled && edge.condition === 'on_job_failure' && leavesFrom(edge, step))
}

function leavesFrom({ from }: Edge, step: string | undefined): boolean {
  return 'job' in from ? from.job === step : step === undefined
}

function isFollowed(
  edge: Edge,
  state: unknown,
  upstream: string,
  evaluate: (expression: string, upstream: string) => boolean,
): boolean {
  switch (edge.condition) {
    case 'always':
      return true
    case 'on_job_success':
      return !hasFailed(state, upstream)
    case 'on_job_failure':
      return hasFailed(state, upstream)
    case 'js_expression':
      try {
        return evaluate(edge.expression ?? '', upstream)
      } catch (error) {
        throw new RunStop(`The condition of edge "${edge.key}" threw a ${className(error)}.`, {
          stop: 'EdgeConditionError',
          hint: 'Reach into the state with ?. (state.data?.kind), so that a missing part is no error.',
          cause: error,
        })
      }
  }
}

function hasFailed(state: unknown, step: string): boolean {
  return isObject(state) && isObject(state.errors) && Boolean(state.errors[step])
}
