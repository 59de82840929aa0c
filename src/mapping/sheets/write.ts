import type { Releases } from '../country.ts'
import type { Change, VersionContent } from '../diff/changes.ts'
import type { Direction, Unmapped, ValueTable } from '../types.ts'
import type { FieldsFile, SentencesFile } from '../version.ts'
import { type Column, fieldColumns, noMapColumns, sentenceColumns, tableColumns, writeCell } from './columns.ts'
import { type Cell, neutral, type Sheet } from './sheet.ts'

export interface Cover {
  readonly country: string
  readonly version: string
  readonly state: 'draft' | 'released'
  readonly hash: string
  readonly release?: Releases['released'][string] | undefined
  /** The version it is compared with. */
  readonly previous?: string | undefined
  /** Against that one, so that people see at a glance what is new. */
  readonly changes: readonly Change[]
}

/** First cell of every sheet: what the sheet is, whatever its name. */
export const titles = {
  cover: 'Mapping specification',
  'fields.to-primero': 'Fields to Primero',
  'fields.to-dtp': 'Fields to DTP',
  sentences: 'Sentences',
  table: 'Value table',
} as const

/**
 * A version as a book of sheets: a cover, the two fields tables, each value table, the sentences. Everything that a file of
 * the version says has its cell; what changed against the previous version is marked, and listed on the cover.
 */
export function toSheets(content: VersionContent, cover: Cover): Sheet[] {
  const { toPrimero, toDtp, sentences, tables } = content
  const changed = (part: string) => cover.changes.filter((change) => change.part === part)
  const names = uniqueNames(['Cover', 'Fields to Primero', 'Fields to DTP', ...Object.keys(tables), 'Sentences'])
  return [
    coverSheet(cover),
    fieldsSheet('fields.to-primero', toPrimero, changed('fields.to-primero')),
    fieldsSheet('fields.to-dtp', toDtp, changed('fields.to-dtp')),
    ...Object.values(tables).map((table) => tableSheet(table, changed(table.name))),
    sentencesSheet(sentences, changed('sentences')),
  ].map((sheet, index) => ({ ...sheet, name: names[index] ?? `Sheet ${index + 1}` }))
}

type Unnamed = Omit<Sheet, 'name'>

function coverSheet({ country, version, state, hash, release, previous, changes }: Cover): Unnamed {
  const signed = release?.signed_off
  const head = [
    ['Mapping specification'],
    ['Country', country],
    ['Version', version],
    ['State', state === 'draft' ? 'draft: nobody has signed it off' : `released on ${release?.on ?? ''}`],
    ['Signed off by', signed?.by ?? ''],
    ['Signed off on', signed?.on ?? ''],
    ['Agreement', signed?.agreement ?? ''],
    ['About', release?.note ?? ''],
    ['Hash', hash],
    [
      'How to change it',
      'Change the sheets (not this one), then: exchange mappings import FILE. It makes a new draft.',
    ],
    [],
    [previous === undefined ? 'The first version' : `Changes against ${previous}`],
    ['table', 'row', 'what', 'before', 'after', 'meaning'],
  ].map((row, index) => row.map((text, at) => cell(text, index === 0 || at === 0 || index === 12)))
  const rows = changes.flatMap(({ part, row, kind, what, meaning }) => {
    const details = kind === 'changed' && what.length > 0 ? what : [{ name: kind, before: undefined, after: undefined }]
    return details.map(({ name, before = '', after = '' }) =>
      [part, row, name, before, after, meaning].map((text) => ({ ...cell(text), marked: true as const })),
    )
  })
  return { widths: [22, 40, 20, 40, 40, 80], rows: [...head, ...rows] }
}

function fieldsSheet(
  part: 'fields.to-primero' | 'fields.to-dtp',
  file: FieldsFile,
  changes: readonly Change[],
): Unnamed {
  const rows = file.fields.map((row) => rowCells(fieldColumns, row, ofRow(changes, row.to)))
  return sheet(fieldColumns, [[titles[part]], ['note', file.note ?? '']], rows)
}

function tableSheet(table: ValueTable, changes: readonly Change[]): Unnamed {
  const { name, owner, directions, unmapped, note, rows, noMap } = table
  const head = [
    [titles.table, name],
    ['owner', owner],
    ['directions', directions.join('\n')],
    ['without a row, to-primero', unmappedCell(unmapped, 'to-primero')],
    ['without a row, to-dtp', unmappedCell(unmapped, 'to-dtp')],
    ['note', note ?? ''],
  ]
  const body = rows.map((row) => rowCells(tableColumns, row, ofRow(changes, `${row.progres} / ${row.primero}`)))
  const whole = sheet(tableColumns, head, body)
  if (noMap === undefined) return whole
  const decided = noMap.map((one) => rowCells(noMapColumns, one, ofRow(changes, one.code)))
  return { ...whole, rows: [...whole.rows, [], noMapColumns.map(({ heading }) => cell(heading, true)), ...decided] }
}

function sentencesSheet({ en, fr, note }: SentencesFile, changes: readonly Change[]): Unnamed {
  const codes = [...new Set([...Object.keys(en), ...Object.keys(fr ?? {})])]
  const has = (texts: Readonly<Record<string, string>> | undefined, code: string) =>
    texts !== undefined && Object.hasOwn(texts, code) ? texts[code] : undefined
  const rows = codes.map((code) =>
    rowCells(sentenceColumns, { code, en: has(en, code), fr: has(fr, code) }, ofRow(changes, code)),
  )
  return sheet(sentenceColumns, [[titles.sentences], ['note', note ?? '']], rows)
}

function unmappedCell(unmapped: ValueTable['unmapped'], direction: Direction): string {
  const what: Unmapped | undefined = unmapped[direction]
  return typeof what === 'object' ? `use: ${what.use}` : (what ?? '')
}

function sheet(columns: readonly Column[], head: readonly string[][], rows: readonly (readonly Cell[])[]): Unnamed {
  const titled = head.map((row) => row.map((text, at) => cell(text, at === 0)))
  return {
    widths: columns.map(({ width }) => width),
    rows: [...titled, [], columns.map(({ heading }) => cell(heading, true)), ...rows],
  }
}

function ofRow(changes: readonly Change[], row: string): readonly Change[] {
  return changes.filter((change) => change.row === row && change.kind !== 'removed')
}

function rowCells(columns: readonly Column[], row: object, changes: readonly Change[]): Cell[] {
  const names = new Set(changes.flatMap(({ what }) => what.map(({ name }) => name)))
  return columns.map((column) => {
    const text = writeCell(column, Reflect.get(row, column.key))
    const marked = names.has(column.key) ? { marked: true as const } : {}
    return { ...cell(text), ...marked }
  })
}

function cell(text: string, bold = false): Cell {
  return { text: neutral(text), ...(bold ? { bold: true as const } : {}) }
}

/** Excel takes 31 letters, none of `[]:*?/\`, and no two names that differ in case alone. */
function uniqueNames(names: readonly string[]): string[] {
  const taken = new Set<string>()
  return names.map((name) => {
    const base = name.replace(/[[\]:*?/\\]/g, '-').slice(0, 28)
    let unique = base
    for (let count = 2; taken.has(unique.toLowerCase()); count += 1) unique = `${base} ${count}`
    taken.add(unique.toLowerCase())
    return unique
  })
}
