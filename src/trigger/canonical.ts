import { isList, type JsonValue } from './message.ts'

/**
 * One text for all spellings of a JSON value: keys in one order, no space, numbers and escapes as JavaScript writes them.
 * Two messages are the same message when these are equal; the order of a list counts.
 *
 * Keys are sorted by code unit, except that JavaScript puts those that look like array indexes first, always.
 */
export function canonicalJson(value: JsonValue): string {
  return JSON.stringify(sorted(value))
}

function sorted(value: JsonValue): JsonValue {
  if (value === null || typeof value !== 'object') return value
  if (isList(value)) return value.map(sorted)
  const keys = Object.keys(value).sort()
  return Object.fromEntries(keys.map((key) => [key, sorted(value[key] ?? null)]))
}
