import { isEmpty, isRow, type Row, rowsOf, textOf } from './untrusted.ts'

/** Primero or a person may change these between our write and our look; `owned_by` has a check of its own. */
const notOurs = new Set(['owned_by', 'status', 'name'])

/**
 * Names of the fields that were sent but are not stored. Primero drops what the account's role has no form for and
 * still answers 200. To be called right after a write, with the body of that write: later a person may have changed
 * what was sent.
 *
 * As equal count: lists in any order and with more in them than was sent, numbers and their text, times written
 * differently, line ends, and an empty value and none.
 *
 * @param stored    the case as read after the write
 * @param expected  body of the create or patch
 * @returns `name_first`, `services_section`, `services_section.service_type`: names without values
 * @source docs/systems.md §Primero/validation
 */
export function missingAfterReadBack(stored: Row, expected: Row): readonly string[] {
  return Object.entries(expected).flatMap(([name, value]) => {
    if (notOurs.has(name) || isEmpty(value)) return []
    const found = Object.hasOwn(stored, name) ? stored[name] : undefined
    if (name === 'services_section') return missingInRows(found, value)
    return isStored(found, value) ? [] : [name]
  })
}

/** True where nobody owns the case: Primero drops an unknown owner without a word, and no case worker sees the case. */
export function ownerMissing(stored: Row): boolean {
  return isEmpty(stored.owned_by)
}

function missingInRows(stored: unknown, expected: unknown): readonly string[] {
  return rowsOf(expected).flatMap((row) => {
    const id = textOf(row.unique_id)
    const found = rowsOf(stored).find((candidate) => textOf(candidate.unique_id) === id)
    if (id === undefined || found === undefined) return ['services_section']
    return missingAfterReadBack(found, row).map((name) => `services_section.${name}`)
  })
}

function isStored(found: unknown, sent: unknown): boolean {
  if (Array.isArray(sent)) return Array.isArray(found) && sent.every((item) => found.some((has) => isStored(has, item)))
  if (isRow(sent)) return isRow(found) && missingAfterReadBack(found, sent).length === 0
  const [was, is] = [plain(sent), plain(found)]
  return was === is || (isTime(was) && isTime(is) && Date.parse(was) === Date.parse(is))
}

function plain(value: unknown): string {
  if (typeof value === 'boolean') return String(value)
  return (textOf(value) ?? '').replace(/\r\n?/g, '\n')
}

function isTime(text: string): boolean {
  return /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}/.test(text)
}
