import { join } from 'node:path'
import type { z } from 'zod'
import { specificationHash } from './hash.ts'
import type { JsonFile } from './json.ts'
import { type Parsed, parse } from './parse.ts'
import { jsonNames, readJson } from './read.ts'
import { fieldsToDtpSchema, fieldsToPrimeroSchema, sentencesSchema, valueTableSchema } from './schema.ts'
import type { FieldRow, SpecificationProblem, ValueTable } from './types.ts'

export interface FieldsFile {
  readonly $schema?: string
  readonly note?: string
  readonly fields: readonly FieldRow[]
}

export interface SentencesFile {
  readonly $schema?: string
  readonly note?: string
  readonly en: Readonly<Record<string, string>>
  readonly fr?: Readonly<Record<string, string>>
}

/** The files of one version, each held against its schema and against no law yet. What could not be read is absent. */
export interface VersionFiles {
  /** `mappings/COUNTRY/vN` */
  readonly folder: string
  readonly toPrimero?: Parsed<FieldsFile>
  readonly toDtp?: Parsed<FieldsFile>
  readonly sentences?: Parsed<SentencesFile>
  readonly tables: Readonly<Record<string, Parsed<ValueTable & { readonly $schema?: string }>>>
  /** Every table that is there could be read. */
  readonly isWhole: boolean
}

/** What was read so far, and what was wrong with it. */
export interface Reading {
  readonly root: string
  readonly problems: SpecificationProblem[]
  readonly jsons: JsonFile[]
}

export const fixedFiles = ['fields.to-primero', 'fields.to-dtp', 'sentences'] as const

/** Reads the files of a version; what is wrong with them is added to `read.problems`. */
export async function readVersion(read: Reading, folder: string): Promise<VersionFiles> {
  const names = (await jsonNames(join(read.root, folder))).filter((name) => !fixedFiles.some((fixed) => fixed === name))
  const toPrimero = await take(read, `${folder}/fields.to-primero.json`, fieldsToPrimeroSchema)
  const toDtp = await take(read, `${folder}/fields.to-dtp.json`, fieldsToDtpSchema)
  const sentences = await take(read, `${folder}/sentences.json`, sentencesSchema)
  const tables: Record<string, Parsed<ValueTable & { $schema?: string }>> = {}
  for (const name of names) {
    const table = await take(read, `${folder}/${name}.json`, valueTableSchema)
    if (table !== undefined) tables[name] = table
  }
  return {
    folder,
    ...(toPrimero === undefined ? {} : { toPrimero }),
    ...(toDtp === undefined ? {} : { toDtp }),
    ...(sentences === undefined ? {} : { sentences }),
    tables,
    isWhole: Object.keys(tables).length === names.length,
  }
}

/** One file held against its schema; undefined where that fails, and `read.problems` says why. */
export async function take<T>(read: Reading, file: string, schema: z.ZodType<T>): Promise<Parsed<T> | undefined> {
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

/** Hash of what was read from a version's folder (`specificationHash`). */
export function hashOf({ jsons }: Pick<Reading, 'jsons'>, folder: string): string {
  const files = jsons.filter(({ file }) => file.startsWith(`${folder}/`))
  return specificationHash(Object.fromEntries(files.map(({ file, value }) => [file.slice(folder.length + 1), value])))
}

/** Without the name of its JSON Schema, which is for editors. */
export function unnamed<T extends { $schema?: string }>({ $schema: _, ...rest }: T): Omit<T, '$schema'> {
  return rest
}
