import type { Job } from '../project/types.ts'
import { className, RunStop } from './failure.ts'
import { loadJob } from './job.ts'
import { isScript, loadScript, type OldNames } from './script/load.ts'
import type { ScriptProblem } from './script/trouble.ts'

interface JobProblem {
  readonly line?: number
  readonly column?: number
  readonly message: string
  readonly hint?: string
}

/**
 * Everything that keeps a job from running, and what in it cannot be meant, without calling an operation.
 *
 * A script is run once from its first statement to its last, as each step will do; not an old one, which may look at the
 * state while it does.
 */
export async function checkJob(
  job: Job,
  oldNames?: OldNames,
): Promise<{ readonly problems: readonly JobProblem[]; readonly warnings: readonly JobProblem[] }> {
  try {
    const script = isScript(job) ? await loadScript(job, oldNames) : undefined
    if (script !== undefined && 'problems' in script)
      return { problems: script.problems.map((found) => toProblem(job, found)), warnings: [] }
    const warnings = script?.warnings.map((found) => toProblem(job, found)) ?? []
    if (oldNames !== undefined) return { problems: [], warnings }
    return { problems: await loadProblems(job, script?.file), warnings }
  } catch (error) {
    return { problems: [thrownProblem(job, error)], warnings: [] }
  }
}

async function loadProblems(job: Job, file: string | undefined): Promise<readonly JobProblem[]> {
  try {
    await loadJob(job)
    return []
  } catch (error) {
    return [thrownProblem(job, error, file)]
  }
}

/** Before any state exists, a message can only speak of code. */
function thrownProblem({ key }: Job, error: unknown, file = ''): JobProblem {
  if (error instanceof RunStop) {
    const { message, hint, place } = error
    return { ...place, message, ...(hint === undefined ? {} : { hint }) }
  }
  const frames = error instanceof Error ? (error.stack ?? '').split('\n') : []
  const frame = file === '' ? undefined : frames.find((line) => line.includes(`${file}:`))
  const [, line, column] = /:(\d+):(\d+)\)?$/.exec(frame ?? '') ?? []
  const place = line === undefined ? {} : { line: Number(line), column: Number(column) }
  const text = error instanceof Error ? `${className(error)}: ${error.message}` : String(error)
  return { ...place, message: `Job "${key}" cannot be loaded: ${text}` }
}

/** A script that is folded into another file has lines of its own. */
function toProblem({ body }: Job, { place, message, hint }: ScriptProblem): JobProblem {
  const isFolded = 'text' in body && body.begins === undefined
  const told = isFolded
    ? { message: `line ${place.line}:${place.column} of its script: ${message}` }
    : { ...place, message }
  return { ...told, ...(hint === undefined ? {} : { hint }) }
}
