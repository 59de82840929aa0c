import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'
import { isRecord } from './finding.ts'
import { readSource, type Source } from './source.ts'
import type { Problem } from './types.ts'

export const workspaceFile = 'openfn.yaml'

/**
 * The workspace of OpenFn's command line, `openfn.yaml` with `workflows/NAME/NAME.yaml`, as one specification 4.0.
 *
 * Whatever file below the folder of workflows has an `id` and `steps` is a workflow; its expressions are relative to it.
 * Credentials are declared nowhere: they are those that steps name, as `owner|name`.
 *
 * @source docs/systems.md §OpenFn/project
 */
export function readWorkspace(root: string): { readonly source: Source } | { readonly problems: Problem[] } {
  const read = readSource(workspaceFile, readFileSync(join(root, workspaceFile), 'utf8'))
  if ('problems' in read) return read
  const { source: workspace } = read
  const files = yamlFiles(root, workflowFolder(workspace.value)).map((file) => ({
    file,
    read: readSource(file, readFileSync(join(root, file), 'utf8')),
  }))
  const problems = files.flatMap(({ read: one }) => ('problems' in one ? one.problems : []))
  if (problems.length > 0) return { problems }

  const workflows = files.flatMap(({ file, read: one }) => {
    const workflow = 'source' in one ? workflowIn(one.source.value, dirname(file)) : undefined
    return workflow === undefined || 'problems' in one ? [] : [{ ...workflow, source: one.source }]
  })
  const named =
    isRecord(workspace.value) && isRecord(workspace.value.project) ? workspace.value.project : workspace.value
  return {
    source: {
      value: {
        schema_version: '4.0',
        id: isRecord(named) ? (named.id ?? named.name) : undefined,
        credentials: credentialsOf(workflows.map(({ value }) => value)),
        workflows: workflows.map(({ value }) => value),
      },
      ...places(workspace, workflows),
    },
  }
}

interface PlacedWorkflow {
  readonly source: Source
  readonly prefix: readonly string[]
}

/** `workflows[n].…` is written in the n-th file, everything else in openfn.yaml. */
function places(workspace: Source, workflows: readonly PlacedWorkflow[]): Omit<Source, 'value'> {
  const inside = (path: Parameters<Source['place']>[0]) => {
    const [section, index, ...rest] = path
    const workflow = section === 'workflows' && typeof index === 'number' ? workflows[index] : undefined
    return workflow === undefined
      ? { source: workspace, path: ['project', ...path] }
      : { source: workflow.source, path: [...workflow.prefix, ...rest] }
  }
  return {
    file: (path) => inside(path).source.file(path),
    place: (path) => inside(path).source.place(inside(path).path),
    keyPlace: (path) => inside(path).source.keyPlace(inside(path).path),
    textPlace: (path) => inside(path).source.textPlace(inside(path).path),
  }
}

/** Undefined: the file holds something else. `{ workflow, options }`, an execution plan, is a workflow too. */
function workflowIn(value: unknown, folder: string) {
  if (!isRecord(value)) return undefined
  const isPlan = isRecord(value.workflow)
  const workflow = isPlan ? value.workflow : value
  if (!isRecord(workflow) || !('id' in workflow) || !Array.isArray(workflow.steps)) return undefined
  const { openfn: _synced, history: _history, ...rest } = workflow
  return {
    value: { ...rest, steps: workflow.steps.map((step: unknown) => stepOf(step, folder)) },
    prefix: isPlan ? ['workflow'] : [],
  }
}

function stepOf(step: unknown, folder: string): unknown {
  if (!isRecord(step)) return step
  const { openfn: _synced, ...rest } = step
  const { expression } = step
  const isPath = typeof expression === 'string' && /^\.{1,2}\/\S+\.[cm]?[jt]s$/.test(expression)
  return isPath ? { ...rest, expression: `./${posix.join(folder, expression)}` } : rest
}

function credentialsOf(workflows: readonly { readonly steps: readonly unknown[] }[]) {
  const named = workflows.flatMap(({ steps }) =>
    steps.flatMap((step) => (isRecord(step) && typeof step.configuration === 'string' ? [step.configuration] : [])),
  )
  return [...new Set(named)].map((credential) => {
    const [name = '', ...owner] = credential.split('|').reverse()
    return { name, ...(owner.length > 0 ? { owner: owner.reverse().join('|') } : {}) }
  })
}

function workflowFolder(value: unknown): string {
  const dirs = isRecord(value) && isRecord(value.workspace) ? value.workspace.dirs : undefined
  return isRecord(dirs) && typeof dirs.workflows === 'string' ? dirs.workflows : 'workflows'
}

/** Below the folder, as paths from `root`. */
function yamlFiles(root: string, folder: string): readonly string[] {
  try {
    return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => /\.(ya?ml|json)$/.test(file) && !file.includes('node_modules'))
      .sort()
      .map((file) => posix.join(folder, file.replaceAll('\\', '/')))
  } catch {
    return []
  }
}
