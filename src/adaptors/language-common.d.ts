/**
 * Types of what is used of `@openfn/language-common`. Its own name their files without an ending, which Node's module
 * resolution does not accept, so that everything in them is lost.
 *
 * @source docs/systems.md §OpenFn/state
 */
declare module '@openfn/language-common' {
  interface State {
    data?: unknown
    configuration?: Record<string, unknown>
    references?: unknown[]
    [key: string]: unknown
  }
  type Operation = (state: State) => State | Promise<State>
  type Reader = (state: State) => unknown
  /** A list, a JSONPath to one, or a function that gives one. */
  type Source = readonly unknown[] | string | ((state: State) => readonly unknown[])

  export function execute(...operations: readonly Operation[]): (state: State) => Promise<State>
  export function fn(operation: Operation): Operation
  export function alterState(operation: Operation): Operation
  export function fnIf(condition: boolean | ((state: State) => boolean), operation: Operation): Operation
  export function combine(...operations: readonly Operation[]): Operation
  /** Leaves the last item's result in `data`; `beta.each` puts the old data back. */
  export function each(source: Source, operation: Operation): Operation
  export const beta: { readonly each: typeof each }
  export function log(...values: readonly unknown[]): Operation
  export function dataPath(path: string): string
  export function dataValue(path: string): Reader
  export function sourceValue(path: string): Reader
  /** Reads `references[0]`: the first one, whatever its name says. */
  export function lastReferenceValue(path: string): Reader
  export function field(key: string, value: unknown): readonly [string, unknown]
  export function fields(...pairs: readonly (readonly [string, unknown])[]): Record<string, unknown>
  export function merge(source: Source, fields: Readonly<Record<string, unknown>>): Reader
  export const dateFns: {
    parse(text: string, form: string, base?: Date): Date
    format(date: Date, form: string): string
  }
}

declare module '@openfn/language-common/util' {
  /** Calls functions with the state, at any depth of objects and lists. */
  export function expandReferences(state: unknown, ...values: readonly unknown[]): unknown[]
}
