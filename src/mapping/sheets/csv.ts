import { parse } from 'csv-parse/sync'
import { stringify } from 'csv-stringify/sync'
import type { ReadSheet, Sheet } from './sheet.ts'

/** A sheet as CSV: UTF-8 with byte order mark, so that spreadsheets read Amharic, and commas. */
export function writeCsv({ rows, widths }: Sheet): string {
  const width = Math.max(widths.length, ...rows.map((row) => row.length))
  const cells = rows.map((row) => Array.from({ length: width }, (_, index) => row[index]?.text ?? ''))
  return stringify(cells, { bom: true, record_delimiter: '\r\n', quoted_match: /[\r\n;]|^\s|\s$/ })
}

/** A CSV file as a sheet; commas or semicolons, whichever its first line has. Undefined: it is no CSV. */
export function readCsv(name: string, text: string): ReadSheet | undefined {
  const content = text.replace(/^\uFEFF/, '')
  const firstLine = content.split(/\r?\n/, 1)[0] ?? ''
  const bare = firstLine.replace(/"(?:[^"]|"")*"/g, '')
  const count = (letter: string) => bare.split(letter).length
  const delimiter = count(';') > count(',') ? ';' : ','
  try {
    return { name, rows: parse(content, { delimiter, relax_column_count: true, skip_empty_lines: false }) }
  } catch {
    return undefined
  }
}
