import type { State } from './types.ts'

/** Keys that end with the step: a credential and an answer of another system are never handed on. */
const perStep = ['configuration', 'response']

/**
 * What the first operation of a step gets: the state handed on by the step before, with this step's credential.
 *
 * `data` is a fresh object, or the list or primitive as it is. A `configuration` in the input is dropped, although
 * OpenFn merges it: a message could otherwise add connection options to a credential.
 *
 * @param defaults  lie under the input; of `data` only where both are objects
 *
 * @source docs/systems.md §OpenFn/state
 */
export function assembleState(
  input: unknown,
  configuration: Readonly<Record<string, unknown>>,
  defaults: Readonly<Record<string, unknown>> = {},
): State {
  const handedOn = isObject(input) ? input : {}
  return {
    ...defaults,
    ...handedOn,
    configuration: { ...configuration },
    data: assembleData(handedOn.data, isObject(defaults.data) ? defaults.data : {}),
  }
}

/** What a step hands on: a JSON copy without `configuration` and `response`. Primitives and undefined stay as they are. */
export function handOn(state: unknown): unknown {
  if (!isObject(state)) return copy(state)
  return copy(Object.fromEntries(Object.entries(state).filter(([key]) => !perStep.includes(key))))
}

/**
 * A JSON copy: dates become text, functions and undefined vanish, a Map becomes `{}`, a circle becomes `"[Circular]"`.
 *
 * @throws TypeError for a BigInt, which JSON cannot write
 */
export function copy(value: unknown): unknown {
  if (value === undefined || typeof value === 'function') return undefined
  return JSON.parse(JSON.stringify(value, withoutCircles()))
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function assembleData(data: unknown, defaults: Readonly<Record<string, unknown>>): unknown {
  return Array.isArray(data) || (data && typeof data !== 'object')
    ? data
    : { ...defaults, ...(isObject(data) ? data : {}) }
}

function withoutCircles() {
  const ancestors: unknown[] = []
  return function (this: unknown, _key: string, value: unknown): unknown {
    if (typeof value !== 'object' || value === null) return value
    while (ancestors.length > 0 && ancestors.at(-1) !== this) ancestors.pop()
    if (ancestors.includes(value)) return '[Circular]'
    ancestors.push(value)
    return value
  }
}
