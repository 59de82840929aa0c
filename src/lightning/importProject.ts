import { readFileSync, statSync } from 'node:fs'
import { basename, dirname, resolve } from 'node:path'
import type { Draft } from '../project/draft.ts'
import { isRecord } from '../project/finding.ts'
import { toProblem } from '../project/load.ts'
import { inOrder } from '../project/problem.ts'
import { readSource } from '../project/source.ts'
import type { Job, Problem } from '../project/types.ts'
import { readV3 } from '../project/v3.ts'
import { readV4 } from '../project/v4.ts'
import { type ExportedFile, scriptPath } from './exportProject.ts'
import { importScript } from './importScript.ts'
import { makeOurs } from './makeOurs.ts'
import { writeV3 } from './writeV3.ts'

export interface Imported {
  readonly files: readonly ExportedFile[]
  /** Keys of jobs that need the names of old scripts (`jobs.<job>.legacy` in settings.json). */
  readonly legacy: readonly string[]
  /** What is otherwise here, and was made so. */
  readonly changed: readonly Problem[]
  /** What is not in the new project, or does not work in it: somebody must see to it. */
  readonly lost: readonly Problem[]
}

/** What keeps a script from being understood, with and without the names of old scripts. Nothing is run. */
export type Judge = (job: Job, old: boolean) => Promise<readonly Omit<Problem, 'file'>[]>

/**
 * An OpenFn project, in either format, as one of ours: `project.yaml` and a file for each script. Scripts stay as they are;
 * one that cannot run is replaced by one that says so, and lies beside it.
 *
 * @param path  of the project's file, which scripts are named from
 * @source docs/systems.md §OpenFn/project, §OpenFn/legacy
 */
export async function importProject(
  path: string,
  judge: Judge,
): Promise<Imported | { readonly problems: readonly Problem[] }> {
  const file = basename(path)
  const read = readSource(file, readFileSync(path, 'utf8'))
  if ('problems' in read) return read
  const { source } = read
  const { draft, findings } =
    isRecord(source.value) && 'schema_version' in source.value ? readV4(source.value) : readV3(source.value)
  if (draft.name === undefined || draft.workflows.length === 0) {
    const hint = 'It is read in the form of `openfn pull`, or as Lightning exports it.'
    return { problems: [{ file, message: 'holds no workflow of an OpenFn project.', hint }] }
  }
  const lost: Problem[] = findings.map((finding) => toProblem(finding, source))
  const changed: Problem[] = []
  const notes = {
    lost: (finding: Parameters<typeof toProblem>[0]) => void lost.push(toProblem(finding, source)),
    changed: (finding: Parameters<typeof toProblem>[0]) => void changed.push(toProblem(finding, source)),
  }
  const ours = makeOurs(withFoundFiles(draft, dirname(path), notes.lost), source.value, notes)
  const legacy: string[] = []
  const files: ExportedFile[] = []
  for (const workflow of ours.workflows) {
    for (const job of workflow.jobs) {
      const at = scriptPath(workflow.key, job.key)
      const body = job.body.value
      const text = 'text' in body ? body.text : readFileSync(resolve(dirname(path), body.path), 'utf8')
      const script = await importScript({ job, text, path: at, judge })
      if (script.legacy) legacy.push(job.key)
      lost.push(...script.lost)
      files.push({ path: at, text: script.text })
      if (script.text !== text) files.push({ path: `${at}.original`, text })
    }
  }
  const workflows = ours.workflows.map((workflow) => ({
    ...workflow,
    scripts: workflow.jobs.map((job) => ({ job, adaptor: job.adaptor.value, code: '' })),
  }))
  const project = writeV3({ ...ours, workflows }, {})
  return {
    files: [{ path: 'project.yaml', text: project }, ...files],
    legacy: [...new Set(legacy)],
    changed: inOrder(changed),
    lost: inOrder(lost),
  }
}

/** Without the jobs whose scripts are not there. */
function withFoundFiles(draft: Draft, folder: string, tell: (finding: Parameters<typeof toProblem>[0]) => void): Draft {
  return {
    ...draft,
    workflows: draft.workflows.map((workflow) => ({
      ...workflow,
      jobs: workflow.jobs.filter(({ body: { value, at } }) => {
        if ('text' in value || statSync(resolve(folder, value.path), { throwIfNoEntry: false })?.isFile()) return true
        tell({ at, message: `there is no file ${value.path}: the job is left out.` })
        return false
      }),
    })),
  }
}
