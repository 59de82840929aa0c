import type { VersionContent } from '../diff/changes.ts'
import type { JsonFile } from '../json.ts'
import type { Earlier } from '../laws/meaning.ts'
import { versionLaws } from '../laws/version.ts'
import { type Parsed, parse } from '../parse.ts'
import { fieldsToDtpSchema, fieldsToPrimeroSchema, sentencesSchema, valueTableSchema } from '../schema.ts'
import type { Settings, SpecificationProblem, ValueTable } from '../types.ts'
import type { FieldsFile, SentencesFile, VersionFiles } from '../version.ts'
import { readSheet, type SheetFile } from './read.ts'
import { bare, type ReadSheet } from './sheet.ts'
import { titles } from './write.ts'

interface Base {
  readonly country: string
  readonly settings: Settings
  /** Files of the version that single sheets go on top of. */
  readonly files: VersionFiles
  /** The release before the new version. */
  readonly earlier: Earlier | undefined
}

/** `file`: sheet; `line`: row; `column`: column, from 1. */
type Assembled = { readonly content: VersionContent } | { readonly problems: readonly SpecificationProblem[] }

/**
 * A version out of sheets, held against every schema and every law; or every problem by sheet, row and column.
 *
 * A book with a cover is the whole version: what it does not hold is gone. Sheets without one replace their part of the
 * base, and the rest stays.
 */
export function assemble(sheets: readonly ReadSheet[], base: Base): Assembled {
  const cover = sheets.find(isCover)
  const problems = coverProblems(cover, base.country)
  const parts = sheets.map(readSheet).filter((part) => part !== undefined)
  for (const { problems: own } of parts) problems.push(...own)
  parts.forEach(({ part, json }, index) => {
    const first = parts.findIndex((other) => other.part === part)
    if (first !== index)
      problems.push(json.problem([], `${part} is there twice.`, `Keep one: ${parts[first]?.json.file}.`))
  })
  if (problems.length > 0) return { problems }

  const files = filesOf(parts, cover === undefined ? base.files : undefined, problems)
  for (const part of ['toPrimero', 'toDtp', 'sentences'] as const) {
    if (files[part] !== undefined || problems.length > 0) continue
    const title = {
      toPrimero: titles['fields.to-primero'],
      toDtp: titles['fields.to-dtp'],
      sentences: titles.sentences,
    }
    problems.push({ file: cover?.name ?? '', message: `There is no sheet "${title[part]}".`, hint: 'Put it back.' })
  }
  if (problems.length > 0) return { problems }
  const broken = versionLaws(files, base.settings, base.earlier)
  const { toPrimero, toDtp, sentences, tables } = files
  if (broken.length > 0 || !toPrimero || !toDtp || !sentences) return { problems: broken }
  return {
    content: {
      toPrimero: toPrimero.value,
      toDtp: toDtp.value,
      sentences: sentences.value,
      tables: Object.fromEntries(Object.entries(tables).map(([name, { value }]) => [name, value])),
    },
  }
}

function isCover(sheet: ReadSheet): boolean {
  return (sheet.rows[0]?.[0] ?? '').trim().toLowerCase() === titles.cover.toLowerCase()
}

function coverProblems(cover: ReadSheet | undefined, country: string): SpecificationProblem[] {
  const row = cover?.rows.findIndex(([name]) => name?.trim().toLowerCase() === 'country') ?? -1
  const named = bare(cover?.rows[row]?.[1] ?? '').trim()
  if (cover === undefined || named === country) return []
  const message = `The cover names the country "${named}", and this is ${country}.`
  return [{ file: cover.name, line: row + 1, column: 2, message, hint: 'Give --country, or take the right file.' }]
}

function filesOf(
  parts: readonly SheetFile[],
  base: VersionFiles | undefined,
  problems: SpecificationProblem[],
): VersionFiles {
  let toPrimero: Parsed<FieldsFile> | undefined = base?.toPrimero
  let toDtp: Parsed<FieldsFile> | undefined = base?.toDtp
  let sentences: Parsed<SentencesFile> | undefined = base?.sentences
  const tables: Record<string, Parsed<ValueTable>> = { ...base?.tables }
  for (const { part, json } of parts) {
    if (part === 'fields.to-primero') toPrimero = held(json, fieldsToPrimeroSchema)
    else if (part === 'fields.to-dtp') toDtp = held(json, fieldsToDtpSchema)
    else if (part === 'sentences') sentences = held(json, sentencesSchema)
    else {
      const table = held(json, valueTableSchema)
      if (table !== undefined) tables[part] = table
    }
  }
  return {
    folder: 'the sheets',
    ...(toPrimero === undefined ? {} : { toPrimero }),
    ...(toDtp === undefined ? {} : { toDtp }),
    ...(sentences === undefined ? {} : { sentences }),
    tables,
    isWhole: true,
  }

  function held<T>(json: JsonFile, schema: Parameters<typeof parse<T>>[1]): Parsed<T> | undefined {
    const parsed = parse(json, schema)
    if (!('problems' in parsed)) return parsed
    problems.push(...parsed.problems)
    return undefined
  }
}
