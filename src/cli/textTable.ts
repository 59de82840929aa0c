export interface TextTable {
  readonly columns: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

/** A table as lines of text, columns aligned, a rule under their names; line breaks in a cell become blanks. */
export function renderTable({ columns, rows }: TextTable): string {
  const cells = rows.map((row) => columns.map((_, index) => (row[index] ?? '').replace(/\s*\n\s*/g, ' ')))
  const used = columns.map((name, index) => ({ name, index })).filter(({ index }) => cells.some((row) => row[index]))
  const widths = used.map(({ name, index }) => Math.max(...[name, ...cells.map((row) => row[index] ?? '')].map(width)))
  const line = (texts: readonly string[]) =>
    texts
      .map((text, at) => pad(text, widths[at] ?? 0))
      .join('  ')
      .trimEnd()
  return [
    line(used.map(({ name }) => name)),
    line(widths.map((letters, at) => '─'.repeat(at === widths.length - 1 ? Math.min(letters, 40) : letters))),
    ...cells.map((row) => line(used.map(({ index }) => row[index] ?? ''))),
  ]
    .map((text) => `${text}\n`)
    .join('')
}

/** Letters as a terminal counts them: a mark that sits on another letter takes no room. */
function width(text: string): number {
  return [...text.replace(/\p{Mark}/gu, '')].length
}

function pad(text: string, letters: number): string {
  return text + ' '.repeat(Math.max(0, letters - width(text)))
}
