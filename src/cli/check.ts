import { relative } from 'node:path'
import type { Command } from 'commander'
import { readEnvironment } from '../project/environment.ts'
import { loadProject } from '../project/load.ts'
import { portableProblems } from '../project/portable.ts'
import { inOrder, renderProblem } from '../project/problem.ts'
import type { Job, Problem, Project } from '../project/types.ts'
import { RunStop } from '../run/failure.ts'
import { loadJob } from '../run/job.ts'
import { ending } from './ending.ts'

interface CheckOptions {
  readonly files?: true
  readonly portable?: true
  readonly json?: true
}

interface Checked {
  readonly problems: readonly Problem[]
  readonly warnings: readonly string[]
  readonly counts?: Readonly<Record<string, number>>
}

export function register(program: Command): void {
  program
    .command('check')
    .summary('everything that is wrong with the project and its variables, at once')
    .description(
      'Validates project.yaml, every job, the mapping specification and settings of the country, and the environment. ' +
        'Prints all problems with file, line and column, and the nearest right name. Changes nothing, sends nothing.',
    )
    .option('--files', 'leave out the environment: what a build server can check, without secrets')
    .option('--portable', 'also hold project.yaml against the rules of OpenFn Lightning (see below)')
    .option('--json', 'print {ok, problems: [{file, line, column, message, hint}], warnings, counts}')
    .addHelpText('after', details)
    .action(ending(async (options: CheckOptions) => print(await check(process.cwd(), process.env, options), options)))
}

const details = `
--portable looks at project.yaml: job names that stay distinct as Lightning
writes them, labels and forbidden words of conditions, jobs that follow several
others, an owner for each credential, and adaptor versions that differ from the
installed ones. It does not look into job files: Lightning could not run a
TypeScript job as it is.

Exit codes: 0 no problem, 1 at least one.
`

/** Every problem of the project in `root`; variables are looked at unless `files` is set. */
export async function check(root: string, env: NodeJS.ProcessEnv, { files, portable }: CheckOptions): Promise<Checked> {
  const loaded = await loadProject(root, { env })
  const environment = files === true ? undefined : readEnvironment(env, { for: 'check' })
  const project = 'project' in loaded ? loaded.project : undefined
  return {
    problems: inOrder([
      ...('problems' in loaded ? loaded.problems : []),
      ...(portable === true ? portableProblems(root) : []),
      ...(project === undefined ? [] : await jobProblems(project)),
      ...(environment !== undefined && 'problems' in environment ? environment.problems : []),
    ]),
    warnings: environment !== undefined && 'environment' in environment ? environment.environment.warnings : [],
    ...(project === undefined ? {} : { counts: countsOf(project) }),
  }
}

async function jobProblems(project: Project): Promise<readonly Problem[]> {
  const jobs = Object.values(project.workflows).flatMap(({ jobs: inWorkflow }) => Object.values(inWorkflow))
  const found = await Promise.all(jobs.map((job) => jobProblem(job, project.root)))
  return found.filter((problem) => problem !== undefined)
}

async function jobProblem(job: Job, root: string): Promise<Problem | undefined> {
  try {
    await loadJob(job)
    return undefined
  } catch (error) {
    if (!(error instanceof RunStop)) throw error
    const { message, hint, place } = error
    const file = 'path' in job.body ? relative(root, job.body.path) : 'project.yaml'
    return { file, ...place, message, ...(hint === undefined ? {} : { hint }) }
  }
}

function countsOf({ workflows, specification }: Project) {
  return {
    workflows: Object.keys(workflows).length,
    jobs: Object.values(workflows).reduce((sum, { jobs }) => sum + Object.keys(jobs).length, 0),
    tables: Object.keys(specification.tables).length,
    fields: Object.values(specification.fields).reduce((sum, rows) => sum + rows.length, 0),
  }
}

function print({ problems, warnings, counts = {} }: Checked, { files, json }: CheckOptions): 0 | 1 {
  const isFine = problems.length === 0
  if (json === true) {
    process.stdout.write(`${JSON.stringify({ ok: isFine, problems, warnings, counts }, null, 2)}\n`)
    return isFine ? 0 : 1
  }
  for (const warning of warnings) process.stderr.write(`warning  ${warning}\n`)
  for (const problem of problems) process.stderr.write(`${renderProblem(problem)}\n`)
  if (isFine) {
    const counted = Object.entries(counts).map(([what, count]) => `${count} ${what}`)
    process.stdout.write(`No problem in ${counted.join(', ')}${files === true ? '' : ' and the environment'}.\n`)
  } else {
    process.stderr.write(`\n${problems.length === 1 ? '1 problem' : `${problems.length} problems`}.\n`)
  }
  return isFine ? 0 : 1
}
