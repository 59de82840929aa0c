import { pathToFileURL } from 'node:url'
import type { Job } from '../project/types.ts'
import { className, RunStop } from './failure.ts'
import type { Operation, State } from './types.ts'

/** How an adaptor strings operations together (`execute` of language-common): it may prepare and clean up the state. */
export type Reducer = (...operations: Operation[]) => (state: State) => unknown

export interface LoadedJob {
  readonly operations: readonly Operation[]
  /** The module's export `execute`, which OpenFn's `export * from '<adaptor>'` brings along. */
  readonly execute?: Reducer
}

/**
 * Imports the module of a job: a default export that is a list of operations, OpenFn's compiled shape.
 * Node keeps imported modules, so a changed file is seen by the next process.
 *
 * @throws RunStop ImportError, InvalidExportsError or InvalidOperationError, naming job and element
 * @source docs/systems.md §OpenFn/steps
 */
export async function loadJob(job: Job): Promise<LoadedJob> {
  const known = loaded.get(job)
  if (known !== undefined) return known
  const found = await load(job)
  loaded.set(job, found)
  return found
}

/** Node would find the module again by itself, but asks the module hooks, in their thread, where it is. */
const loaded = new WeakMap<Job, LoadedJob>()

async function load(job: Job): Promise<LoadedJob> {
  if ('text' in job.body) {
    throw new RunStop(`Job "${job.key}" holds its script in project.yaml, and this version runs job files only.`, {
      stop: 'ImportError',
      hint: 'Move the script to a file with a default-exported list of operations and name it as body.path.',
    })
  }
  const module = await importModule(job.key, job.body.path)
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
    throw new RunStop(`Job "${job.key}": element ${wrong + 1} of its default export is ${kind}, not an operation.`, {
      stop: 'InvalidOperationError',
      hint: 'An operation is a function of the state, made by a call such as fn(…) or get(…).',
    })
  }
  return {
    operations: operations as readonly Operation[],
    ...(typeof module.execute === 'function' ? { execute: module.execute as Reducer } : {}),
  }
}

async function importModule(key: string, path: string): Promise<Record<string, unknown>> {
  try {
    return await import(pathToFileURL(path).href)
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
