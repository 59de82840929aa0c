import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { z } from 'zod'
import { specificationHash } from './hash.ts'
import type { JsonFile } from './json.ts'
import { fieldLaws } from './laws/fields.ts'
import { sentenceLaws } from './laws/sentences.ts'
import { tableLaws } from './laws/table.ts'
import { usageLaws } from './laws/usage.ts'
import { didYouMean } from './nearest.ts'
import { type Parsed, parse } from './parse.ts'
import { jsonNames, readJson } from './read.ts'
import { releaseProblems } from './release.ts'
import {
  fieldsToDtpSchema,
  fieldsToPrimeroSchema,
  sentencesSchema,
  valueTableSchema,
  versionsSchema,
} from './schema.ts'
import { settingsSchema } from './settings.ts'
import type { Settings, Specification, SpecificationProblem, ValueTable } from './types.ts'

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
  const existing = (await folders(join(root, folder))).filter((name) => /^v[1-9][0-9]*$/.test(name))
  if (!existing.includes(inForce)) {
    const message = `There is no version ${inForce} of ${country}.`
    const hint = choice(inForce, existing)
    const asked = { file: folder, message, hint }
    read.problems.push(version === undefined ? settings.json.problem(['version'], message, hint) : asked)
    return { problems: inOrder(read.problems) }
  }
  const found = await readVersion(read, `${folder}/${inForce}`, settings.value)
  if (found === undefined || read.problems.length > 0) return { problems: inOrder(read.problems) }
  return { specification: deepFreeze({ country, version: inForce, settings: unnamed(settings.value), ...found }) }
}

/** What was read so far, and what was wrong with it. */
interface Reading {
  readonly root: string
  readonly problems: SpecificationProblem[]
  readonly jsons: JsonFile[]
}

const fixedFiles = ['fields.to-primero', 'fields.to-dtp', 'sentences']

type Version = Pick<Specification, 'hash' | 'tables' | 'fields' | 'sentences'>

async function readVersion(read: Reading, folder: string, settings: Settings): Promise<Version | undefined> {
  const tableNames = (await jsonNames(join(read.root, folder))).filter((name) => !fixedFiles.includes(name))
  const toPrimero = await take(read, `${folder}/fields.to-primero.json`, fieldsToPrimeroSchema)
  const toDtp = await take(read, `${folder}/fields.to-dtp.json`, fieldsToDtpSchema)
  const sentences = await take(read, `${folder}/sentences.json`, sentencesSchema)
  const tables: Record<string, Parsed<ValueTable & { $schema?: string }>> = {}
  for (const name of tableNames) {
    const table = await take(read, `${folder}/${name}.json`, valueTableSchema)
    if (table !== undefined) tables[name] = table
  }

  for (const [name, table] of Object.entries(tables)) read.problems.push(...tableLaws(name, table))
  if (sentences) read.problems.push(...sentenceLaws(sentences, settings.language))
  // A table that could not be read is one problem; that fields name it is none.
  const isWhole = Object.keys(tables).length === tableNames.length
  if (!toPrimero || !toDtp || !isWhole) return undefined
  read.problems.push(
    ...fieldLaws('to-primero', toPrimero, tables, settings),
    ...fieldLaws('to-dtp', toDtp, tables, settings),
    ...usageLaws(folder, [...toPrimero.value.fields, ...toDtp.value.fields], tables),
  )
  if (!sentences) return undefined
  const files = read.jsons.filter(({ file }) => file.startsWith(`${folder}/`))
  return {
    hash: specificationHash(Object.fromEntries(files.map(({ file, value }) => [file.slice(folder.length + 1), value]))),
    tables: Object.fromEntries(Object.entries(tables).map(([name, { value }]) => [name, unnamed(value)])),
    fields: { 'to-primero': toPrimero.value.fields, 'to-dtp': toDtp.value.fields },
    sentences: sentences.value[settings.language] ?? {},
  }
}

async function take<T>(read: Reading, file: string, schema: z.ZodType<T>): Promise<Parsed<T> | undefined> {
  const json = await readJson(read.root, file)
  if ('problems' in json) {
    read.problems.push(...json.problems)
    return undefined
  }
  read.jsons.push(json)
  const parsed = parse(json, schema)
  if (!('problems' in parsed)) return parsed
  read.problems.push(...parsed.problems)
  return undefined
}

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

/** Without the name of its JSON Schema, which is for editors. */
function unnamed<T extends { $schema?: string }>({ $schema: _, ...rest }: T): Omit<T, '$schema'> {
  return rest
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    for (const inner of Object.values(value)) deepFreeze(inner)
  }
  return value
}
