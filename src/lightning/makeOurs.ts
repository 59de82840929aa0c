import { fileURLToPath } from 'node:url'
import { installedVersion, splitSpecifier } from '../project/adaptor-rule.ts'
import type { Draft, DraftEdge, DraftJob, DraftTrigger, DraftWorkflow } from '../project/draft.ts'
import { type Finding, isRecord } from '../project/finding.ts'
import { collectionsIn, type Exported } from './exportProject.ts'

interface Notes {
  readonly lost: (finding: Finding) => void
  readonly changed: (finding: Finding) => void
}

/** Adaptor → name of the credential that its jobs get here. */
const roles: Readonly<Record<string, string>> = {
  '@openfn/language-primero': 'primero-api',
  '@openfn/language-http': 'dtp',
}

/** Versions that our own implementations follow. */
const served: Readonly<Record<string, string>> = {
  '@openfn/language-primero': '4.1.2',
  '@openfn/language-collections': '0.8.0',
}

/**
 * A project as OpenFn wrote it, brought to what can run here: exact versions of adaptors, credentials of ours, one trigger a
 * workflow, names that are allowed, edges that lead somewhere. What it changes and leaves out, it tells.
 */
export function makeOurs(
  draft: Draft,
  raw: unknown,
  notes: Notes,
): Omit<Exported, 'workflows'> & { readonly workflows: readonly DraftWorkflow[] } {
  const given = draft.name?.value ?? ''
  const name =
    given
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-+|-+$/g, '') || 'imported'
  if (name !== given) notes.changed({ at: ['name'], message: `is ${name} here.` })
  if (isRecord(raw) && isFilled(raw.channels))
    notes.lost({ at: ['channels'], ofKey: true, message: 'there are none here.' })
  const workflows = draft.workflows.flatMap((workflow) => ourWorkflow(workflow, draft, notes))
  const used = [...new Set(workflows.flatMap(({ jobs }) => jobs.flatMap(({ credential }) => credential?.value ?? [])))]
  const description = isRecord(raw) && typeof raw.description === 'string' ? raw.description.slice(0, 240) : undefined
  return {
    name,
    description,
    collections: collectionsIn(raw),
    credentials: used.map((key) => ({ key, name: { value: key, at: [] }, owner: undefined })),
    workflows,
  }
}

function ourWorkflow(workflow: DraftWorkflow, draft: Draft, notes: Notes): DraftWorkflow[] {
  const trigger = ourTrigger(workflow, notes)
  const names = new Set<string>()
  const all = workflow.jobs.map((job) => ourJob(job, draft, names, notes))
  const edges = workflow.edges.flatMap((edge) => ourEdge(edge, all, trigger, notes))
  const reached = new Set(edges.flatMap(({ from, to }) => ('trigger' in from.value ? [to.value] : [])))
  for (const job of reached) {
    for (const { from, to } of edges) if ('job' in from.value && from.value.job === job) reached.add(to.value)
  }
  const jobs = all.filter(({ key, at }) => {
    if (!reached.has(key))
      notes.lost({ at, ofKey: true, message: 'no edge leads to it from the trigger: it is left out.' })
    return reached.has(key)
  })
  if (jobs.length === 0) {
    notes.lost({ at: workflow.at, ofKey: true, message: 'nothing in it can run: it is left out.' })
    return []
  }
  if (trigger.type.value === 'webhook') {
    notes.changed({
      at: workflow.at,
      ofKey: true,
      message: `its address is /i/${encodeURIComponent(workflow.key)} here.`,
    })
  } else {
    notes.lost({
      at: workflow.at,
      ofKey: true,
      message: 'each run begins with an empty state here, not with the end of the last one.',
      hint: 'Keep what must last in a collection.',
    })
  }
  const kept = edges.filter(
    ({ from, to }) => reached.has(to.value) && ('trigger' in from.value || reached.has(from.value.job)),
  )
  return [
    {
      ...workflow,
      jobs,
      jobKeys: jobs.map(({ key }) => key),
      triggers: [trigger],
      triggerKeys: [trigger.key],
      edges: kept,
    },
  ]
}

function ourTrigger({ triggers, at }: DraftWorkflow, notes: Notes): DraftTrigger {
  const [first, ...more] = triggers
  for (const { at: place } of more)
    notes.lost({ at: place, ofKey: true, message: 'a workflow has one trigger here: it is left out.' })
  const plain = { cursorJob: undefined, reply: undefined, cron: undefined }
  if (first === undefined) {
    notes.lost({ at, ofKey: true, message: 'has no trigger: it gets a webhook that is switched off.' })
    return { ...plain, key: 'webhook', at, type: { value: 'webhook', at }, enabled: false }
  }
  if (first.type.value === 'kafka') {
    notes.lost({ at: first.type.at, message: 'there is no kafka here: it is a webhook that is switched off.' })
    return { ...first, ...plain, type: { value: 'webhook', at: first.type.at }, enabled: false }
  }
  if (first.reply?.value === 'after_completion')
    notes.lost({
      at: first.reply.at,
      message: 'the inbox answers when a message is stored, not when it was processed.',
    })
  if (first.cursorJob !== undefined)
    notes.lost({
      at: first.cursorJob.at,
      message: 'no state is handed from run to run here.',
      hint: 'Keep it in a collection.',
    })
  return { ...first, cursorJob: undefined, reply: undefined }
}

function ourJob(job: DraftJob, { credentials }: Draft, names: Set<string>, notes: Notes): DraftJob {
  const plain = job.name.value.replace(/[^a-zA-Z0-9_\- ]+/g, '-').slice(0, 90)
  let name = plain
  for (let count = 2; names.has(name); count += 1) name = `${plain} ${count}`
  names.add(name)
  if (name !== job.name.value) notes.changed({ at: job.name.at, message: `is "${name}" here.` })
  const adaptor = ourAdaptor(job, notes)
  const role = roles[splitSpecifier(adaptor).name]
  const known = credentials.find(({ key }) => key === job.credential?.value)
  const ours = { ...job, name: { ...job.name, value: name }, adaptor: { ...job.adaptor, value: adaptor } }
  if (job.credential === undefined) return ours
  const shown = known?.name.value ?? job.credential.value
  if (role === undefined) {
    notes.lost({
      at: job.credential.at,
      message: `no variables belong to the credential "${shown}": the job gets none.`,
    })
    return { ...ours, credential: undefined }
  }
  notes.changed({
    at: job.credential.at,
    message: `"${shown}" is the credential ${role} here, with values from the environment.`,
  })
  return { ...ours, credential: { ...job.credential, value: role } }
}

function ourAdaptor({ adaptor }: DraftJob, notes: Notes): string {
  const { name, version } = splitSpecifier(adaptor.value)
  const here = served[name] ?? installedVersion(name, fileURLToPath(new URL('.', import.meta.url)))
  if (here === undefined) {
    notes.lost({
      at: adaptor.at,
      message: `there is no adaptor "${name}" here.`,
      hint: `Install it: npm install ${name}`,
    })
    return adaptor.value
  }
  if (version === here) return adaptor.value
  notes.changed({ at: adaptor.at, message: `is ${name}@${here} here.` })
  return `${name}@${here}`
}

function ourEdge(edge: DraftEdge, jobs: readonly DraftJob[], trigger: DraftTrigger, notes: Notes): DraftEdge[] {
  const isThere = (key: string) => jobs.some((job) => job.key === key)
  const { from, to, condition, expression, at } = edge
  if (!isThere(to.value) || ('job' in from.value && !isThere(from.value.job))) {
    notes.lost({ at, ofKey: true, message: 'leads from or to a job that is not there: it is left out.' })
    return []
  }
  if ('trigger' in from.value && from.value.trigger !== trigger.key) return []
  const value = 'trigger' in from.value && condition.value.startsWith('on_job') ? 'always' : condition.value
  const isLong = (expression?.value.trim().length ?? 0) > 255
  if (value !== 'js_expression' || (expression !== undefined && !isLong))
    return [
      { ...edge, condition: { ...condition, value }, expression: value === 'js_expression' ? expression : undefined },
    ]
  notes.lost({
    at: expression?.at ?? at,
    message: isLong
      ? 'is longer than 255 characters: the edge is switched off.'
      : 'has no expression: the edge is switched off.',
  })
  return [{ ...edge, condition: { ...condition, value: 'always' }, expression: undefined, enabled: false }]
}

function isFilled(value: unknown): boolean {
  return value !== undefined && value !== null && Object.keys(value).length > 0
}
