import { execFile } from 'node:child_process'
import { cp, mkdir, readdir, readFile, rename, rm, rmdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import type { VersionContent } from '../../mapping/diff/changes.ts'
import { usage } from '../runInput.ts'
import type { Answers } from './answers.ts'
import { writeFixtures } from './fixtures.ts'
import { writeMappings } from './mappings.ts'
import { packageRoot, type Template } from './template.ts'

/**
 * Writes the project of the new country beside its place and moves it there when it is whole.
 *
 * @param folder  must not exist, or be empty
 * @throws CONFIGURATION when there is something in the folder, or the package cannot be packed
 */
export async function writeProject(
  folder: string,
  answers: Answers,
  template: Template,
  content: VersionContent,
): Promise<void> {
  const found = await readdir(folder).catch(() => undefined)
  if (found !== undefined && found.length > 0)
    throw usage(`${folder} is not empty.`, 'Name a folder that does not exist.')
  const partial = `${folder}.partial`
  await rm(partial, { recursive: true, force: true })
  try {
    await mkdir(partial, { recursive: true })
    await fill(partial, answers, template, content)
    if (found !== undefined) await rmdir(folder)
    await rename(partial, folder)
  } finally {
    await rm(partial, { recursive: true, force: true })
  }
}

async function fill(folder: string, answers: Answers, template: Template, content: VersionContent): Promise<void> {
  const tarball = await pack(folder)
  const words = { country: answers.country, from: answers.from }
  await writeTemplates(join(packageRoot, 'templates/country'), folder, words)
  await cp(join(template.root, 'jobs'), join(folder, 'jobs'), { recursive: true })
  await write(folder, 'package.json', await packageJson(answers, tarball))
  await write(folder, 'project.yaml', projectYaml(await readFile(join(template.root, 'project.yaml'), 'utf8'), answers))
  await write(folder, '.env.example', envExample(await readFile(join(packageRoot, '.env.example'), 'utf8'), answers))
  await writeMappings(folder, answers, content)
  await writeFixtures(folder, answers, template, content)
}

/** This package as a file of the new project: it installs without a registry that has it, and always the same one. */
async function pack(folder: string): Promise<string> {
  const vendor = join(folder, 'vendor')
  await mkdir(vendor)
  const options = ['pack', '--pack-destination', vendor, '--ignore-scripts', '--silent']
  try {
    await promisify(execFile)('npm', options, { cwd: packageRoot })
  } catch {
    throw usage('npm could not pack this package.', `Try it by hand: cd ${packageRoot} && npm pack`)
  }
  const [tarball] = await readdir(vendor)
  if (tarball === undefined) throw usage('npm packed nothing.', `Try it by hand: cd ${packageRoot} && npm pack`)
  return `vendor/${tarball}`
}

async function writeTemplates(from: string, to: string, words: Readonly<Record<string, string>>): Promise<void> {
  for (const entry of await readdir(from, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const path = join(entry.parentPath, entry.name)
    const text = await readFile(path, 'utf8')
    const filled = text.replaceAll(/\{\{(\w+)\}\}/g, (whole, word) => words[word] ?? whole)
    const isRunnable = text.startsWith('#!')
    // npm leaves files with a dot out of a package.
    const name = path.slice(from.length + 1).replaceAll(/(^|\/)dot-/g, '$1.')
    await write(to, name, filled, isRunnable ? 0o755 : 0o644)
  }
}

async function packageJson({ country }: Answers, tarball: string): Promise<string> {
  const own = JSON.parse(await readFile(join(packageRoot, 'package.json'), 'utf8'))
  const development = ['@types/node', '@types/pg', 'msw', 'selfsigned', 'typescript', 'vitest']
  return json({
    name: `exchange-${country}`,
    private: true,
    description: `The exchange between Primero and UNHCR proGres v4 for ${country}.`,
    type: 'module',
    engines: own.engines,
    exchange: { country },
    scripts: {
      exchange: 'exchange',
      demo: 'node node_modules/primero-progres-exchange/bin/demo.js',
      types: 'tsc --noEmit',
      test: 'npm run --silent types && exchange check --files && vitest run',
    },
    dependencies: { [own.name]: `file:${tarball}` },
    devDependencies: Object.fromEntries(development.map((name) => [name, own.devDependencies[name]])),
    allowScripts: own.allowScripts,
  })
}

function projectYaml(text: string, { country, schedule }: Answers): string {
  return text
    .replace(/^name: .*$/m, `name: exchange-${country}`)
    .replaceAll(/(cron_expression: ).*$/gm, `$1${schedule}`)
}

function envExample(text: string, { country, primeroUrl, dtpUrl }: Answers): string {
  return text
    .replace(/^PRIMERO_URL=.*$/m, `PRIMERO_URL=${primeroUrl}`)
    .replace(/^DTP_URL=.*$/m, `DTP_URL=${dtpUrl}`)
    .replace(/^#COUNTRY=.*$/m, `#COUNTRY=${country}`)
}

export async function write(folder: string, name: string, text: string, mode = 0o644): Promise<void> {
  const path = join(folder, name)
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, text, { mode })
}

export function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`
}
