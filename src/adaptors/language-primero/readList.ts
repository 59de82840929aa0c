import { page } from './answers.ts'
import type { Connection } from './connection.ts'
import { nonsense } from './failures.ts'
import type { Query } from './query.ts'
import type { Row } from './rows.ts'

interface ListQuery<K extends string> {
  readonly path: string
  /** `page`: that page alone. `per` without `page`: at most so many rows. Neither: all of them. */
  readonly query?: Query
  /** What tells one row from another. */
  readonly key: K
  readonly doing: string
  /** How many to ask for at a time, 1 to 1000. */
  readonly perPage: number
  readonly signal?: AbortSignal | undefined
  /** Looks at each page before the next one is asked for. */
  readonly verify?: (rows: readonly Row[]) => void
}

export interface List<T> {
  readonly rows: readonly T[]
  readonly total: number | undefined
  /** As Primero said with the first answer. */
  readonly per: number | undefined
}

/**
 * Reads a list page by page, each row once.
 *
 * Primero gives 20 rows where nothing is said and never more than 1000 at a time, whatever `per` says; so `per` is taken as
 * "at most so many in all". Rows that are saved meanwhile may move between pages: for cases by time of change use
 * `changedCases`.
 *
 * @throws REMOTE_NONSENSE (later) when the list does not end
 * @source docs/systems.md §Primero/lists
 */
export async function readList<K extends string>(
  connection: Connection,
  { path, query = {}, key, doing, perPage, signal, verify }: ListQuery<K>,
): Promise<List<Row & Record<K, string>>> {
  const read = async (per: number, number: number) => {
    const answer = await connection.ask({ method: 'GET', path, query: { ...query, per, page: number }, doing, signal })
    const found = page(answer, key, doing)
    verify?.(found.rows)
    return found
  }
  const wanted = query.per === undefined ? Number.POSITIVE_INFINITY : positive(query.per, 'per')
  if (query.page !== undefined) return read(Math.min(wanted, perPage), positive(query.page, 'page'))

  const found = new Map<string, Row & Record<K, string>>()
  const asked = Math.min(wanted, perPage)
  let first: { readonly per: number | undefined; readonly total: number | undefined } | undefined
  for (let number = 1; number <= mostPages; number += 1) {
    const { rows, per, total } = await read(asked, number)
    first ??= { per, total }
    for (const row of rows) found.set(row[key], row)
    const full = per !== undefined && rows.length > 0 && rows.length >= Math.min(per, asked)
    if (!full || found.size >= wanted)
      return { ...first, rows: [...found.values()].slice(0, Math.min(wanted, found.size)) }
    if (total !== undefined && per !== undefined && number * per >= total)
      return { ...first, rows: [...found.values()] }
  }
  throw nonsense(doing, 'a list that does not end')
}

const mostPages = 1000

/** Primero answers a negative page or size with 500, and 0 or text with no rows. */
function positive(value: unknown, name: string): number {
  const number = Number(value)
  if (Number.isInteger(number) && number > 0) return number
  throw new TypeError(`"${name}" must be a whole number above 0.`)
}
