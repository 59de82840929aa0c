import { ExchangeError } from '../../../errors/ExchangeError.ts'
import { isObject } from '../json.ts'
import { identifiers, type Query, type QueryValue } from '../query.ts'
import type { Row } from '../rows.ts'

/** An object, also where it was wrapped once more as `{data: {...}}`: both forms are in use. */
export function dataOf(parameters: unknown, operation: string): Row {
  if (!isObject(parameters)) throw new TypeError(`${operation} needs an object.`)
  const keys = Object.keys(parameters)
  return keys.length === 1 && isObject(parameters.data) ? parameters.data : parameters
}

/** A text or number as text. @throws FIELDS_MISSING (never) naming the parameter */
export function textOf(value: unknown, name: string): string {
  if (typeof value === 'number') return String(value)
  if (typeof value === 'string' && value.trim() !== '') return value
  throw new ExchangeError(`"${name}" is empty.`, { code: 'FIELDS_MISSING', retry: 'never', fields: [name] })
}

/**
 * A query that Primero takes as it is meant.
 *
 * @throws FIELDS_MISSING (never) for a filter without a value: left out, it would not filter, and all cases would come
 * @throws FIELDS_INVALID (never) for forms that Primero drops or answers with nothing: `f[]`, `..TO`, quotes, a single time
 * @source docs/systems.md §Primero/filters
 */
export function queryOf(parameters: unknown): Query {
  if (parameters === undefined || parameters === null) return {}
  if (!isObject(parameters)) throw new TypeError('A query must be an object.')
  for (const [name, value] of Object.entries(parameters)) {
    const values: readonly unknown[] = Array.isArray(value) ? value : [value]
    if (values.length === 0 || values.some((item) => item === undefined || item === null || item === '')) {
      throw new ExchangeError(`The filter "${name}" has no value.`, {
        code: 'FIELDS_MISSING',
        retry: 'never',
        fields: [name],
      })
    }
    if (name.endsWith('[]') || values.some(misread)) {
      throw new ExchangeError(`Primero would not understand the filter "${name}".`, {
        code: 'FIELDS_INVALID',
        retry: 'never',
        fields: [name],
        hint: 'Ranges are FROM..TO or FROM.. with times as 2026-05-04T08:19:31Z; values have no quotes.',
      })
    }
  }
  return parameters as Readonly<Record<string, QueryValue>>
}

/** Filters of a query whose rows can be checked: one value or a list, no range, no `not`. */
export function verifiable(query: Query): Readonly<Record<string, string | readonly string[]>> {
  const checked: Record<string, string | readonly string[]> = {}
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined || !(identifiers.includes(name) || name === 'associated_user_names')) continue
    if (Array.isArray(value)) checked[name] = value.map(String)
    else if (typeof value !== 'object') checked[name] = String(value)
  }
  return checked
}

function misread(value: unknown): boolean {
  if (typeof value !== 'string') return false
  return /["\\]|^\.\./.test(value) || /^\d{4}-\d{2}-\d{2}T[\d:.]+Z?$/.test(value)
}
