import { ExchangeError } from '../../../errors/ExchangeError.ts'
import { createCase as create, getCase, patchCase } from '../cases.ts'
import { connectionTo } from '../client.ts'
import type { Connection } from '../connection.ts'
import { verifyFilters } from '../filters.ts'
import { isObject } from '../json.ts'
import { readList } from '../readList.ts'
import { getReferrals } from '../referrals.ts'
import type { Case, Row } from '../rows.ts'
import { dataOf, queryOf, textOf, verifiable } from './parameters.ts'
import { type Callback, finish, type Lazy, nextState, type Operation, resolve } from './state.ts'
import { warn } from './warn.ts'

export interface GetCasesOptions {
  /** Adds `referrals` to each case: one more request a case, a few at a time; one that fails fails the operation. */
  readonly withReferrals?: boolean
}

/**
 * Reads cases that fit a query: `getCases({ status: 'open', record_state: true })`.
 *
 * **All** of them, page by page, unless the query says `page` (that page alone) or `per` (at most so many). Closed and
 * disabled cases come too. A filter that Primero ignores is noticed for identifiers and `associated_user_names`.
 * Old form: `getCases(query, callback)`, with a warning.
 *
 * Leaves `data`: list of cases, `metadata`: `{ total, per, page }` of the first page; adds the old data to `references`.
 *
 * @throws FIELDS_MISSING, FIELDS_INVALID (never) for a filter without a value or one that Primero would misread
 * @throws FILTER_IGNORED (never) when a case does not carry the value that was asked for
 * @source docs/systems.md §Primero/lists, §Primero/filters
 */
export function getCases(
  query?: Lazy<Row>,
  options?: Lazy<GetCasesOptions> | Callback,
  callback?: Callback,
): Operation {
  const old = typeof options === 'function' && callback === undefined
  return async (state) => {
    if (old)
      warn('PRIMERO_OLD_PARAMETERS', 'getCases(query, callback): the second parameter is now an object of options.')
    const asked = withFieldsOfFilters(queryOf(resolve(state, query)))
    const chosen = old ? {} : resolve(state, options)
    const connection = connectionTo(state.configuration)
    const filters = verifiable(asked)
    const list = await readList(connection, {
      path: '/cases',
      query: asked,
      key: 'id',
      doing: 'Reading cases',
      perPage: Math.min(Number(asked.per ?? 200), 1000),
      verify: (rows) => verifyFilters(rows, filters),
    })
    const withReferrals = isObject(chosen) && chosen.withReferrals === true
    const data = withReferrals ? await Promise.all(list.rows.map((row) => addReferrals(connection, row))) : list.rows
    const metadata = { total: list.total, per: list.per, page: Number(asked.page ?? 1) }
    return finish(nextState(state, data, { metadata }), old ? (options as Callback) : callback)
  }
}

/**
 * Creates a case from its fields: `createCase({ module_id: 'primeromodule-cp', … })`, or wrapped as `{ data: {...} }`.
 *
 * Send an `id` of your own (lower-case UUID) where the operation may run twice. Fields that the account's role cannot write
 * vanish without an error: read the case back.
 *
 * Leaves `data`: the case as Primero shows it.
 *
 * @throws CONFIGURATION (never) without `module_id`
 * @throws REMOTE_REFUSED (never, status 409) when a case with this `id` or `case_id` exists
 * @source docs/systems.md §Primero/cases
 */
export function createCase(parameters: Lazy<Row>, callback?: Callback): Operation {
  return async (state) => {
    const data = dataOf(resolve(state, parameters), 'createCase')
    return finish(nextState(state, await created(connectionTo(state.configuration), data)), callback)
  }
}

/**
 * Merges fields into the case with this record id (not its `case_id`): `updateCase('0b6f…', { … })`.
 *
 * Rows of lists such as `services_section` need their `unique_id`; without it Primero adds them once more each time.
 *
 * Leaves `data`: id, time and what changed.
 *
 * @throws REMOTE_REFUSED (never, status 404) for an unknown id
 * @source docs/systems.md §Primero/merge
 */
export function updateCase(id: Lazy<string>, parameters: Lazy<Row>, callback?: Callback): Operation {
  return async (state) => {
    const data = dataOf(resolve(state, parameters), 'updateCase')
    const recordId = textOf(resolve(state, id), 'id')
    return finish(nextState(state, await updated(connectionTo(state.configuration), recordId, data)), callback)
  }
}

/** Creates and gives the case as Primero shows it; with an id of ours the answer is empty, so it is read. */
export async function created(connection: Connection, data: Row): Promise<Row> {
  const result = await create(connection, data)
  if (!result.created) {
    throw new ExchangeError('Creating a case: a case with this id or case_id exists already (409).', {
      code: 'REMOTE_REFUSED',
      retry: 'never',
      reach: 'refused',
      status: 409,
      hint: 'Read the case by its id and update it if it is the same child.',
    })
  }
  if (result.case !== undefined || typeof data.id !== 'string') return result.case ?? {}
  const { id } = data
  return (await getCase(connection, id).catch(unlessDenied)) ?? { id }
}

export async function updated(connection: Connection, id: string, data: Row): Promise<Case> {
  const nameless = Object.keys(data).filter((key) => {
    const rows: unknown = data[key]
    return Array.isArray(rows) && rows.some((row) => isObject(row) && !('unique_id' in row))
  })
  if (nameless.length > 0) {
    warn('PRIMERO_ROWS_WITHOUT_ID', `Rows of ${nameless.join(', ')} have no unique_id and are added each time.`)
  }
  return patchCase(connection, id, data)
}

/** A case made for another owner cannot be read by an account that sees its own cases only. */
function unlessDenied(error: unknown): undefined {
  if (error instanceof ExchangeError && error.code === 'ACCESS_DENIED') return undefined
  throw error
}

async function addReferrals(connection: Connection, row: Case): Promise<Row> {
  return { ...row, referrals: await getReferrals(connection, row.id) }
}

/** What is filtered on must come back, or nobody can tell whether the filter held. */
function withFieldsOfFilters(query: ReturnType<typeof queryOf>): ReturnType<typeof queryOf> {
  const { fields } = query
  if (typeof fields !== 'string' || fields === 'short') return query
  return { ...query, fields: [...new Set([...fields.split(','), ...Object.keys(verifiable(query))])].join(',') }
}
