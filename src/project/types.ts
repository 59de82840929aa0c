import type { Specification } from '../mapping/types.ts'

/** One thing wrong in a file of the project, with its place. */
export interface Problem {
  /** Path relative to the project's root. */
  readonly file: string
  readonly line?: number
  readonly column?: number
  readonly message: string
  /** `Did you mean …?` or what to do. */
  readonly hint?: string
}

export interface Job {
  readonly key: string
  readonly name: string
  readonly adaptor: string
  /** Key under `credentials`. */
  readonly credential?: string
  /** Absolute path of the job script, or its text where the project holds it inline. */
  readonly body: { readonly path: string } | InlineScript
  /** Execution plans only: what lies under the step's input. */
  readonly defaults?: Readonly<Record<string, unknown>>
}

export interface InlineScript {
  readonly text: string
  /** Absolute path of the file that holds it. */
  readonly file?: string
  /** Where in the file its first sign stands, 1-based; known where each of its lines is a line of the file. */
  readonly begins?: { readonly line: number; readonly column: number }
}

export interface Edge {
  readonly key: string
  readonly from: { readonly trigger: string } | { readonly job: string }
  readonly to: string
  readonly condition: 'always' | 'on_job_success' | 'on_job_failure' | 'js_expression'
  readonly expression?: string
  readonly label?: string
  readonly enabled: boolean
}

export type Trigger =
  | { readonly key: string; readonly type: 'webhook'; readonly enabled: boolean }
  | { readonly key: string; readonly type: 'cron'; readonly enabled: boolean; readonly cron: string }

export interface Workflow {
  readonly key: string
  readonly name: string
  readonly trigger: Trigger
  readonly jobs: Readonly<Record<string, Job>>
  readonly edges: readonly Edge[]
}

export interface Project {
  readonly name: string
  /** Absolute path of the folder with project.yaml. */
  readonly root: string
  readonly workflows: Readonly<Record<string, Workflow>>
  /** Credential key → its name, for messages. Values come from the environment (`credentials.ts`). */
  readonly credentials: Readonly<Record<string, { readonly name: string }>>
  readonly specification: Specification
}
