import type { Problem, Project } from './types.ts'

export interface LoadOptions {
  /** Folder under mappings/; absent: COUNTRY of `env`, else `exchange.country` of the project's package.json. */
  readonly country?: string
  readonly env?: NodeJS.ProcessEnv
}

export type Loaded = { readonly project: Project } | { readonly problems: readonly Problem[] }
