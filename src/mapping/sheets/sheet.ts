/** One cell as people see it: text, and whether it is to be marked as changed. */
export interface Cell {
  readonly text: string
  readonly bold?: true
  readonly marked?: true
}

/** A sheet on its way out. */
export interface Sheet {
  /** At most 31 letters, unique in its book without regard to case. */
  readonly name: string
  /** In letters of the widest digit, by column. */
  readonly widths: readonly number[]
  readonly rows: readonly (readonly Cell[])[]
}

/** A sheet on its way in: every cell as text. */
export interface ReadSheet {
  /** Name of the sheet, or of its CSV file. */
  readonly name: string
  readonly rows: readonly (readonly string[])[]
}

/** A place in a book of sheets: row as people count it, column by letter. */
export interface SheetProblem {
  readonly sheet: string
  readonly row?: number
  readonly column?: string
  readonly message: string
  readonly hint?: string
}

/** 0 → A, 25 → Z, 26 → AA. */
export function columnLetter(index: number): string {
  const rest = Math.floor(index / 26)
  return `${rest === 0 ? '' : columnLetter(rest - 1)}${String.fromCharCode(65 + (index % 26))}`
}

/**
 * A text that no spreadsheet takes for a formula: where it begins like one, an apostrophe stands before it. `bare` takes
 * that one off again, and both leave every other text alone.
 */
export function neutral(text: string): string {
  return /^'*[=+\-@\t\r\n\0]/.test(text) ? `'${text}` : text
}

export function bare(text: string): string {
  return /^'+[=+\-@\t\r\n\0]/.test(text) ? text.slice(1) : text
}
