import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { z } from 'zod'
import { specificationHash } from './hash.ts'
import type { JsonFile } from './json.ts'
import { fieldLaws } from './laws/fields.ts'
import { sentenceLaws } from './laws/sentences.ts'
import { tableLaws } from './laws/table.ts'
import { usageLaws } from './laws/usage.ts'
import { versionLaws } from './laws/version.ts'
import { didYouMean } from './nearest.ts'
import { type Parsed, parse } from './parse.ts'
import { readJson } from './read.ts'
import {
  fieldsToDtpSchema,
  fieldsToPrimeroSchema,
  sentencesSchema,
  valueTableSchema,
  versionsSchema,
} from './schema.ts'
import { settingsSchema } from './settings.ts'
import type { Specification, SpecificationProblem } from './types.ts'

export type Loaded = { readonly specification: Specification } | { readonly problems: SpecificationProblem[] }

/**
 * The mapping specification of a country, checked against every law and frozen; or every problem at once, each with its
 * file, line and column.
 *
 * @param root     folder that holds `mappings/`
 * @param version  of the specification; absent: the one that `settings.json` puts in force
 */
export async function loadSpecification(root: string, country: string, version?: string): Promise<Loaded> {
  const countries = await folders(join(root, 'mappings'))
  if (!countries.includes(country)) {
    const hint = didYouMean(country, countries) ?? `There is ${countries.join(', ') || 'none'}.`
    return { problems: [{ file: 'mappings', message: `There is no country "${country}".`, hint }] }
  }
  const collected = new Collected()
  const folder = `mappings/${country}`
  const settings = collected.take(await readParsed(root, `${folder}/settings.json`, settingsSchema))
  const released = collected.take(await readParsed(root, `${folder}/versions.json`, versionsSchema))
  if (settings === undefined) return { problems: collected.problems }
  if (settings.value.country !== country) {
    collected.problems.push(settings.json.problem(['country'], `country must be "${country}", as the folder.`))
  }

  const inForce = version ?? settings.value.version
  const versions = (await folders(join(root, folder))).filter((name) => /^v[1-9][0-9]*$/.test(name))
  if (!versions.includes(inForce)) {
    const message = `There is no version ${inForce} of ${country}.`
    const hint = didYouMean(inForce, versions) ?? `There is ${versions.join(', ') || 'none'}.`
    const place =
      version === undefined ? settings.json.problem(['version'], message, hint) : { file: folder, message, hint }
    return { problems: [...collected.problems, place] }
  }
  return specify(root, `${folder}/${inForce}`, { country, version: inForce, settings, released }, collected)
}

interface Frame {
  readonly country: string
  readonly version: string
  readonly settings: Parsed<z.infer<typeof settingsSchema>>
  readonly released: Parsed<z.infer<typeof versionsSchema>> | undefined
}

const fixedFiles = ['fields.to-primero', 'fields.to-dtp', 'sentences']

async function specify(root: string, folder: string, frame: Frame, collected: Collected): Promise<Loaded> {
  const names = (await readdir(join(root, folder)))
    .filter((name) => name.endsWith('.json'))
    .map((name) => name.slice(0, -5))
  const tableNames = names.filter((name) => !fixedFiles.includes(name)).sort()
  const path = (name: string) => `${folder}/${name}.json`

  const toPrimero = collected.take(await readParsed(root, path('fields.to-primero'), fieldsToPrimeroSchema))
  const toDtp = collected.take(await readParsed(root, path('fields.to-dtp'), fieldsToDtpSchema))
  const sentences = collected.take(await readParsed(root, path('sentences'), sentencesSchema))
  const tables: Record<string, Parsed<z.infer<typeof valueTableSchema>>> = {}
  for (const name of tableNames) {
    const table = collected.take(await readParsed(root, path(name), valueTableSchema))
    if (table !== undefined) tables[name] = table
  }

  const { problems, jsons } = collected
  const settings = frame.settings.value
  for (const [name, table] of Object.entries(tables)) problems.push(...tableLaws(name, table))
  if (toPrimero) problems.push(...fieldLaws('to-primero', toPrimero, tables, settings))
  if (toDtp) problems.push(...fieldLaws('to-dtp', toDtp, tables, settings))
  if (sentences) problems.push(...sentenceLaws(sentences, settings.language))
  if (toPrimero && toDtp && Object.keys(tables).length === tableNames.length) {
    problems.push(...usageLaws(folder, [...toPrimero.value.fields, ...toDtp.value.fields], tables))
  }
  const files = jsons.filter((json) => json.file.startsWith(`${folder}/`))
  const hash = specificationHash(
    Object.fromEntries(files.map((json) => [json.file.slice(folder.length + 1), json.value])),
  )
  const isWhole = files.length === names.length
  if (frame.released && isWhole) problems.push(...versionLaws(frame.released, frame.version, hash, folder))
  if (!toPrimero || !toDtp || !sentences || problems.length > 0) return { problems: inOrder(problems) }

  return {
    specification: deepFreeze({
      country: frame.country,
      version: frame.version,
      hash,
      settings: withoutSchema(settings),
      tables: Object.fromEntries(Object.entries(tables).map(([name, { value }]) => [name, withoutSchema(value)])),
      fields: { 'to-primero': toPrimero.value.fields, 'to-dtp': toDtp.value.fields },
      sentences: sentences.value[settings.language] ?? {},
    }),
  }
}

/** What was read, and what was wrong with it, so far. */
class Collected {
  readonly problems: SpecificationProblem[] = []
  readonly jsons: JsonFile[] = []

  take<T>(read: Read<T>): Parsed<T> | undefined {
    if ('json' in read && read.json !== undefined) this.jsons.push(read.json)
    if ('problems' in read) this.problems.push(...read.problems)
    return 'value' in read ? read : undefined
  }
}

type Read<T> = Parsed<T> | { readonly problems: SpecificationProblem[]; readonly json?: JsonFile }

async function readParsed<T>(root: string, file: string, schema: z.ZodType<T>): Promise<Read<T>> {
  const read = await readJson(root, file)
  if ('problems' in read) return read
  const parsed = parse(read, schema)
  return 'problems' in parsed ? { ...parsed, json: read } : parsed
}

async function folders(path: string): Promise<string[]> {
  const entries = await readdir(path, { withFileTypes: true }).catch(() => [])
  return entries.filter((entry) => entry.isDirectory() && entry.name !== 'schema').map((entry) => entry.name)
}

function inOrder(problems: SpecificationProblem[]): SpecificationProblem[] {
  const key = ({ file, line = 0, column = 0 }: SpecificationProblem): [string, number, number] => [file, line, column]
  return problems.toSorted((a, b) => {
    const [fileA, lineA, columnA] = key(a)
    const [fileB, lineB, columnB] = key(b)
    return fileA === fileB ? lineA - lineB || columnA - columnB : fileA < fileB ? -1 : 1
  })
}

function withoutSchema<T extends { $schema?: string }>({ $schema: _, ...rest }: T): Omit<T, '$schema'> {
  return rest
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    for (const inner of Object.values(value)) deepFreeze(inner)
  }
  return value
}
