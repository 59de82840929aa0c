import readBook from 'read-excel-file/node'
import writeBook from 'write-excel-file/node'
import { columnLetter, type ReadSheet, type Sheet, type SheetProblem } from './sheet.ts'

const changedColour = '#fff2a8'
const headingColour = '#e8eef4'

/** Empty rows under each sheet that are formatted as text, so that a new code keeps its leading zeros. */
const spareRows = 15

/** A book of sheets as an XLSX file. Every cell is text: no formula, no number that loses its zeros. */
export async function writeXlsx(sheets: readonly Sheet[]): Promise<Buffer> {
  const book = sheets.map(({ name, widths, rows }) => {
    const spare = Array.from({ length: spareRows }, () => widths.map(() => ({ type: String, format: '@' })))
    return {
      sheet: name,
      columns: widths.map((width) => ({ width })),
      data: [
        ...rows.map((row) =>
          row.map(({ text, bold, marked }) => ({
            ...(text === '' ? {} : { value: escaped(text) }),
            type: String,
            format: '@',
            wrap: true,
            alignVertical: 'top' as const,
            ...(bold === true ? { fontWeight: 'bold' as const, backgroundColor: headingColour } : {}),
            ...(marked === true ? { backgroundColor: changedColour } : {}),
          })),
        ),
        ...spare,
      ],
    }
  })
  return writeBook(book).toBuffer()
}

/**
 * The sheets of an XLSX file, every cell as text. A number typed by a person is its digits; a cell that the spreadsheet
 * made a date of cannot be told any more, and is a problem.
 */
export async function readXlsx(
  bytes: Buffer,
): Promise<{ readonly sheets: readonly ReadSheet[]; readonly problems: readonly SheetProblem[] } | undefined> {
  const book = await readBook(bytes, { trim: false }).catch(() => undefined)
  if (book === undefined) return undefined
  const problems: SheetProblem[] = []
  const sheets = book.map(({ sheet, data }) => ({
    name: sheet,
    rows: data.map((row, rowIndex) =>
      row.map((value: unknown, column) => {
        if (value instanceof Date) {
          const message = 'The spreadsheet made a date of this cell.'
          const hint = 'Format it as text and type it anew.'
          problems.push({ sheet, row: rowIndex + 1, column: columnLetter(column), message, hint })
        }
        return value === null || value === undefined || value instanceof Date ? '' : String(value)
      }),
    ),
  }))
  return { sheets, problems }
}

/** XML cannot hold control characters, and `_x0041_` in a cell means the letter with that number. */
function escaped(text: string): string {
  return text
    .replace(/_(?=x[0-9A-Fa-f]{4}_)/g, '_x005F_')
    .replace(
      /(?![\n\t])\p{Cc}/gu,
      (control) => `_x${control.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}_`,
    )
}
