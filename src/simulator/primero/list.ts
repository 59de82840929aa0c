import { createHash } from 'node:crypto'
import { type JsonObject, text } from '../json.ts'
import { type Call, sees } from './call.ts'
import { type Filters, identifierFields, type Matches, readFilters, UnreadableFilter } from './filters.ts'
import { renderer } from './render.ts'
import { errors, json } from './respond.ts'
import type { CaseData } from './types.ts'

const defaultPer = 20
const maximumPer = 1000

/**
 * `GET /cases`: filters, order, one page. `per` above 1000 is cut without a word; rows with equal keys come in any order.
 *
 * @source docs/systems.md §Primero/lists
 */
export function listCases(call: Call): Response {
  const { query } = call
  const found = search(call)
  const { per, page } = paging(call)
  const render = renderer(call, query.get('id_search') === 'true' ? 'short' : query.get('fields'))
  const rows = inOrder(found, call)
  const data = rows.slice((page - 1) * per, page * per).map(render)
  return json(200, { data, metadata: { total: found.length, per, page } })
}

function search(call: Call): readonly CaseData[] {
  const { matches, exact } = filtersOf(call)
  const asked = textSearch(call)
  const rows = exact ? call.content.caseBy(exact.field, exact.value) : call.content.cases()
  return rows.filter((data) => matches(data) && asked(data) && sees(call, data))
}

function filtersOf(call: Call): Filters {
  try {
    return readFilters(call.query, {
      profile: call.profile,
      filterable: call.caller.role.filterable,
      isField: (name) => call.content.schema.has(name) || identifierFields.has(name),
      locations: call.content.seed.locations,
    })
  } catch (error) {
    if (error instanceof UnreadableFilter) throw errors(500, call.path, error.message)
    throw error
  }
}

function textSearch(call: Call): Matches {
  const wanted = call.query.get('query')?.toLowerCase()
  if (!wanted) return () => true
  const isName = call.query.get('phonetic') === 'true' || call.profile === '2.6'
  const names = [...identifierFields, ...(isName ? ['name'] : [])]
  return (data) => names.some((name) => text(data[name])?.toLowerCase().includes(wanted) === true)
}

/** Ruby's to_i: the leading digits, else 0. */
function toInteger(value: string): number {
  return Number.parseInt(value, 10) || 0
}

function paging(call: Call): { readonly per: number; readonly page: number } {
  const asked = toInteger(call.query.get('per') ?? String(defaultPer))
  const per = call.profile === '2.6' ? asked : Math.min(asked, maximumPer)
  const page = toInteger(call.query.get('page') ?? '1')
  if (per < 0) throw errors(500, call.path, 'PG::InvalidRowCountInLimitClause: ERROR: LIMIT must not be negative')
  if (page < 1)
    throw errors(500, call.path, 'PG::InvalidRowCountInResultOffsetClause: ERROR: OFFSET must not be negative')
  return { per, page }
}

/** Sorts by one field; a missing value counts as the largest, as NULL does in PostgreSQL. */
function inOrder(found: readonly CaseData[], call: Call): readonly CaseData[] {
  const field = call.query.get('order_by') || 'created_at'
  const isDescending = (call.query.get('order') || 'desc') === 'desc'
  const rows = call.ties === 'shuffled' ? shuffle(found) : [...found]
  const sign = isDescending ? -1 : 1
  return rows.sort((a, b) => sign * compare(a, b, field))
}

function compare(a: JsonObject, b: JsonObject, field: string): number {
  const left = a[field] ?? null
  const right = b[field] ?? null
  if (left === right) return 0
  if (left === null) return 1
  if (right === null) return -1
  if (typeof left === 'number' && typeof right === 'number') return left - right
  return String(left) < String(right) ? -1 : String(left) > String(right) ? 1 : 0
}

let shuffles = 0

/** Another order at every call, but a repeatable one for the n-th call of a process. */
function shuffle(rows: readonly CaseData[]): CaseData[] {
  shuffles += 1
  const rank = (row: CaseData) => createHash('md5').update(`${shuffles} ${row.id}`).digest('hex')
  return rows
    .map((row) => ({ row, rank: rank(row) }))
    .sort((a, b) => (a.rank < b.rank ? -1 : 1))
    .map(({ row }) => row)
}
