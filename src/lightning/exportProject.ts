import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Specification } from '../mapping/types.ts'
import { installedVersion, splitSpecifier } from '../project/adaptor-rule.ts'
import type { Draft, DraftJob, DraftWorkflow } from '../project/draft.ts'
import { isRecord } from '../project/finding.ts'
import { loadProject, readWorkflows, toProblem } from '../project/load.ts'
import { portableProblems } from '../project/portable.ts'
import { inOrder } from '../project/problem.ts'
import type { Source } from '../project/source.ts'
import type { Problem } from '../project/types.ts'
import { bundleJob } from './bundle.ts'
import { portableScriptProblems } from './portableScripts.ts'
import { writeV3 } from './writeV3.ts'
import { writeV4 } from './writeV4.ts'

export interface ExportedFile {
  /** Relative to the folder that is written. */
  readonly path: string
  readonly text: string
}

/** A project as Lightning holds it, with the code of each job. */
export interface Exported {
  readonly name: string
  readonly description: string | undefined
  readonly collections: readonly string[]
  readonly credentials: Draft['credentials']
  readonly workflows: readonly (DraftWorkflow & { readonly scripts: readonly ExportedScript[] })[]
}

export interface ExportedScript {
  readonly job: DraftJob
  /** `@openfn/language-http@7.2.10` */
  readonly adaptor: string
  readonly code: string
}

export type Export =
  | { readonly files: readonly ExportedFile[]; readonly exported: Exported }
  | { readonly problems: readonly Problem[] }

/**
 * The project in `root` for OpenFn Lightning: `project.yaml` with its scripts for `openfn deploy`, and `lightning.yaml`, one
 * file of specification 4.0 with the code in it, for import by hand. Or everything that would not run there.
 *
 * Scripts (`.js`, or inline) go as they are. Modules are bundled; they need `@openfn/language-http` there in the place of
 * our Primero adaptor, whose code is in the bundle.
 *
 * @source docs/systems.md §OpenFn/project
 */
export async function exportProject(root: string, env: NodeJS.ProcessEnv): Promise<Export> {
  const loaded = await loadProject(root, { env })
  const read = readWorkflows(root)
  if ('problems' in loaded) return loaded
  if ('problems' in read) return read
  const { draft, source } = read
  const { specification } = loaded.project
  const problems = [
    ...portableProblems(root),
    ...(await portableScriptProblems(loaded.project)),
    ...legacyProblems(draft, source, specification),
  ]
  if (problems.length > 0) return { problems: inOrder(problems) }
  const name = draft.name?.value ?? ''
  const collection = `${name}-state`
  const workflows = await Promise.all(
    draft.workflows.map(async (workflow) => ({
      ...workflow,
      scripts: await Promise.all(
        workflow.jobs.map((job) => scriptOf(job, { root, workflow, collection, specification, problems, source })),
      ),
    })),
  )
  if (problems.length > 0) return { problems: inOrder(problems) }
  const isBundled = workflows.some(({ jobs }) => jobs.some((job) => !isScript(job)))
  const exported: Exported = {
    name,
    description: textIn(source.value, 'description'),
    collections: [...new Set([...collectionsIn(source.value), ...(isBundled ? [collection] : [])])],
    credentials: draft.credentials,
    workflows,
  }
  const scripts = workflows.flatMap((workflow) =>
    workflow.scripts.map(({ job, code }) => ({ path: scriptPath(workflow.key, job.key), text: code })),
  )
  return {
    exported,
    files: [
      { path: 'project.yaml', text: writeV3(exported, source.value) },
      { path: 'lightning.yaml', text: writeV4(exported, source.value) },
      ...scripts,
    ],
  }
}

/** Where the script of a job lies, seen from project.yaml. Keys may hold anything; files may not. */
export function scriptPath(workflow: string, job: string): string {
  const plain = (key: string) => key.replace(/[^\w.-]+/g, '-')
  return `jobs/${plain(workflow)}/${plain(job)}.js`
}

interface Surroundings {
  readonly root: string
  readonly workflow: DraftWorkflow
  readonly collection: string
  readonly specification: Specification
  readonly problems: Problem[]
  readonly source: Source
}

async function scriptOf(job: DraftJob, around: Surroundings): Promise<ExportedScript> {
  const { root, workflow, collection, specification, problems, source } = around
  const body = job.body.value
  if ('text' in body) return { job, adaptor: job.adaptor.value, code: body.text }
  if (isScript(job)) return { job, adaptor: job.adaptor.value, code: readFileSync(resolve(root, body.path), 'utf8') }
  const adaptor = adaptorThere(job, root)
  const { code, missing } = await bundleJob({
    path: resolve(root, body.path),
    adaptor: splitSpecifier(adaptor).name,
    facts: {
      collection,
      workflow: workflow.key,
      trigger: workflow.triggers[0]?.type.value ?? 'webhook',
      first: workflow.edges.some(({ from, to }) => 'trigger' in from.value && to.value === job.key),
      last: !workflow.edges.some(({ from, enabled }) => enabled && 'job' in from.value && from.value.job === job.key),
      specification,
    },
  })
  problems.push(
    ...missing.map((name) =>
      toProblem({ at: job.body.at, message: `asks for ${name}, which a job on Lightning does not find.` }, source),
    ),
  )
  return { job, adaptor, code }
}

/** Requests to Primero go through language-http there; the rest of our adaptor is in the bundle. */
function adaptorThere({ adaptor }: DraftJob, root: string): string {
  const http = '@openfn/language-http'
  if (splitSpecifier(adaptor.value).name !== '@openfn/language-primero') return adaptor.value
  return `${http}@${installedVersion(http, root) ?? '7.2.10'}`
}

function isScript({ body: { value } }: DraftJob): boolean {
  return 'text' in value || /\.(js|ojs)$/.test(value.path)
}

function legacyProblems({ workflows }: Draft, source: Source, { settings }: Specification): readonly Problem[] {
  return workflows.flatMap(({ jobs }) =>
    jobs
      .filter(({ key }) => settings.jobs[key]?.legacy === true)
      .map(({ at }) =>
        toProblem(
          {
            at,
            ofKey: true,
            message: 'is an old script (settings.json: legacy), whose names Lightning does not have any more.',
            hint: 'Write it for the adaptor that it names.',
          },
          source,
        ),
      ),
  )
}

function textIn(value: unknown, key: string): string | undefined {
  const found = isRecord(value) ? value[key] : undefined
  return typeof found === 'string' ? found : undefined
}

/** Names of a project's collections, in either format: a map of `{ name }`, a list of them, or of names. */
export function collectionsIn(value: unknown): readonly string[] {
  const found = isRecord(value) ? value.collections : undefined
  const items: readonly unknown[] = Array.isArray(found) ? found : isRecord(found) ? Object.values(found) : []
  return items.flatMap((item) => (typeof item === 'string' ? [item] : (textIn(item, 'name') ?? [])))
}
