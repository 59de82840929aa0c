import { existsSync, readFileSync } from 'node:fs'
import { basename, dirname, resolve } from 'node:path'
import type { DraftWorkflow } from './draft.ts'
import { graphFindings } from './edge-rules.ts'
import { type Finding, isRecord } from './finding.ts'
import { toProblem, toWorkflow } from './load.ts'
import { readSource, type Source } from './source.ts'
import type { Job, Problem, Workflow } from './types.ts'
import { readV3 } from './v3.ts'
import { readV4 } from './v4.ts'

/** Something to be run by hand, from a file. */
export interface Plan {
  readonly workflow: Workflow
  /** Of each job as it was written: an object, the path of a JSON file, or `owner|name`. */
  readonly configurations: Readonly<Record<string, unknown>>
  readonly options: { readonly start?: string; readonly end?: string; readonly timeoutMs?: number }
}

export type PlanRead =
  | { readonly plan: Plan }
  | { readonly problems: readonly Problem[] }
  /** The file holds several workflows, or none of this name. */
  | { readonly workflows: readonly string[] }

interface Asked {
  /** Name or key of a workflow in the file. */
  readonly workflow?: string
  /** Of a single script. `http` means `@openfn/language-http`. */
  readonly adaptor?: string
}

/**
 * What OpenFn's command line runs: a job script, an execution plan (`{ workflow: { steps }, options }`), a workflow
 * (`{ id, steps }`), or one workflow of a project in either format. YAML or JSON.
 *
 * @source docs/systems.md §OpenFn/project
 */
export function readPlan(path: string, { workflow, adaptor = '' }: Asked): PlanRead {
  if (/\.([cm]?[jt]s|ojs)$/.test(path)) return { plan: scriptPlan(path, adaptorName(adaptor)) }
  const read = readSource(basename(path), readFileSync(path, 'utf8'))
  if ('problems' in read) return read
  const { source } = read
  const { value } = source
  if (isRecord(value) && 'workflows' in value) return fromProject(source, path, workflow)
  const steps = planIn(value)
  if (steps !== undefined) return fromSteps(source, path, steps)
  return {
    problems: [{ file: basename(path), message: 'holds neither steps nor workflows.', hint: 'Is it an OpenFn file?' }],
  }
}

/** `http`, `http@7.2.10` → `@openfn/language-http…`; full names stay. */
export function adaptorName(short: string): string {
  return short === '' || /^[@/.]/.test(short) || short.startsWith('language-') ? short : `@openfn/language-${short}`
}

function scriptPlan(path: string, adaptor: string): Plan {
  const key = basename(path).replace(/\.\w+$/, '')
  const job: Job = { key, name: key, adaptor, body: { path: resolve(path) } }
  return { workflow: workflowOf(key, { [key]: job }, [], key), configurations: {}, options: {} }
}

function fromProject(source: Source, path: string, asked: string | undefined): PlanRead {
  const isV4 = isRecord(source.value) && 'schema_version' in source.value
  const { draft, findings } = isV4 ? readV4(source.value) : readV3(source.value)
  const one = draft.workflows.length === 1 && asked === undefined ? draft.workflows[0] : undefined
  const found = one ?? draft.workflows.find(({ key, name }) => key === asked || name.value === asked)
  if (found === undefined) return { workflows: draft.workflows.map(({ key }) => key) }
  const problems = problemsOf([...findings, ...graphFindings(found)], source)
  if (problems.length > 0) return { problems }
  const workflow = found.triggers.length > 0 ? toWorkflow(found, dirname(resolve(path)), source) : undefined
  if (workflow === undefined)
    return { problems: problemsOf([{ at: found.at, ofKey: true, message: 'has no trigger.' }], source) }
  const names = Object.fromEntries(
    draft.credentials.map(({ key, name, owner }) => [key, owner ? `${owner}|${name.value}` : name.value]),
  )
  const configurations = Object.values(workflow.jobs).flatMap(({ key, credential }) =>
    credential === undefined ? [] : [[key, names[credential] ?? credential] as const],
  )
  return { plan: { workflow, configurations: Object.fromEntries(configurations), options: {} } }
}

interface Steps {
  readonly value: Readonly<Record<string, unknown>>
  readonly steps: readonly Readonly<Record<string, unknown>>[]
  readonly at: readonly string[]
  readonly options: unknown
}

function planIn(value: unknown): Steps | undefined {
  if (!isRecord(value)) return undefined
  const isPlan = isRecord(value.workflow)
  const workflow = isPlan ? value.workflow : value
  if (!isRecord(workflow) || !Array.isArray(workflow.steps)) return undefined
  const { steps } = workflow
  return { value: workflow, steps: steps.filter(isRecord), at: isPlan ? ['workflow'] : [], options: value.options }
}

/** Steps as specification 4.0 has them, with what an execution plan may add taken out of them. */
function fromSteps(source: Source, path: string, { value, steps, at, options }: Steps): PlanRead {
  const named = steps.map((step, index) => ({ ...step, id: String(step.id ?? step.name ?? `job-${index + 1}`) }))
  const id = String(value.id ?? value.name ?? basename(path).replace(/\.\w+$/, ''))
  const { draft, findings } = readV4({
    schema_version: '4.0',
    id,
    workflows: [{ id, steps: named.map(specified) }],
  })
  const [found] = draft.workflows
  if (found === undefined) return { problems: problemsOf(findings, source) }
  const begin = { ...given(value, 'start'), ...given(options, 'start') }
  const start = String(begin.start ?? named[0]?.id ?? '')
  const original = (finding: Finding): Finding => ({ ...finding, at: [...at, ...finding.at.slice(2)] })
  const problems = problemsOf([...findings, ...graphFindings(found)].map(original), source)
  if (problems.length > 0) return { problems }

  const workflow = startingAt(found, start, dirname(resolve(path)), source, original)
  const timeout = isRecord(options) ? Number(options.stepTimeout ?? options.timeout) : Number.NaN
  return {
    plan: {
      workflow: {
        ...workflow,
        jobs: Object.fromEntries(Object.values(workflow.jobs).map((job) => [job.key, withDefaults(job, named)])),
      },
      configurations: Object.fromEntries(
        named.flatMap((step) => ('configuration' in step ? [[step.id, step.configuration]] : [])),
      ),
      options: {
        ...(start in workflow.jobs ? { start } : {}),
        ...given(options, 'end'),
        ...(timeout > 0 ? { timeoutMs: timeout } : {}),
      },
    },
  }
}

const noAdaptor = 'none'

function specified({ id, name, type, adaptor, adaptors, expression, next, ...rest }: Record<string, unknown>) {
  const isTrigger = typeof type === 'string'
  if (isTrigger) return { id, name, type, enabled: rest.enabled, next }
  const [first] = Array.isArray(adaptors) ? adaptors : []
  return {
    id,
    name,
    adaptor: adaptorName(String(adaptor ?? first ?? '')) || noAdaptor,
    // A step without one hands its state on.
    expression: typeof expression === 'string' && expression !== '' ? expression : '// nothing',
    next,
  }
}

/** A plan need not have a trigger: then its first step is what starts. */
function startingAt(
  draft: DraftWorkflow,
  start: string,
  root: string,
  source: Source,
  original: (finding: Finding) => Finding,
): Workflow {
  const placed: Source = { ...source, textPlace: (path) => source.textPlace(original({ at: path, message: '' }).at) }
  if (draft.triggers.length > 0) return toWorkflow(draft, root, placed)
  const at = draft.at
  const trigger = {
    key: '',
    at,
    type: { value: 'webhook' as const, at },
    enabled: true,
    cron: undefined,
    cursorJob: undefined,
    reply: undefined,
  }
  const workflow = toWorkflow({ ...draft, triggers: [trigger] }, root, placed)
  return workflowOf(workflow.key, workflow.jobs, workflow.edges, start)
}

function workflowOf(key: string, jobs: Workflow['jobs'], edges: Workflow['edges'], start: string): Workflow {
  return {
    key,
    name: key,
    trigger: { key: '', type: 'webhook', enabled: true },
    jobs,
    edges: [{ key: `->${start}`, from: { trigger: '' }, to: start, condition: 'always', enabled: true }, ...edges],
  }
}

function withDefaults(job: Job, steps: readonly Record<string, unknown>[]): Job {
  const step = steps.find(({ id }) => id === job.key)
  const defaults = isRecord(step?.state) ? step.state : undefined
  return {
    ...job,
    adaptor: job.adaptor === noAdaptor ? '' : job.adaptor,
    ...(defaults === undefined ? {} : { defaults }),
  }
}

function given(from: unknown, name: 'start' | 'end'): { readonly start?: string; readonly end?: string } {
  const value = isRecord(from) ? from[name] : undefined
  return typeof value === 'string' ? { [name]: value } : {}
}

function problemsOf(findings: readonly Finding[], source: Source): readonly Problem[] {
  return findings.map((finding) => toProblem(finding, source))
}

/** Whether an argument of `exchange run` means a file and no workflow of the project. */
export function isPlanFile(argument: string): boolean {
  return /\.(([cm]?[jt]|oj)s|ya?ml|json)$/.test(argument) || (argument.includes('/') && existsSync(argument))
}
