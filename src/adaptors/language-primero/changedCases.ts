import { ExchangeError } from '../../errors/ExchangeError.ts'
import { page } from './answers.ts'
import type { ChangedCasesQuery } from './client.ts'
import type { Connection } from './connection.ts'
import { nonsense } from './failures.ts'
import { assertFilters, verifyFilters } from './filters.ts'
import type { ChangedCase } from './rows.ts'

/**
 * Every case changed at or after `since`, oldest change first, each (id, last_updated_at) once.
 *
 * Asks again from the last change seen instead of turning pages: a case saved while we read moves to the end, and page 2
 * would skip one. Only where a whole page lies within one second are pages turned, within that second alone, and turned
 * again until every row of it was seen. A case that is saved while we read comes again with its newer time. What is kept
 * in memory is one page and the keys of one second.
 *
 * Primero compares whole seconds and cuts `per` to 1000 without a word; what it says in `metadata.per` is believed. Where it
 * does not say, a page counts as whole when it holds the total, or fewer rows than the smallest page there is.
 *
 * @yields  the case as Primero sends it; disabled and closed ones included
 * @throws  FILTER_IGNORED (never) when a row is older than `since`, newer than `until` or does not carry a filter's value
 * @throws  REMOTE_NONSENSE (later) on rows out of order or a list that does not end; others as `Connection.ask`
 * @source  docs/systems.md §Primero/lists, §Primero/filters
 */
export async function* changedCases(connection: Connection, query: ChangedCasesQuery): AsyncGenerator<ChangedCase> {
  const { filters, fields, pageSize, signal } = query
  assertFilters(filters)
  if (!Number.isInteger(pageSize) || pageSize < 1 || pageSize > 1000)
    throw new RangeError('pageSize must be 1 to 1000.')
  const until = query.until === undefined ? undefined : wholeSecond(query.until)
  const named = [...new Set([...fields, ...Object.keys(filters), 'last_updated_at'])].join(',')
  const seen = new Map<string, string>()
  const fresh = (rows: readonly ChangedCase[]) =>
    rows.filter((row) => {
      const key = `${row.id} ${row.last_updated_at}`
      if (seen.has(key)) return false
      seen.set(key, wholeSecond(row.last_updated_at))
      return true
    })

  const read = async (from: string, to: string | undefined, pageNumber: number) => {
    const answer = await connection.ask({
      method: 'GET',
      path: '/cases',
      query: {
        order_by: 'last_updated_at',
        order: 'asc',
        last_updated_at: `${from}..${to ?? ''}`,
        ...filters,
        per: pageSize,
        page: pageNumber,
        fields: named,
      },
      doing,
      signal,
    })
    const { rows, per, total } = page(answer, 'id', doing)
    if (per !== undefined && per < 1) throw nonsense(doing, 'a list without pages')
    const dated = rows.map(withTime)
    const full = isFull(rows.length, pageSize, { per, total })
    verifyRange(dated, from, to)
    if (full) verifyOrder(dated)
    verifyFilters(dated, filters)
    return { rows: full ? dated : dated.toSorted(byTime), per, full, total }
  }

  /**
   * All rows of a second that fills more than a page. Rows with equal times have no order, and a row that is saved leaves
   * the second and moves the others up: so pages are turned until as many different rows were seen as the second holds,
   * counted anew whenever that number changes.
   */
  async function* readSecond(second: string): AsyncGenerator<ChangedCase> {
    let expected: number | undefined
    const met = new Set<string>()
    for (let idle = 0; idle < mostIdlePasses; idle += 1) {
      for (let number = 1, more = true; more; number += 1) {
        const { rows, per, total } = await read(second, second, number)
        const isNews = rows.some((row) => !met.has(row.id))
        if (total !== expected) met.clear()
        expected = total
        if (isNews) idle = 0
        for (const row of rows) met.add(row.id)
        yield* fresh(rows)
        if (total === undefined ? !isNews : met.size >= total) return
        more = per === undefined || total === undefined ? rows.length > 0 : number * per < total
      }
    }
    throw nonsense(doing, 'pages that do not add up to their total')
  }

  let from = wholeSecond(query.since)
  for (let requests = 1; requests <= mostPages; requests += 1) {
    const { rows, full } = await read(from, until, 1)
    yield* fresh(rows)
    if (!full) return
    const last = wholeSecond(rows.at(-1)?.last_updated_at ?? from)
    if (last > from) {
      from = last
    } else {
      yield* readSecond(from)
      from = secondAfter(from)
      if (until !== undefined && from > until) return
    }
    for (const [key, second] of seen) if (second < from) seen.delete(key)
  }
  throw nonsense(doing, 'a list of changed cases that does not end')
}

const doing = 'Reading changed cases'
const mostPages = 100_000
/** Passes over one second without a row that was not seen before. */
const mostIdlePasses = 8

/** `2026-05-04T08:19:31Z`. Text of this form sorts by time. */
function wholeSecond(time: string): string {
  const at = new Date(time)
  if (Number.isNaN(at.getTime())) throw new TypeError('A time for changed cases must be ISO 8601.')
  return at.toISOString().replace(/\.\d+Z$/, 'Z')
}

function secondAfter(second: string): string {
  return wholeSecond(new Date(Date.parse(second) + 1000).toISOString())
}

function withTime(row: Readonly<Record<string, unknown>> & { readonly id: string }): ChangedCase {
  const { id, last_updated_at: at } = row
  if (typeof at !== 'string' || Number.isNaN(Date.parse(at))) throw nonsense(doing, 'a case without last_updated_at')
  return { ...row, id, last_updated_at: at }
}

function byTime(one: ChangedCase, other: ChangedCase): number {
  return Date.parse(one.last_updated_at) - Date.parse(other.last_updated_at)
}

/** Rows that Primero gives at least, where it gives fewer than there are. */
const smallestPage = 20

function isFull(
  count: number,
  asked: number,
  { per, total }: { readonly per: number | undefined; readonly total: number | undefined },
): boolean {
  if (per !== undefined) return count >= Math.min(per, asked)
  return total === undefined ? count >= Math.min(asked, smallestPage) : count < total
}

/** A filter that Primero does not understand is ignored and the whole caseload comes, so each row is looked at. */
function verifyRange(rows: readonly ChangedCase[], from: string, to: string | undefined): void {
  for (const row of rows) {
    const second = wholeSecond(row.last_updated_at)
    if (second >= from && (to === undefined || second <= to)) continue
    throw new ExchangeError(`${doing}: Primero ignored the filter on last_updated_at.`, {
      code: 'FILTER_IGNORED',
      retry: 'never',
      fields: ['last_updated_at'],
      hint: 'This release or a proxy drops the range; nothing of the answer was used.',
    })
  }
}

/** Of a list that goes on, the rest is asked for from the last row: only the order says that nothing lies before it. */
function verifyOrder(rows: readonly ChangedCase[]): void {
  let before = ''
  for (const row of rows) {
    const second = wholeSecond(row.last_updated_at)
    if (second < before) throw nonsense(doing, 'cases that are not in the order asked for')
    before = second
  }
}
