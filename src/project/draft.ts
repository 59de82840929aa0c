import type { Path, Placed } from './finding.ts'
import type { Edge } from './types.ts'

/*
 * A project as read from either format, before anybody looked whether it makes sense. Everything that a rule may find
 * wrong carries its place. Elements that could not be read are missing here, but their keys are listed, so that what
 * points at them is not reported as well.
 */

export interface Draft {
  readonly name: Placed<string> | undefined
  readonly credentials: readonly DraftCredential[]
  readonly workflows: readonly DraftWorkflow[]
}

export interface DraftCredential {
  readonly key: string
  readonly name: Placed<string>
  readonly owner: string | undefined
}

export interface DraftWorkflow {
  readonly key: string
  readonly at: Path
  readonly name: Placed<string>
  readonly jobs: readonly DraftJob[]
  readonly jobKeys: readonly string[]
  readonly triggers: readonly DraftTrigger[]
  readonly triggerKeys: readonly string[]
  readonly edges: readonly DraftEdge[]
  /** Some edges could not be read: what they reach is unknown. */
  readonly hasUnreadEdges: boolean
}

export interface DraftJob {
  readonly key: string
  readonly at: Path
  readonly name: Placed<string>
  readonly adaptor: Placed<string>
  /** Key of a credential. */
  readonly credential: Placed<string> | undefined
  readonly body: Placed<{ readonly path: string } | { readonly text: string }>
}

export interface DraftTrigger {
  readonly key: string
  readonly at: Path
  readonly type: Placed<'webhook' | 'cron' | 'kafka'>
  readonly enabled: boolean
  readonly cron: Placed<string> | undefined
  readonly cursorJob: Placed<string> | undefined
  readonly reply: Placed<string> | undefined
}

export interface DraftEdge {
  readonly key: string
  readonly at: Path
  readonly from: Placed<Edge['from']>
  readonly to: Placed<string>
  readonly condition: Placed<Edge['condition']>
  readonly expression: Placed<string> | undefined
  readonly label: Placed<string> | undefined
  readonly enabled: boolean
}
