import { z } from 'zod'
import type { Draft, DraftCredential, DraftEdge, DraftJob, DraftTrigger, DraftWorkflow } from './draft.ts'
import { entriesOf, type Finding, isRecord, itemsOf, type Placed, parseElement } from './finding.ts'
import type { Edge } from './types.ts'

/** Sections that are read one by one, or that mean nothing here. */
const anything = z.unknown().optional()
const text = z.string().min(1)
const optionalText = z.string().nullish()

const projectShape = z.object({
  id: text,
  name: optionalText,
  description: z.string().max(240).nullish(),
  schema_version: z.union([z.literal('4.0'), z.literal(4)], { error: 'must be "4.0", the newest that is known here.' }),
  collections: anything,
  credentials: anything,
  channels: anything,
  workflows: anything,
})

const credentialShape = z.object({ name: text, owner: optionalText, uuid: optionalText })

const workflowShape = z.object({
  id: text,
  name: optionalText,
  schema_version: anything,
  start: optionalText,
  globals: anything,
  options: anything,
  steps: anything,
})

const triggerShape = z.object({
  id: text,
  name: optionalText,
  type: z.enum(['webhook', 'cron', 'kafka']),
  enabled: z.boolean().nullish(),
  custom_path: optionalText,
  cron_expression: optionalText,
  cron_cursor_job_id: optionalText,
  cron_cursor: optionalText,
  webhook_reply: z.enum(['before_start', 'after_completion']).nullish(),
  webhook_response_config: anything,
  kafka_configuration: anything,
  next: anything,
})

const jobShape = z.object({
  id: text,
  name: optionalText,
  adaptor: text,
  expression: text,
  configuration: text.nullish(),
  next: anything,
})

const edgeShape = z.object({
  condition: z.union([z.string(), z.boolean()]).nullish(),
  label: optionalText,
  disabled: z.boolean().nullish(),
})

/**
 * Reads specification 4.0, which Lightning exports: lists of steps, each with its `next`.
 *
 * A credential is known by `owner|name`, as steps name it. An edge without a condition is followed, as Lightning's worker
 * does. `next: id`, the short form that Lightning writes for a single edge, is read.
 *
 * @source docs/systems.md §OpenFn/project
 */
export function readV4(value: unknown): { readonly draft: Draft; readonly findings: readonly Finding[] } {
  const findings: Finding[] = []
  const root = parseElement(projectShape, { value, at: [] }, findings)
  const section = (name: 'credentials' | 'workflows') =>
    itemsOf({ value: isRecord(value) ? value[name] : undefined, at: [name] }, findings)
  return {
    draft: {
      name: root === undefined ? undefined : { value: root.name ?? root.id, at: [root.name ? 'name' : 'id'] },
      credentials: section('credentials').flatMap((placed) => readCredential(placed, findings)),
      workflows: section('workflows').flatMap((placed) => readWorkflow(placed, findings)),
    },
    findings,
  }
}

function readCredential(placed: Placed<unknown>, findings: Finding[]): DraftCredential[] {
  const credential = parseElement(credentialShape, placed, findings)
  if (credential === undefined) return []
  const { name, owner } = credential
  return [{ key: owner ? `${owner}|${name}` : name, name: inside(placed, 'name', name), owner: owner ?? undefined }]
}

function readWorkflow(placed: Placed<unknown>, findings: Finding[]): DraftWorkflow[] {
  const workflow = parseElement(workflowShape, placed, findings)
  if (workflow === undefined) return []
  const steps = itemsOf(inside(placed, 'steps', workflow.steps), findings)
  const isTrigger = ({ value }: Placed<unknown>) => isRecord(value) && 'type' in value
  const triggers = steps.filter(isTrigger)
  const jobs = steps.filter((step) => !isTrigger(step))
  const foundBefore = findings.length
  const edges = steps.flatMap((step) => readEdges(step, isTrigger(step), findings))
  const hasUnreadEdges = findings.length > foundBefore
  return [
    {
      key: workflow.id,
      at: placed.at,
      name: inside(placed, workflow.name ? 'name' : 'id', workflow.name ?? workflow.id),
      jobs: jobs.flatMap((step) => readJob(step, findings)),
      jobKeys: jobs.flatMap(idOf),
      triggers: triggers.flatMap((step) => readTrigger(step, findings)),
      triggerKeys: triggers.flatMap(idOf),
      edges,
      hasUnreadEdges,
    },
  ]
}

function readJob(placed: Placed<unknown>, findings: Finding[]): DraftJob[] {
  const job = parseElement(jobShape, placed, findings)
  if (job === undefined) return []
  const isPath = /^\S+\.[cm]?[jt]s$/.test(job.expression)
  return [
    {
      key: job.id,
      at: placed.at,
      name: inside(placed, job.name ? 'name' : 'id', job.name ?? job.id),
      adaptor: inside(placed, 'adaptor', job.adaptor),
      credential: job.configuration ? inside(placed, 'configuration', job.configuration) : undefined,
      body: inside(placed, 'expression', isPath ? { path: job.expression } : { text: job.expression }),
    },
  ]
}

function readTrigger(placed: Placed<unknown>, findings: Finding[]): DraftTrigger[] {
  const trigger = parseElement(triggerShape, placed, findings)
  if (trigger === undefined) return []
  const present = (key: 'cron_expression' | 'cron_cursor_job_id' | 'cron_cursor' | 'webhook_reply') => {
    const value = trigger[key]
    return value === null || value === undefined ? undefined : inside(placed, key, value)
  }
  return [
    {
      key: trigger.id,
      at: placed.at,
      type: inside(placed, 'type', trigger.type),
      enabled: trigger.enabled ?? true,
      cron: present('cron_expression'),
      cursorJob: present('cron_cursor_job_id') ?? present('cron_cursor'),
      reply: present('webhook_reply'),
    },
  ]
}

function readEdges(step: Placed<unknown>, isTrigger: boolean, findings: Finding[]): DraftEdge[] {
  if (!isRecord(step.value)) return []
  const [source] = idOf(step)
  if (source === undefined) return []
  const next = inside(step, 'next', step.value.next)
  const from = { value: isTrigger ? { trigger: source } : { job: source }, at: step.at }
  const edgeTo = (
    to: Placed<string>,
    edge: z.output<typeof edgeShape>,
    conditionAt: Placed<unknown>['at'],
  ): DraftEdge => {
    const { condition, expression } = conditionOf(edge.condition)
    return {
      key: `${source}->${to.value}`,
      at: to.at,
      from,
      to,
      condition: { value: condition, at: conditionAt },
      expression: expression === undefined ? undefined : { value: expression, at: conditionAt },
      label: edge.label ? { value: edge.label, at: [...to.at, 'label'] } : undefined,
      enabled: edge.disabled !== true && edge.condition !== false,
    }
  }
  if (typeof next.value === 'string') return [edgeTo({ value: next.value, at: next.at }, {}, next.at)]
  return entriesOf(next, findings).flatMap(([target, placed]) => {
    const to = { value: target, at: placed.at }
    if (typeof placed.value === 'string' || typeof placed.value === 'boolean') {
      return [edgeTo(to, { condition: placed.value }, placed.at)]
    }
    const edge = parseElement(edgeShape, placed, findings)
    return edge === undefined ? [] : [edgeTo(to, edge, [...placed.at, 'condition'])]
  })
}

const named = ['always', 'on_job_success', 'on_job_failure'] as const

function conditionOf(condition: string | boolean | null | undefined): {
  condition: Edge['condition']
  expression?: string
} {
  if (typeof condition !== 'string') return { condition: 'always' }
  const name = named.find((known) => known === condition)
  return name === undefined ? { condition: 'js_expression', expression: condition } : { condition: name }
}

function idOf({ value }: Placed<unknown>): string[] {
  return isRecord(value) && typeof value.id === 'string' ? [value.id] : []
}

function inside<T>(placed: Placed<unknown>, key: string, value: T): Placed<T> {
  return { value, at: [...placed.at, key] }
}
