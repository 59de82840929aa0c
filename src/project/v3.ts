import { z } from 'zod'
import type { Draft, DraftCredential, DraftEdge, DraftJob, DraftTrigger, DraftWorkflow } from './draft.ts'
import { entriesOf, type Finding, type Placed, parseElement } from './finding.ts'

/** Sections that are read one by one, or that mean nothing here. */
const anything = z.unknown().optional()
const text = z.string().min(1)
const optionalFlag = z.boolean().nullish()

const projectShape = z.object({
  name: text,
  description: z.string().max(240).nullish(),
  collections: anything,
  credentials: anything,
  channels: anything,
  workflows: anything,
})

const credentialShape = z.object({ name: text, owner: z.string().nullish() })

const workflowShape = z.object({ name: text, jobs: anything, triggers: anything, edges: anything })

const bodyShape = z.union([text, z.strictObject({ path: text })], {
  error: 'must be a script, or the path of one as { path: ./jobs/name.ts }.',
})

const jobShape = z.object({ name: text, adaptor: text, credential: text.nullish(), body: bodyShape })

const triggerShape = z.object({
  type: z.enum(['webhook', 'cron', 'kafka']),
  enabled: optionalFlag,
  cron_expression: z.string().nullish(),
  cron_cursor_job: z.string().nullish(),
  webhook_reply: z.enum(['before_start', 'after_completion']).nullish(),
  webhook_response_config: anything,
  custom_path: z.string().nullish(),
  kafka_configuration: anything,
})

const edgeShape = z.object({
  source_trigger: z.string().nullish(),
  source_job: z.string().nullish(),
  target_job: text,
  condition_type: z.enum(['always', 'on_job_success', 'on_job_failure', 'js_expression']),
  condition_expression: z.string().nullish(),
  condition_label: z.string().nullish(),
  enabled: optionalFlag,
})

/**
 * Reads the format with `workflows: { key: { jobs, triggers, edges } }`, which `openfn deploy` takes and people write.
 * Sections may be null and keys may be anything, as in files that OpenFn itself wrote.
 *
 * @source docs/systems.md §OpenFn/project
 */
export function readV3(value: unknown): { readonly draft: Draft; readonly findings: readonly Finding[] } {
  const findings: Finding[] = []
  const root = parseElement(projectShape, { value, at: [] }, findings)
  const section = (name: 'credentials' | 'workflows') => {
    const inside = typeof value === 'object' && value !== null && name in value ? Reflect.get(value, name) : undefined
    return entriesOf({ value: inside, at: [name] }, findings)
  }
  return {
    draft: {
      name: root === undefined ? undefined : { value: root.name, at: ['name'] },
      credentials: section('credentials').flatMap(([key, placed]) => readCredential(key, placed, findings)),
      workflows: section('workflows').flatMap(([key, placed]) => readWorkflow(key, placed, findings)),
    },
    findings,
  }
}

function readCredential(key: string, placed: Placed<unknown>, findings: Finding[]): DraftCredential[] {
  const credential = parseElement(credentialShape, placed, findings)
  if (credential === undefined) return []
  return [{ key, name: inside(placed, 'name', credential.name), owner: credential.owner ?? undefined }]
}

function readWorkflow(key: string, placed: Placed<unknown>, findings: Finding[]): DraftWorkflow[] {
  const workflow = parseElement(workflowShape, placed, findings)
  if (workflow === undefined) return []
  const jobs = entriesOf(inside(placed, 'jobs', workflow.jobs), findings)
  const triggers = entriesOf(inside(placed, 'triggers', workflow.triggers), findings)
  const foundBefore = findings.length
  const edges = entriesOf(inside(placed, 'edges', workflow.edges), findings).flatMap(([edge, element]) =>
    readEdge(edge, element, findings),
  )
  return [
    {
      key,
      at: placed.at,
      name: inside(placed, 'name', workflow.name),
      jobs: jobs.flatMap(([job, element]) => readJob(job, element, findings)),
      jobKeys: jobs.map(([job]) => job),
      triggers: triggers.flatMap(([trigger, element]) => readTrigger(trigger, element, findings)),
      triggerKeys: triggers.map(([trigger]) => trigger),
      edges,
      hasUnreadEdges: findings.length > foundBefore,
    },
  ]
}

function readJob(key: string, placed: Placed<unknown>, findings: Finding[]): DraftJob[] {
  const job = parseElement(jobShape, placed, findings)
  if (job === undefined) return []
  const body = typeof job.body === 'string' ? { text: job.body } : job.body
  return [
    {
      key,
      at: placed.at,
      name: inside(placed, 'name', job.name),
      adaptor: inside(placed, 'adaptor', job.adaptor),
      credential: present(placed, 'credential', job.credential),
      body: { value: body, at: [...placed.at, 'body', ...('path' in body ? ['path'] : [])] },
    },
  ]
}

function readTrigger(key: string, placed: Placed<unknown>, findings: Finding[]): DraftTrigger[] {
  const trigger = parseElement(triggerShape, placed, findings)
  if (trigger === undefined) return []
  return [
    {
      key,
      at: placed.at,
      type: inside(placed, 'type', trigger.type),
      enabled: trigger.enabled ?? true,
      cron: present(placed, 'cron_expression', trigger.cron_expression),
      cursorJob: present(placed, 'cron_cursor_job', trigger.cron_cursor_job),
      reply: present(placed, 'webhook_reply', trigger.webhook_reply),
    },
  ]
}

function readEdge(key: string, placed: Placed<unknown>, findings: Finding[]): DraftEdge[] {
  const edge = parseElement(edgeShape, placed, findings)
  if (edge === undefined) return []
  const trigger = present(placed, 'source_trigger', edge.source_trigger)
  const job = present(placed, 'source_job', edge.source_job)
  if ((trigger === undefined) === (job === undefined)) {
    findings.push({ at: placed.at, ofKey: true, message: 'must come from either a source_trigger or a source_job.' })
    return []
  }
  const from =
    trigger === undefined
      ? { value: { job: job?.value ?? '' }, at: job?.at ?? placed.at }
      : { value: { trigger: trigger.value }, at: trigger.at }
  return [
    {
      key,
      at: placed.at,
      from,
      to: inside(placed, 'target_job', edge.target_job),
      condition: inside(placed, 'condition_type', edge.condition_type),
      expression: present(placed, 'condition_expression', edge.condition_expression),
      label: present(placed, 'condition_label', edge.condition_label),
      enabled: edge.enabled ?? true,
    },
  ]
}

function inside<T>(placed: Placed<unknown>, key: string, value: T): Placed<T> {
  return { value, at: [...placed.at, key] }
}

function present(placed: Placed<unknown>, key: string, value: string | null | undefined): Placed<string> | undefined {
  return value === undefined || value === null ? undefined : inside(placed, key, value)
}
