/** State as it passes between operations and steps: OpenFn's shape (docs: facts of the runtime, state). */
export interface State {
  data?: unknown
  configuration?: Record<string, unknown>
  references?: unknown[]
  response?: unknown
  errors?: Record<string, StepError>
  [key: string]: unknown
}

export type Operation = (state: State) => State | Promise<State>

/** How a failed step is written into `state.errors[step]`: no body, no header, no stack with values. */
export interface StepError {
  readonly source: 'runtime'
  readonly name: string
  readonly severity: 'fail' | 'crash' | 'kill'
  readonly message: string
  readonly code?: string
  readonly retry?: 'later' | 'never'
  readonly step: string
  /** 1-based number of the operation in the job. */
  readonly operation?: number
  /** Scripts only: what the operation is called. */
  readonly operationName?: string
  /** Scripts only: where it was thrown, `jobs/send.js:7:3`. */
  readonly at?: string
}

export interface RunResult {
  /** `success` when it reached its end: every leaf succeeded. OpenFn's words. */
  readonly state: 'success' | 'failed' | 'crashed' | 'killed'
  /** One leaf: its state; several: by step key. Without configuration and response. */
  readonly final: unknown
  readonly errors: readonly StepError[]
  /** The errors as thrown, for the worker (never logged or stored). */
  readonly thrown: readonly unknown[]
  /** Those of `thrown` for which no edge `on_job_failure` was there: the steps that ran on all the same knew nothing of them. */
  readonly uncaught: readonly unknown[]
  /** Keys of the steps that ran, in order. */
  readonly steps: readonly string[]
}
