import { pathToFileURL } from 'node:url'
import type { Job } from '../project/types.ts'
import { className, RunStop } from './failure.ts'
import { isScript, type LoadedScript, loadScript, type OldNames } from './script/load.ts'
import type { ScriptProblem } from './script/trouble.ts'
import type { Operation, State } from './types.ts'

/** How an adaptor strings operations together (`execute` of language-common): it may prepare and clean up the state. */
export type Reducer = (...operations: Operation[]) => (state: State) => unknown

export interface LoadedJob {
  readonly operations: readonly Operation[]
  /** The module's export `execute`, which OpenFn's `export * from '<adaptor>'` brings along. */
  readonly execute?: Reducer
  /** Scripts only: where an error was thrown, or where its operation (1-based) is called. Mends the stack of the error. */
  readonly locate?: (thrown: unknown, operation?: number) => Located
}

export interface Located {
  /** `jobs/send.js:7:3`. */
  readonly at?: string
  /** What the operation is called: `get`. */
  readonly name?: string
}

export interface LoadContext {
  /** Names for an old script; with them, `state` is a global name too. */
  readonly oldNames?: OldNames
  /** What `state` is while an old script is loaded: the input of its step. */
  readonly state?: State
}

/**
 * The operations of a job: of an OpenFn script (`.js`, or inside project.yaml), or of a module whose default export is a list
 * of operations, OpenFn's compiled shape.
 *
 * A script is compiled once and run anew each time, so that its variables are fresh for each step. Node keeps imported
 * modules, so a changed module is seen by the next process.
 *
 * @throws RunStop CompileError, ImportError, InvalidExportsError or InvalidOperationError, naming job and place; else what a
 *         script's own statements throw
 * @source docs/systems.md §OpenFn/steps
 */
export async function loadJob(job: Job, { oldNames, state = {} }: LoadContext = {}): Promise<LoadedJob> {
  const known = loaded.get(job)
  if (known !== undefined) return known
  if (isScript(job)) {
    const script = await compiledScript(job, oldNames)
    if (oldNames !== undefined) addOldErrors(state)
    return runScript(job, script, state)
  }
  const found = operationsOf(job, await importModule(job))
  loaded.set(job, found)
  return found
}

/** Node would find the module again by itself, but asks the module hooks, in their thread, where it is. */
const loaded = new WeakMap<Job, LoadedJob>()

const scripts = new WeakMap<Job, Promise<LoadedScript>>()

function compiledScript(job: Job, oldNames: OldNames | undefined): Promise<LoadedScript> {
  const known = scripts.get(job)
  if (known !== undefined) return known
  const compiling = loadScript(job, oldNames)
  scripts.set(job, compiling)
  return compiling
}

async function runScript(job: Job, script: LoadedScript, state: State): Promise<LoadedJob> {
  if ('problems' in script) throw compileError(job, script.file, script.problems)
  const { file, runnable, operations: places } = script
  const located = (thrown: unknown, operation?: number): Located => {
    const called = operation === undefined ? undefined : places[operation - 1]
    const place = runnable.placeIn(thrown) ?? called
    return {
      ...(called === undefined ? {} : { name: called.name }),
      ...(place === undefined ? {} : { at: `${file}:${place.line}:${place.column}` }),
    }
  }
  try {
    return { ...operationsOf(job, await runnable.evaluate({ state }), located), locate: located }
  } catch (error) {
    if (error instanceof Error) loadFailures.set(error, located(error))
    throw error
  }
}

const loadFailures = new WeakMap<Error, Located>()

/** Where in a script was thrown what `loadJob` threw. */
export function locateLoadFailure(thrown: unknown): Located {
  return (thrown instanceof Error ? loadFailures.get(thrown) : undefined) ?? {}
}

/** The first platform of OpenFn had a list of texts, `state.error`, where `state.errors` is now. */
function addOldErrors(state: State): void {
  if (state.errors === undefined || 'error' in state) return
  state.error = Object.values(state.errors).map(({ message }) => message)
}

function compileError({ key }: Job, file: string, problems: readonly ScriptProblem[]): RunStop {
  const [first] = problems
  const { line, column } = first?.place ?? { line: 1, column: 1 }
  const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : ''
  return new RunStop(`Job "${key}" cannot be compiled: ${file}:${line}:${column}: ${first?.message}${more}`, {
    stop: 'CompileError',
    place: { line, column },
    ...(first?.hint === undefined ? {} : { hint: first.hint }),
  })
}

function operationsOf(job: Job, module: Readonly<Record<string, unknown>>, locate?: LoadedJob['locate']): LoadedJob {
  const operations: unknown = module.default
  if (!Array.isArray(operations)) {
    throw new RunStop(`Job "${job.key}" has no default export that is a list of operations.`, {
      stop: 'InvalidExportsError',
      hint: 'End the file with: export default [operation, …]',
    })
  }
  const wrong = operations.findIndex((element) => typeof element !== 'function')
  if (wrong >= 0) {
    const kind = operations[wrong] === null ? 'null' : typeof operations[wrong]
    const { at, name } = locate?.(undefined, wrong + 1) ?? {}
    const what = name === undefined ? `element ${wrong + 1} of its default export` : `${at}: ${name}(…)`
    throw new RunStop(`Job "${job.key}": ${what} is ${kind}, not an operation.`, {
      stop: 'InvalidOperationError',
      hint: 'An operation is a function of the state, made by a call such as fn(…) or get(…).',
    })
  }
  return {
    operations: operations as readonly Operation[],
    ...(typeof module.execute === 'function' ? { execute: module.execute as Reducer } : {}),
  }
}

async function importModule({ key, body }: Job): Promise<Record<string, unknown>> {
  if ('text' in body) throw new Error('A script inside project.yaml is no module.')
  try {
    return await import(pathToFileURL(body.path).href)
  } catch (error) {
    const { reason, place } = importProblem(error)
    throw new RunStop(`Job "${key}" cannot be imported: ${reason}`, {
      stop: 'ImportError',
      ...(place === undefined ? {} : { place }),
      cause: error,
    })
  }
}

/** Before any state exists, a message can only speak of code. tsx puts the place of a syntax error into the second line. */
function importProblem(error: unknown): { reason: string; place?: { line: number; column: number } } {
  if (!(error instanceof Error)) return { reason: className(error) }
  const syntax = /^.*?:(\d+):(\d+): ERROR: (.*)$/m.exec(error.message)
  if (syntax === null) return { reason: `${className(error)}: ${error.message.split('\n')[0]}` }
  return { reason: syntax[3] ?? '', place: { line: Number(syntax[1]), column: Number(syntax[2]) + 1 } }
}
