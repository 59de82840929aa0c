import { isList, type JsonValue } from './message.ts'

/**
 * One text for all spellings of a JSON value: keys sorted by code unit, no space, numbers and escapes as JavaScript
 * writes them. Two messages are the same message when these are equal; the order of a list counts.
 */
export function canonicalJson(value: JsonValue): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value)
  if (isList(value)) return `[${value.map(canonicalJson).join(',')}]`
  const members = Object.entries(value)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([key, item]) => `${JSON.stringify(key)}:${canonicalJson(item)}`)
  return `{${members.join(',')}}`
}
