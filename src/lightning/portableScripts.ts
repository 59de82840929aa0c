import { readFile } from 'node:fs/promises'
import { relative } from 'node:path'
import { splitSpecifier } from '../project/adaptor-rule.ts'
import { readWorkflows, toProblem } from '../project/load.ts'
import type { Job, Problem, Project } from '../project/types.ts'
import { linesOf } from '../run/script/place.ts'
import { parseScript } from '../run/script/syntax.ts'
import type { Trouble } from '../run/script/trouble.ts'
import { conditionTroubles, scriptTroubles } from './scriptRules.ts'

/**
 * What in the scripts and conditions of a project runs here and would not on Lightning, each with its place. Modules (`.ts`)
 * are left out: `exchange export` bundles them, and says what it cannot.
 *
 * @source docs/systems.md §OpenFn/steps, §OpenFn/edges
 */
export async function portableScriptProblems({ workflows, root }: Project): Promise<readonly Problem[]> {
  const jobs = Object.values(workflows).flatMap((workflow) => Object.values(workflow.jobs))
  const found = await Promise.all(jobs.map((job) => jobProblems(job, root)))
  return [...found.flat(), ...conditionProblems(root)]
}

async function jobProblems(job: Job, root: string): Promise<readonly Problem[]> {
  const { body } = job
  if ('path' in body && !/\.(js|ojs)$/.test(body.path)) return []
  const source = 'text' in body ? body.text : await readFile(body.path, 'utf8')
  const parsed = parseScript(source)
  if ('problem' in parsed) return []
  const lines = linesOf(source)
  const path = 'text' in body ? body.file : body.path
  const begins = 'text' in body ? body.begins : { line: 1, column: 1 }
  return scriptTroubles(parsed.program, splitSpecifier(job.adaptor).name).map(({ at, message, hint }: Trouble) => {
    const { line, column } = lines.placeOf(at)
    const place = begins === undefined ? {} : { line: line + begins.line - 1, column: column + begins.column - 1 }
    const told = begins === undefined ? `Job "${job.key}": ${message}` : message
    return {
      file: path === undefined ? 'project.yaml' : relative(root, path),
      ...place,
      message: told,
      ...(hint === undefined ? {} : { hint }),
    }
  })
}

function conditionProblems(root: string): readonly Problem[] {
  const read = readWorkflows(root)
  if ('problems' in read) return []
  const expressions = read.draft.workflows.flatMap(({ edges }) => edges.flatMap(({ expression }) => expression ?? []))
  return expressions.flatMap(({ value, at }) =>
    conditionTroubles(value).map(({ message, hint }) =>
      toProblem({ at, message, ...(hint === undefined ? {} : { hint }) }, read.source),
    ),
  )
}
