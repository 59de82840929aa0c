import { ExchangeError } from '../errors/ExchangeError.ts'
import type { StepError } from './types.ts'

/** OpenFn's names for what ends a run rather than a step. */
type StopName =
  | 'CompileError'
  | 'ImportError'
  | 'InvalidExportsError'
  | 'InvalidOperationError'
  | 'CredentialLoadError'
  | 'EdgeConditionError'
  | 'RuntimeCrash'
  | 'TimeoutError'
  | 'StoppedError'

interface StopOptions {
  readonly stop: StopName
  readonly hint?: string
  /** Line and column of the job file, 1-based. */
  readonly place?: { readonly line: number; readonly column: number }
  readonly cause?: unknown
}

/** Ends the whole run: no later step is started. Its message never quotes a value of the state. */
export class RunStop extends Error {
  override readonly name = 'RunStop'
  readonly stop: StopName
  readonly hint: string | undefined
  readonly place: StopOptions['place']

  constructor(message: string, { stop, hint, place, cause }: StopOptions) {
    super(message, cause === undefined ? undefined : { cause })
    this.stop = stop
    this.hint = hint
    this.place = place
  }

  /** `kill`: from outside (time limit, shutdown). `crash`: a mistake in the project. */
  get severity(): 'crash' | 'kill' {
    return this.stop === 'TimeoutError' || this.stop === 'StoppedError' ? 'kill' : 'crash'
  }
}

/** Where something was thrown. `operation` is 1-based, `name` what it is called, `at` its place in the script. */
interface Place {
  readonly step: string
  readonly operation: number | undefined
  readonly name?: string
  readonly at?: string
}

/**
 * What may be written of a thrown value, in OpenFn's shape.
 *
 * Only an ExchangeError or a RunStop speaks for itself. Any other message may quote what a child's record holds (a JSON
 * parser does, an HTTP client copies bodies), so its class name is all that is kept.
 *
 * @source docs/systems.md §OpenFn/errors
 */
export function describeFailure(thrown: unknown, { step, operation, name: called, at }: Place): StepError {
  const place = {
    step,
    ...(operation === undefined ? {} : { operation }),
    ...(called === undefined ? {} : { operationName: called }),
    ...(at === undefined ? {} : { at }),
  }
  if (thrown instanceof RunStop) {
    return { source: 'runtime', name: thrown.stop, severity: thrown.severity, message: thrown.message, ...place }
  }
  if (thrown instanceof ExchangeError) {
    const { message, code, retry } = thrown
    return { source: 'runtime', name: openfnName(thrown), severity: 'fail', message, code, retry, ...place }
  }
  const name = openfnName(thrown)
  const where = operation === undefined ? `Step "${step}"` : `Operation ${operation} of step "${step}"`
  const which = [called, at].filter((part) => part !== undefined).join(', ')
  return {
    source: 'runtime',
    name,
    severity: name === 'RuntimeCrash' ? 'crash' : 'fail',
    message: `${where}${which === '' ? '' : ` (${which})`} threw an unforeseen ${className(thrown)}.`,
    code: 'UNFORESEEN',
    retry: 'never',
    ...place,
  }
}

/** Name of the thrown value's class; never text that the thrower could choose freely. */
export function className(thrown: unknown): string {
  if (thrown === null || typeof thrown !== 'object') return typeof thrown
  const name: unknown = thrown.constructor?.name
  return typeof name === 'string' && /^\w{1,60}$/.test(name) ? name : 'object'
}

function openfnName(thrown: unknown): string {
  const name = className(thrown)
  if (name === 'ReferenceError' || name === 'SyntaxError') return 'RuntimeCrash'
  if (isFromAdaptor(thrown)) return 'AdaptorError'
  return name === 'TypeError' || name === 'RangeError' ? 'RuntimeError' : 'JobError'
}

function isFromAdaptor(thrown: unknown): boolean {
  if (!(thrown instanceof Error)) return false
  // Node's own functions throw for whoever called them.
  const firstFrame = thrown.stack?.split('\n').find((line) => /:\d+:\d+\)?$/.test(line) && !/\(?node:/.test(line))
  return firstFrame !== undefined && /\/language-[a-z-]+\//.test(firstFrame)
}
