import { ExchangeError } from '../../errors/ExchangeError.ts'
import type { Answer } from './connection.ts'
import { nonsense } from './failures.ts'
import { isObject } from './json.ts'
import type { Row } from './rows.ts'

export interface Page<T> {
  readonly rows: readonly T[]
  /** Rows a page as Primero decided, which may be fewer than were asked for; absent where the list is not paged. */
  readonly per: number | undefined
  /** Matches in all; absent where the list is not paged. */
  readonly total: number | undefined
}

/** Reads `{data: [...], metadata}`; every row must be an object whose `key` is text. REMOTE_NONSENSE (later) if not. */
export function page<K extends string>({ body, status }: Answer, key: K, doing: string): Page<Row & Record<K, string>> {
  const data = isObject(body) ? body.data : undefined
  if (!Array.isArray(data)) throw nonsense(doing, 'no list', status)
  const rows = data.map((row: unknown) => {
    if (hasText(row, key)) return row
    throw nonsense(doing, `a row without ${key}`, status)
  })
  const metadata = isObject(body) && isObject(body.metadata) ? body.metadata : {}
  return { rows, per: count(metadata.per), total: count(metadata.total) }
}

/** Reads `{data: {...}}`. */
export function single<K extends string>({ body, status }: Answer, key: K, doing: string): Row & Record<K, string> {
  const data = isObject(body) ? body.data : undefined
  if (!hasText(data, key)) throw nonsense(doing, `a record without ${key}`, status)
  return data
}

/**
 * An id as part of a path.
 *
 * @throws FIELDS_INVALID (never): anything but letters, digits, `-` and `_` would ask for another address
 */
export function segment(id: string, name: string): string {
  if (typeof id === 'string' && /^[A-Za-z0-9_-]{1,100}$/.test(id)) return id
  throw new ExchangeError(`The ${name} is no id.`, { code: 'FIELDS_INVALID', retry: 'never', fields: [name] })
}

function hasText<K extends string>(row: unknown, key: K): row is Row & Record<K, string> {
  return isObject(row) && typeof row[key] === 'string'
}

function count(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 ? value : undefined
}
