import { ExchangeError } from '../../errors/ExchangeError.ts'

type Scalar = string | number | boolean
export type QueryValue = Scalar | readonly Scalar[] | { readonly [key: string]: QueryValue }
export type Query = Readonly<Record<string, QueryValue | undefined>>

/**
 * The stock proxy cuts a request line at 1,024 bytes; method and protocol take some of them.
 *
 * @source docs/systems.md §Primero/lists
 */
const longestPathBytes = 1000

/**
 * `?a=b&c[0]=d`, or nothing. Lists are indexed: Primero drops `c[]=d` without a word and answers with everything.
 * Comma and colon stay readable and short; `+` and blanks are encoded, since `+03:00` decodes to a blank.
 *
 * @source docs/systems.md §Primero/filters
 */
export function queryString(query: Query): string {
  const pairs = Object.entries(query).flatMap(([key, value]) => (value === undefined ? [] : pairsOf(key, value)))
  return pairs.length === 0 ? '' : `?${pairs.join('&')}`
}

/** @throws CONFIGURATION (never) where the proxy would cut the request */
export function assertShortPath(path: string, doing: string): void {
  const bytes = Buffer.byteLength(path)
  if (bytes <= longestPathBytes) return
  throw new ExchangeError(`${doing}: the request would be ${bytes} bytes long; Primero's proxy takes 1,024.`, {
    code: 'CONFIGURATION',
    retry: 'never',
    reach: 'refused',
    hint: 'Ask for fewer fields or filters.',
  })
}

/**
 * Fields whose values Primero compares as they are. Of other fields a value of digits is compared as a number (and never
 * found), `a,b` as a list, `a..b` as a range.
 *
 * @source docs/systems.md §Primero/filters (Child.filterable_id_fields, releases from 2.10.7)
 */
export const identifiers: readonly string[] = [
  'case_id',
  'case_id_display',
  'short_id',
  'unique_identifier',
  'client_code',
  'unhcr_individual_no',
  'unhcr_id_no',
  'ration_card_no',
  'icrc_ref_no',
  'rc_id_no',
  'un_no',
  'other_agency_id',
  'survivor_code_no',
  'national_id_no',
  'other_id_no',
]

/**
 * Refuses a value with which Primero would answer no rows or all rows instead of the right ones.
 *
 * A quote or backslash breaks the query (0 rows, and "not found" would become a second case for the child); an empty
 * value, a range or a list is no exact match.
 *
 * @throws FIELDS_MISSING, FIELDS_INVALID (never) naming the field, not the value
 * @source docs/systems.md §Primero/filters
 */
export function assertExact(field: string, value: unknown): asserts value is string {
  if (!/^[a-z][a-z0-9_]*$/i.test(field)) throw new TypeError('A field to look up by must be a field name.')
  if (value === undefined || value === null || (typeof value === 'string' && value.trim() === '')) {
    throw new ExchangeError(`A case cannot be looked up by an empty ${field}.`, {
      code: 'FIELDS_MISSING',
      retry: 'never',
      fields: [field],
    })
  }
  const coerced = (text: string) =>
    !identifiers.includes(field) &&
    (/^\d+$/.test(text) || /^(true|false)$/i.test(text) || /^\d{4}-\d{2}-\d{2}/.test(text))
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must not pass
  const unsafe = /["'\\,\u0000-\u001f\u007f]|\.\./
  if (
    typeof value !== 'string' ||
    value !== value.trim() ||
    value.length > 100 ||
    unsafe.test(value) ||
    coerced(value)
  ) {
    throw new ExchangeError(`The ${field} cannot be one: Primero could not look it up exactly.`, {
      code: 'FIELDS_INVALID',
      retry: 'never',
      fields: [field],
      hint: 'Identifiers have no quotes, backslashes, commas, blanks at their ends or "..".',
    })
  }
}

function pairsOf(key: string, value: QueryValue): readonly string[] {
  if (typeof value !== 'object') return [`${encode(key)}=${encode(String(value))}`]
  return Object.entries(value).flatMap(([inner, item]: [string, QueryValue]) => pairsOf(`${key}[${inner}]`, item))
}

function encode(text: string): string {
  return encodeURIComponent(text).replaceAll('%2C', ',').replaceAll('%3A', ':')
}
