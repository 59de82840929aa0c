import { existsSync } from 'node:fs'
import { join, relative } from 'node:path'
import type { Command } from 'commander'
import { portableScriptProblems } from '../lightning/portableScripts.ts'
import { readCorpus } from '../mapping/corpus.ts'
import { corpusLaws } from '../mapping/laws/corpus.ts'
import { chooseCountry } from '../project/country.ts'
import { readEnvironment } from '../project/environment.ts'
import { loadProject } from '../project/load.ts'
import { portableProblems } from '../project/portable.ts'
import { inOrder, renderProblem } from '../project/problem.ts'
import type { Job, Problem, Project } from '../project/types.ts'
import { checkJob } from '../run/checkJob.ts'
import { ending } from './ending.ts'
import { oldNamesOf } from './oldNames.ts'

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
    .option('--portable', 'also hold project.yaml and scripts against the rules of OpenFn Lightning (see below)')
    .option('--json', 'print {ok, problems: [{file, line, column, message, hint}], warnings, counts}')
    .addHelpText('after', details)
    .action(ending(async (options: CheckOptions) => print(await check(process.cwd(), process.env, options), options)))
}

const details = `
--portable looks at project.yaml: job names that stay distinct as Lightning
writes them, labels, forbidden words and unsafe look-ups in conditions, jobs
that follow several others, an owner for each credential, and adaptor versions
that differ from the installed ones. And at job scripts (.js): names that
OpenFn's sandbox does not have, the global state, imports it cannot find, errors
looked up by step, secrets, lists as bodies. TypeScript jobs are bundled by
exchange export, which says what of them would not run.

Exit codes: 0 no problem, 1 at least one.
`

/** Every problem of the project in `root`; variables are looked at unless `files` is set. */
export async function check(root: string, env: NodeJS.ProcessEnv, { files, portable }: CheckOptions): Promise<Checked> {
  const loaded = await loadProject(root, { env })
  const environment = files === true ? undefined : readEnvironment(env, { for: 'check' })
  const project = 'project' in loaded ? loaded.project : undefined
  const jobs = project === undefined ? { problems: [], warnings: [] } : await checkJobs(project)
  return {
    problems: inOrder([
      ...('problems' in loaded ? loaded.problems : []),
      ...(portable === true ? portableProblems(root) : []),
      ...(portable === true && project !== undefined ? await portableScriptProblems(project) : []),
      ...jobs.problems,
      ...(project === undefined ? [] : await sampleProblems(project)),
      ...(environment !== undefined && 'problems' in environment ? environment.problems : []),
    ]),
    warnings: [
      ...jobs.warnings,
      ...(project === undefined ? [] : draftWarnings(project)),
      ...(environment !== undefined && 'environment' in environment ? environment.environment.warnings : []),
    ],
    ...(project === undefined ? {} : { counts: countsOf(project) }),
  }
}

/** Of all jobs; those of an old script are judged as such. */
async function checkJobs({ workflows, root, specification }: Project) {
  const jobs = Object.values(workflows).flatMap(({ jobs: inWorkflow }) => Object.values(inWorkflow))
  const found = await Promise.all(jobs.map((job) => checkJob(job, oldNamesOf(job, specification.settings))))
  const placed = (job: Job | undefined, problems: readonly Omit<Problem, 'file'>[]) =>
    problems.map((problem) => ({ file: fileOf(job, root), ...problem }))
  return {
    problems: found.flatMap(({ problems }, index) => placed(jobs[index], problems)),
    warnings: found.flatMap(({ warnings }, index) => placed(jobs[index], warnings)).map(renderProblem),
  }
}

function fileOf(job: Job | undefined, root: string): string {
  const path = job === undefined || 'text' in job.body ? undefined : job.body.path
  return path === undefined ? 'project.yaml' : relative(root, path)
}

/** The samples of a country are in `fixtures/COUNTRY`; those in `fixtures` are of the country the project is made for. */
async function sampleProblems({ root, specification }: Project): Promise<readonly Problem[]> {
  const own = `fixtures/${specification.country}`
  const made = chooseCountry(root, undefined)
  const isOwn = 'country' in made && made.country === specification.country
  const folder = existsSync(join(root, own)) ? own : isOwn ? 'fixtures' : undefined
  if (folder === undefined) return []
  const { corpus, problems } = await readCorpus(root, folder)
  return [...problems, ...corpusLaws(specification, corpus)]
}

function draftWarnings({ specification: { country, version, draft } }: Project): readonly string[] {
  if (draft !== true) return []
  const how = `Release it: exchange mappings release ${version}`
  return [`mappings/${country}/${version} is in force and a draft: nobody signed it off, and it may change. ${how}`]
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
