import { existsSync } from 'node:fs'
import { cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Command } from 'commander'
import { type Imported, importProject } from '../lightning/importProject.ts'
import { renderProblem } from '../project/problem.ts'
import type { Job, Problem } from '../project/types.ts'
import { RunStop } from '../run/failure.ts'
import { loadScript } from '../run/script/load.ts'
import { ending } from './ending.ts'
import { oldNames } from './oldNames.ts'

interface ImportOptions {
  readonly out: string
  readonly country: string
  readonly json?: true
}

const packageRoot = fileURLToPath(new URL('../../', import.meta.url))

export function register(program: Command): void {
  program
    .command('import')
    .argument('<file>', 'project.yaml of an OpenFn project, as `openfn pull` or Lightning writes it')
    .summary('an OpenFn project becomes one of ours')
    .description(
      'Writes a project that `exchange check` accepts: project.yaml, a file for each script, and the mapping specification of ' +
        'a country to begin with. Scripts stay as they are; those in the style of old adaptors get their old names by ' +
        'settings.json. Prints what is otherwise here, and what could not be taken over. Nothing is run, nothing is sent.',
    )
    .option('--out <dir>', 'folder of the new project; must not exist, or be empty', 'imported')
    .option('--country <country>', 'mapping specification to begin with', 'gambella')
    .option('--json', 'print {ok, files, legacy, changed, lost}')
    .addHelpText(
      'after',
      '\nExit codes: 0 all of it is there, 1 nothing was written, 2 something could not be taken over.\n',
    )
    .action(ending(take))
}

async function take(file: string, { out, country, json }: ImportOptions): Promise<0 | 1 | 2> {
  const folder = resolve(out)
  const wrong = await hindrance(resolve(file), folder, country)
  if (wrong !== undefined) {
    process.stderr.write(`exchange: ${wrong}\n`)
    return 1
  }
  const made = await importProject(resolve(file), judge)
  if ('problems' in made) {
    process.stderr.write(`${made.problems.map(renderProblem).join('\n')}\n`)
    return 1
  }
  await write(folder, country, made)
  const { changed, lost, legacy, files } = made
  if (json === true) {
    const shown = { ok: lost.length === 0, files: files.map(({ path }) => path), legacy, changed, lost }
    process.stdout.write(`${JSON.stringify(shown, null, 2)}\n`)
  } else {
    process.stdout.write(render(folder, made))
  }
  return lost.length === 0 ? 0 : 2
}

async function hindrance(file: string, folder: string, country: string): Promise<string | undefined> {
  if (!existsSync(file)) return `there is no file ${file}.`
  if ((await readdir(folder).catch(() => [])).length > 0)
    return `${folder} is not empty.\n  Name another one with --out.`
  if (!existsSync(join(packageRoot, 'mappings', country, 'settings.json')))
    return `there is no country "${country}" in ${join(packageRoot, 'mappings')}.`
  return undefined
}

/** Understands a script without running anything of it. */
async function judge(job: Job, old: boolean): Promise<readonly Omit<Problem, 'file'>[]> {
  try {
    const script = await loadScript(job, old ? oldNames(job) : undefined)
    if (!('problems' in script)) return []
    return script.problems.map(({ place, ...rest }) => ({ ...place, ...rest }))
  } catch (error) {
    if (error instanceof RunStop) return [{ message: error.message }]
    throw error
  }
}

async function write(folder: string, country: string, { files, legacy }: Imported): Promise<void> {
  await mkdir(folder, { recursive: true })
  await cp(join(packageRoot, 'mappings', country), join(folder, 'mappings', country), { recursive: true })
  const settings = join(folder, 'mappings', country, 'settings.json')
  const content = JSON.parse(await readFile(settings, 'utf8'))
  const jobs = Object.fromEntries(legacy.map((key) => [key, { legacy: true }]))
  await writeFile(settings, `${JSON.stringify({ ...content, ...(legacy.length === 0 ? {} : { jobs }) }, null, 2)}\n`)
  const manifest = { name: 'exchange-imported', private: true, type: 'module', exchange: { country } }
  await writeFile(join(folder, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`)
  for (const { path, text } of files) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), text)
  }
}

function render(folder: string, { files, legacy, changed, lost }: Imported): string {
  const part = (title: string, problems: readonly Problem[]) =>
    problems.length === 0 ? '' : `\n${title}:\n${problems.map((problem) => `  ${renderProblem(problem)}\n`).join('')}`
  const old = legacy.length === 0 ? '' : `\nOld scripts, with their old names: ${legacy.join(', ')}\n`
  return `${files.length} files are in ${folder}.
${part('Otherwise here', changed)}${old}${part('Not taken over', lost)}
Next: exchange check --files, in that folder.
`
}
