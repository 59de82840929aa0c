import type { JsonFile, JsonPath } from '../json.ts'
import { nearest } from '../nearest.ts'
import {
  type Column,
  fieldColumns,
  noMapColumns,
  readCell,
  sentenceColumns,
  tableColumns,
  Unreadable,
} from './columns.ts'
import { bare, columnLetter, type ReadSheet } from './sheet.ts'
import { titles } from './write.ts'

/** A sheet read as the file of a version that it stands for, and where each value stood. */
export interface SheetFile {
  /** File of the version, without `.json`. */
  readonly part: string
  /** Its value, not yet held against a schema. Problems are placed by sheet (`file`), row (`line`) and column (`column`, from 1). */
  readonly json: JsonFile
  readonly problems: readonly ReturnType<JsonFile['problem']>[]
}

/** What one sheet says; undefined for a cover. */
export function readSheet(sheet: ReadSheet): SheetFile | undefined {
  const rows = sheet.rows.map((row) => row.map(bare))
  const title = (rows[0]?.[0] ?? '').trim().toLowerCase()
  const kind = Object.entries(titles).find(([, text]) => text.toLowerCase() === title)?.[0]
  const reading = createReading(sheet.name, rows)
  switch (kind) {
    case 'cover':
      return undefined
    case 'table':
      return readTable(reading)
    case 'sentences':
      return readSentences(reading)
    case 'fields.to-primero':
    case 'fields.to-dtp':
      return readFields(reading, kind)
    default: {
      const message = `The first cell must say what this sheet is: ${Object.values(titles).join(', ')}.`
      reading.problem(0, 0, message, 'Remove the sheet, or put its title back.')
      return { part: sheet.name, json: reading.file({}), problems: reading.problems }
    }
  }
}

function readTable(reading: Reading): SheetFile {
  const { rows } = reading
  const head = reading.head(['owner', 'directions', 'without a row, to-primero', 'without a row, to-dtp', 'note'])
  const name = (rows[0]?.[1] ?? '').trim()
  reading.place(['name'], 0, 1)
  const unmapped: Record<string, unknown> = {}
  for (const direction of ['to-primero', 'to-dtp']) {
    const text = head.get(`without a row, ${direction}`) ?? ''
    reading.placeOfHead(['unmapped', direction], `without a row, ${direction}`)
    if (text.trim() !== '')
      unmapped[direction] = text.startsWith('use: ') ? { use: text.slice(5) } : readUse(text.trim())
  }
  reading.placeOfHead(['unmapped'], 'without a row, to-primero')
  reading.placeOfHead(['owner'], 'owner')
  reading.placeOfHead(['directions'], 'directions')
  const directions = (head.get('directions') ?? '').split(/[\n,;]+/).map((one) => one.trim())
  const decided = rows.findIndex((row) => isSame(row[0] ?? '', noMapColumns[0]?.heading ?? ''))
  const body = reading.table(tableColumns, ['rows'], decided < 0 ? rows.length : decided)
  const noMap = decided < 0 ? undefined : reading.tableAt(noMapColumns, ['noMap'], decided, rows.length)
  const value = {
    name,
    directions: directions.filter((one) => one !== ''),
    owner: head.get('owner') ?? '',
    unmapped,
    ...noteOf(head),
    rows: body,
    ...(noMap === undefined ? {} : { noMap }),
  }
  return { part: name, json: reading.file(value), problems: reading.problems }
}

/** `use X` as people write it. */
function readUse(text: string): unknown {
  const used = /^use[:\s]\s*(.+)$/is.exec(text)?.[1]
  return used === undefined ? text.toLowerCase() : { use: used }
}

function readFields(reading: Reading, part: string): SheetFile {
  const head = reading.head(['note'])
  const fields = reading.table(fieldColumns, ['fields'], reading.rows.length)
  return { part, json: reading.file({ ...noteOf(head), fields }), problems: reading.problems }
}

function readSentences(reading: Reading): SheetFile {
  const head = reading.head(['note'])
  const rows = reading.table(sentenceColumns, ['rows'], reading.rows.length)
  const texts = (language: 'en' | 'fr') =>
    rows.flatMap((row): [string, unknown][] => (row[language] === undefined ? [] : [[String(row.code), row[language]]]))
  rows.forEach((row, index) => {
    for (const language of ['en', 'fr']) reading.alias([language, String(row.code)], ['rows', index, language])
    if (row.code === undefined) reading.problemAt(['rows', index], 'A sentence has no code.')
    if (rows.findIndex((other) => other.code === row.code) !== index) {
      reading.problemAt(['rows', index], `The code ${String(row.code)} is there twice.`)
    }
  })
  const fr = texts('fr')
  const value = {
    ...noteOf(head),
    en: Object.fromEntries(texts('en')),
    ...(fr.length === 0 ? {} : { fr: Object.fromEntries(fr) }),
  }
  return { part: 'sentences', json: reading.file(value), problems: reading.problems }
}

function noteOf(head: ReadonlyMap<string, string>): { readonly note?: string } {
  const note = head.get('note') ?? ''
  return note === '' ? {} : { note }
}

type Reading = ReturnType<typeof createReading>

/** Reads cells and remembers where every value of the file stood. */
function createReading(sheet: string, rows: readonly (readonly string[])[]) {
  const places = new Map<string, { readonly row: number; readonly column: number }>()
  const headRows = new Map<string, number>()
  const problems: ReturnType<JsonFile['problem']>[] = []
  const key = (path: JsonPath) => JSON.stringify(path)
  const at = (row: number, column: number, message: string, hint?: string) => ({
    file: sheet,
    line: row + 1,
    column: column + 1,
    message,
    ...(hint === undefined ? {} : { hint }),
  })
  const placeOf = (path: JsonPath): { readonly row: number; readonly column: number } =>
    places.get(key(path)) ?? (path.length === 0 ? { row: 0, column: 0 } : placeOf(path.slice(0, -1)))

  const reading = {
    rows,
    problems,
    problem: (row: number, column: number, message: string, hint?: string) => {
      problems.push(at(row, column, message, hint))
    },
    problemAt: (path: JsonPath, message: string) => {
      const { row, column } = placeOf(path)
      problems.push(at(row, column, message))
    },
    place: (path: JsonPath, row: number, column: number) => {
      places.set(key(path), { row, column })
    },
    alias: (path: JsonPath, of: JsonPath) => {
      places.set(key(path), placeOf(of))
    },
    placeOfHead: (path: JsonPath, name: string) => {
      places.set(key(path), { row: headRows.get(name) ?? 0, column: 1 })
    },
    /** `name | value` rows before the first table. */
    head(names: readonly string[]): ReadonlyMap<string, string> {
      const found = new Map<string, string>()
      for (const [index, row] of rows.entries()) {
        const name = (row[0] ?? '').trim().toLowerCase()
        if (index > 0 && names.includes(name) && !found.has(name)) {
          found.set(name, row[1] ?? '')
          headRows.set(name, index)
        }
        if (index > 0 && row.every((text) => text.trim() === '')) break
      }
      return found
    },
    table(columns: readonly Column[], path: JsonPath, end: number): Record<string, unknown>[] {
      const first = columns[0]?.heading ?? ''
      const start = rows.findIndex((row) => isSame(row[0] ?? '', first))
      if (start >= 0) return reading.tableAt(columns, path, start, end)
      reading.problem(0, 0, `There is no row of headings that begins with "${first}".`, 'Put the headings back.')
      return []
    },
    /** Rows under a row of headings; empty ones are left out. Columns may stand in any order. */
    tableAt(columns: readonly Column[], path: JsonPath, start: number, end: number): Record<string, unknown>[] {
      const headings = rows[start] ?? []
      const used = headings.map((heading) => columns.find((one) => isSame(one.heading, heading)))
      headings.forEach((heading, column) => {
        if (heading.trim() === '' || used[column] !== undefined) return
        const near = nearest(
          heading,
          columns.map((one) => one.heading),
        )
        const hint = near === undefined ? 'Remove the column.' : `Did you mean ${near}?`
        reading.problem(start, column, `There is no column "${heading.trim()}".`, hint)
      })
      for (const { heading } of columns.filter((one) => !used.includes(one))) {
        reading.problem(start, 0, `The column "${heading}" is missing.`, 'Put it back, empty cells are fine.')
      }
      const values: Record<string, unknown>[] = []
      for (let row = start + 1; row < end; row += 1) {
        const texts = rows[row] ?? []
        if (texts.every((text) => text.trim() === '')) continue
        const here = [...path, values.length]
        reading.place(here, row, 0)
        const value: Record<string, unknown> = {}
        texts.forEach((text, index) => {
          const column = used[index]
          if (column === undefined) {
            if (text.trim() !== '') reading.problem(row, index, 'This cell stands under no heading.', 'Remove it.')
            return
          }
          reading.place([...here, column.key], row, index)
          const read = readCell(column, text)
          if (read instanceof Unreadable) reading.problem(row, index, `${column.heading} ${read.message}`)
          else if (read !== undefined) value[column.key] = read
        })
        values.push(value)
      }
      return values
    },
    file: (value: unknown): JsonFile => ({
      file: sheet,
      value,
      problem: (path, message, hint) => {
        const { row, column } = placeOf(path)
        return at(row, column, message, hint)
      },
      problemAtKey: (path, name, message, hint) => {
        const { row, column } = placeOf([...path, name])
        return at(row, column, message, hint)
      },
    }),
  }
  return reading
}

function isSame(one: string, other: string): boolean {
  return one.trim().toLowerCase() === other.trim().toLowerCase()
}

/** `sex!C7` */
export function sheetPlace(problem: {
  readonly file: string
  readonly line?: number
  readonly column?: number
}): string {
  if (problem.line === undefined) return problem.file
  return `${problem.file}!${columnLetter((problem.column ?? 1) - 1)}${problem.line}`
}
