import { readFileSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { loadSpecification } from '../mapping/load.ts'
import type { Specification } from '../mapping/types.ts'
import { adaptorProblem } from './adaptor-rule.ts'
import { chooseCountry } from './country.ts'
import type { Draft, DraftEdge, DraftJob, DraftTrigger, DraftWorkflow } from './draft.ts'
import { type Finding, isRecord, renderPath } from './finding.ts'
import { inOrder } from './problem.ts'
import { ruleFindings } from './rules.ts'
import { readSource, type Source } from './source.ts'
import type { Edge, Job, Problem, Project, Trigger, Workflow } from './types.ts'
import { readV3 } from './v3.ts'
import { readV4 } from './v4.ts'
import { readWorkspace, workspaceFile } from './workspace.ts'

export interface LoadOptions {
  /** Folder under mappings/; absent: COUNTRY of `env`, else `exchange.country` of the project's package.json. */
  readonly country?: string
  readonly env?: NodeJS.ProcessEnv
}

export type Loaded = { readonly project: Project } | { readonly problems: readonly Problem[] }

const file = 'project.yaml'

/**
 * The project in the folder `root`: workflows, jobs, credentials and the mapping specification of its country, frozen.
 * Or every problem of all of these at once, in the order of the files.
 */
export async function loadProject(root: string, { country, env = {} }: LoadOptions = {}): Promise<Loaded> {
  const folder = resolve(root)
  const workflows = readWorkflows(folder)
  const chosen = chooseCountry(folder, country ?? env.COUNTRY)
  const mapping = 'country' in chosen ? await loadSpecification(folder, chosen.country) : chosen

  if ('draft' in workflows && 'specification' in mapping) {
    return { project: toProject(workflows.draft, folder, mapping.specification, workflows.source) }
  }
  const problems = [workflows, mapping].flatMap((part) => ('problems' in part ? part.problems : []))
  return { problems: inOrder(problems) }
}

type Workflows = { readonly draft: Draft; readonly source: Source } | { readonly problems: readonly Problem[] }

/** project.yaml alone, in either format, or the workspace of OpenFn's command line, held against every rule. */
export function readWorkflows(root: string): Workflows {
  const text = readText(join(root, file))
  if (text === undefined && isFile(join(root, workspaceFile))) return held(readWorkspace(root), root)
  if (text === undefined) {
    const hint = 'Start the exchange in the folder of a project, or make one with: exchange clone DIR --country NAME'
    return { problems: [{ file, message: `there is no such file in ${root}.`, hint }] }
  }
  return held(readSource(file, text), root)
}

function held(read: ReturnType<typeof readSource>, root: string): Workflows {
  if ('problems' in read) return read
  const { source } = read
  const isV4 = isRecord(source.value) && 'schema_version' in source.value
  const { draft, findings } = isV4 ? readV4(source.value) : readV3(source.value)
  const rules = ruleFindings(draft, {
    isFile: (path) => isFile(resolve(root, path)),
    adaptorProblem: (specifier) => adaptorProblem(specifier, root),
  })
  const problems = [...findings, ...rules].map((finding) => toProblem(finding, source))
  return problems.length > 0 ? { problems: inOrder(problems) } : { draft, source }
}

export function toProblem({ at, ofKey, message, hint }: Finding, source: Source): Problem {
  const place = ofKey === true ? source.keyPlace(at) : source.place(at)
  const path = renderPath(at)
  return {
    file: source.file(at),
    ...place,
    message: path === '' ? message : `${path}: ${message}`,
    ...(hint === undefined ? {} : { hint }),
  }
}

function toProject(
  { name, credentials, workflows }: Draft,
  root: string,
  specification: Specification,
  source: Source,
): Project {
  return deepFreeze({
    name: name?.value ?? '',
    root,
    workflows: table(workflows.map((workflow) => [workflow.key, toWorkflow(workflow, root, source)])),
    credentials: table(credentials.map(({ key, name: { value } }) => [key, { name: value }])),
    specification,
  })
}

export function toWorkflow(
  { key, name, triggers, jobs, edges }: DraftWorkflow,
  root: string,
  source: Source,
): Workflow {
  const [trigger] = triggers
  if (trigger === undefined) throw new Error(`Workflow "${key}" has no trigger.`)
  return {
    key,
    name: name.value,
    trigger: toTrigger(trigger),
    jobs: table(jobs.map((job) => [job.key, toJob(job, root, source)])),
    edges: edges.map(toEdge),
  }
}

function toTrigger({ key, type, enabled, cron }: DraftTrigger): Trigger {
  if (type.value === 'cron' && cron !== undefined) return { key, type: 'cron', enabled, cron: cron.value.trim() }
  return { key, type: 'webhook', enabled }
}

function toJob({ key, name, adaptor, credential, body }: DraftJob, root: string, source: Source): Job {
  const begins = source.textPlace(body.at)
  return {
    key,
    name: name.value,
    adaptor: adaptor.value,
    ...(credential === undefined ? {} : { credential: credential.value }),
    body:
      'path' in body.value
        ? { path: resolve(root, body.value.path) }
        : { ...body.value, file: join(root, source.file(body.at)), ...(begins === undefined ? {} : { begins }) },
  }
}

function toEdge({ key, from, to, condition, expression, label, enabled }: DraftEdge): Edge {
  return {
    key,
    from: from.value,
    to: to.value,
    condition: condition.value,
    ...(expression === undefined ? {} : { expression: expression.value.trim() }),
    ...(label === undefined ? {} : { label: label.value }),
    enabled,
  }
}

/** Without a prototype: names come from outside (`POST /i/constructor`), and only what is in the project may be found. */
function table<T>(entries: readonly (readonly [string, T])[]): Readonly<Record<string, T>> {
  return Object.assign(Object.create(null), Object.fromEntries(entries))
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    for (const inside of Object.values(value)) deepFreeze(inside)
  }
  return value
}

function readText(path: string): string | undefined {
  return isFile(path) ? readFileSync(path, 'utf8') : undefined
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true
}
