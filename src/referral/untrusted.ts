/** JSON as another system sent it: anything may be missing, null or of another type. Nothing here throws. */
export type Row = Readonly<Record<string, unknown>>

export function isRow(value: unknown): value is Row {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The objects of a list; whatever else stands in it, or no list at all, is left out. */
export function rowsOf(value: unknown): readonly Row[] {
  return Array.isArray(value) ? value.filter(isRow) : []
}

/** Text, trimmed; numbers as digits; anything else, and blank text, is `undefined`: never "undefined" or "[object Object]". */
export function textOf(value: unknown): string | undefined {
  if (typeof value === 'number' && Number.isFinite(value)) return String(value)
  if (typeof value !== 'string') return undefined
  const trimmed = value.trim()
  return trimmed === '' ? undefined : trimmed
}

/** What Primero means by "no value": absent, null, blank text or an empty list. `false` and 0 are values. */
export function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null) return true
  if (typeof value === 'string') return value.trim() === ''
  return Array.isArray(value) && value.every(isEmpty)
}

/** Longer or stranger than any id seen on either side (UUID#12, `989-24-PRTITV-0000123`, PING's comma-joined triple): no id. */
const idShape = /^[A-Za-z0-9][A-Za-z0-9,._:/#-]{0,119}$/

/**
 * A text that can be an id: letters, digits and `, . _ : / # -`, at most 120 characters. Such a text may be a record's
 * key, a log field or part of a look-up; a sentence or a name with a blank in it may not.
 */
export function idOf(value: unknown): string | undefined {
  const text = textOf(value)
  return text !== undefined && idShape.test(text) ? text : undefined
}

const uuidShape = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

/** A UUID in lower case; braces round it are dropped. */
export function uuidOf(value: unknown): string | undefined {
  const text = textOf(value)
    ?.replace(/^\{(.*)\}$/, '$1')
    .toLowerCase()
  return text !== undefined && uuidShape.test(text) ? text : undefined
}
