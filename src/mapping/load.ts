import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { versionsIn } from './country.ts'
import type { Earlier } from './laws/meaning.ts'
import { versionLaws } from './laws/version.ts'
import { didYouMean } from './nearest.ts'
import type { Parsed } from './parse.ts'
import { earlierRelease, releaseProblems } from './release.ts'
import { versionsSchema } from './schema.ts'
import { settingsSchema } from './settings.ts'
import type { Settings, Specification, SpecificationProblem } from './types.ts'
import { hashOf, type Reading, readVersion, take, unnamed } from './version.ts'

type Loaded = { readonly specification: Specification } | { readonly problems: SpecificationProblem[] }

/**
 * The mapping specification of a country, checked against every law and frozen; or every problem at once, each with its
 * file, line and column.
 *
 * @param root     folder that holds `mappings/`
 * @param version  of the specification; absent: the one that `settings.json` puts in force
 */
export async function loadSpecification(root: string, country: string, version?: string): Promise<Loaded> {
  const countries = (await folders(join(root, 'mappings'))).filter((name) => name !== 'schema')
  if (!countries.includes(country)) {
    const message = `There is no country "${country}".`
    return { problems: [{ file: 'mappings', message, hint: choice(country, countries) }] }
  }
  const folder = `mappings/${country}`
  const read: Reading = { root, problems: [], jsons: [] }
  const settings = await take(read, `${folder}/settings.json`, settingsSchema)
  const versions = await take(read, `${folder}/versions.json`, versionsSchema)
  if (versions !== undefined) read.problems.push(...(await releaseProblems(root, folder, versions)))
  if (settings === undefined) return { problems: inOrder(read.problems) }
  if (settings.value.country !== country) {
    read.problems.push(settings.json.problem(['country'], `country must be "${country}", as the folder.`))
  }

  const inForce = version ?? settings.value.version
  const existing = await versionsIn(join(root, folder))
  if (!existing.includes(inForce)) {
    const message = `There is no version ${inForce} of ${country}.`
    const hint = choice(inForce, existing)
    const asked = { file: folder, message, hint }
    read.problems.push(version === undefined ? settings.json.problem(['version'], message, hint) : asked)
    return { problems: inOrder(read.problems) }
  }
  const released = versions?.value.released ?? {}
  const lawful = async (name: string): Promise<Specification | undefined> => {
    const earlier = await earlierRelease({ root, folder, released: Object.keys(released) }, name)
    const found = await readLawful(read, `${folder}/${name}`, settings.value, earlier)
    const state = Object.hasOwn(released, name) ? {} : { draft: true as const }
    return found && { country, version: name, settings: unnamed(settings.value), ...state, ...found }
  }
  const current = await lawful(inForce)
  const next = version === undefined ? nextIn(read, settings, { inForce, existing, released }) : undefined
  const later = next === undefined ? undefined : await lawful(next.version)
  if (current === undefined || read.problems.length > 0) return { problems: inOrder(read.problems) }
  const following = later === undefined || next === undefined ? {} : { next: { from: next.from, specification: later } }
  return { specification: deepFreeze({ ...current, ...following }) }
}

interface Known {
  readonly inForce: string
  readonly existing: readonly string[]
  readonly released: object
}

/** The version that is to come into force, where it can: another one, there, and released. */
function nextIn(
  read: Reading,
  { value: { next_version: next }, json }: Parsed<Settings>,
  { inForce, existing, released }: Known,
): Settings['next_version'] {
  if (next === undefined) return undefined
  const at = (message: string, hint: string) => {
    read.problems.push(json.problem(['next_version', 'version'], message, hint))
    return undefined
  }
  const { version } = next
  if (version === inForce) return at(`Version ${version} is in force already.`, 'Remove next_version.')
  if (!existing.includes(version)) return at(`There is no version ${version}.`, choice(version, existing))
  if (Object.hasOwn(released, version)) return next
  return at(
    `Version ${version} is a draft: only a released version comes into force by itself.`,
    `Release it first: exchange mappings release ${version}`,
  )
}

async function readLawful(
  read: Reading,
  folder: string,
  settings: Settings,
  earlier: Earlier | undefined,
): Promise<Version | undefined> {
  const files = await readVersion(read, folder)
  read.problems.push(...versionLaws(files, settings, earlier))
  const { toPrimero, toDtp, sentences, tables, isWhole } = files
  if (!toPrimero || !toDtp || !sentences || !isWhole) return undefined
  return {
    hash: hashOf(read, folder),
    tables: Object.fromEntries(Object.entries(tables).map(([name, { value }]) => [name, unnamed(value)])),
    fields: { 'to-primero': toPrimero.value.fields, 'to-dtp': toDtp.value.fields },
    sentences: sentences.value[settings.language] ?? {},
  }
}

type Version = Pick<Specification, 'hash' | 'tables' | 'fields' | 'sentences'>

async function folders(path: string): Promise<string[]> {
  const entries = await readdir(path, { withFileTypes: true }).catch(() => [])
  return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name)
}

function choice(wrong: string, known: readonly string[]): string {
  return didYouMean(wrong, known) ?? `There is ${known.join(', ') || 'none'}.`
}

function inOrder(problems: readonly SpecificationProblem[]): SpecificationProblem[] {
  return problems.toSorted((a, b) => {
    if (a.file !== b.file) return a.file < b.file ? -1 : 1
    return (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0)
  })
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    for (const inner of Object.values(value)) deepFreeze(inner)
  }
  return value
}
