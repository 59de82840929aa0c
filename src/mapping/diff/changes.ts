import type { ValueTable } from '../types.ts'
import type { FieldsFile, SentencesFile } from '../version.ts'
import { fieldChanges } from './fields.ts'
import { sentenceChanges } from './sentences.ts'
import { tableChanges } from './table.ts'

/** What a version says, without where it says it. */
export interface VersionContent {
  readonly tables: Readonly<Record<string, ValueTable>>
  readonly toPrimero: FieldsFile
  readonly toDtp: FieldsFile
  readonly sentences: SentencesFile
}

/** One difference between two versions. */
export interface Change {
  /** File of the version, without `.json`: a table's name, `fields.to-dtp`, `sentences`. */
  readonly part: string
  /** Which row, in words: a code, a target, a sentence's code; empty: the part as a whole. */
  readonly row: string
  readonly kind: 'added' | 'removed' | 'changed'
  /** What differs, by the name it has in the file. */
  readonly what: readonly Difference[]
  /** What it means for a referral. */
  readonly meaning: string
}

export interface Difference {
  readonly name: string
  /** As JSON writes it, texts without quotes; absent: not there. */
  readonly before?: string
  readonly after?: string
}

/** Every difference between two versions of a mapping specification, row by row, and what it means for a referral. */
export function changes(before: VersionContent, after: VersionContent): Change[] {
  const tables = [...new Set([...Object.keys(before.tables), ...Object.keys(after.tables)])].sort()
  return [
    ...fieldChanges('fields.to-primero', before.toPrimero, after.toPrimero),
    ...fieldChanges('fields.to-dtp', before.toDtp, after.toDtp),
    ...tables.flatMap((name) => tableChanges(name, tableOf(before, name), tableOf(after, name))),
    ...sentenceChanges(before.sentences, after.sentences),
  ]
}

function tableOf({ tables }: VersionContent, name: string): ValueTable | undefined {
  return Object.hasOwn(tables, name) ? tables[name] : undefined
}
