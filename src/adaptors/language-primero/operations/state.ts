/// <reference path="../../language-common.d.ts" />
import { expandReferences } from '@openfn/language-common/util'

/** What operations hand to each other. @source docs/systems.md §OpenFn/state */
export interface State {
  data?: unknown
  configuration?: Record<string, unknown>
  references?: unknown[]
  response?: unknown
  metadata?: unknown
  [key: string]: unknown
}

export type Operation = (state: State) => Promise<State>

/** Old jobs end an operation with a function of the state after it. */
export type Callback = (state: State) => State | Promise<State>

/** A value, or a function of the state that gives it; inside objects and lists as well, at any depth. */
export type Lazy<T> = T | ((state: State) => T)

/** Puts in what functions of the state give, at any depth. */
export function resolve(state: State, value: unknown): unknown {
  return expandReferences(state, value)[0]
}

/** `data` becomes the result, the data before it goes to the end of `references`; the rest is kept. */
export function nextState(state: State, data: unknown, more: Readonly<Record<string, unknown>> = {}): State {
  return { ...state, data, references: [...(state.references ?? []), state.data], ...more }
}

/** Runs the callback within the chain, so that what it throws fails the operation. */
export async function finish(next: State, callback: Callback | undefined): Promise<State> {
  return callback === undefined ? next : callback(next)
}
