import { connectionTo } from '../client.ts'
import { readList } from '../readList.ts'
import type { Row } from '../rows.ts'
import { queryOf } from './parameters.ts'
import { type Callback, finish, type Lazy, nextState, type Operation, resolve } from './state.ts'

/**
 * Reads all forms with their fields. Not limited to the account's role: what it may write is not told.
 *
 * Leaves `data`: list of forms.
 *
 * @param query  `record_type`, `module_id`, `exclude_subforms`
 * @source docs/systems.md §Primero/lists
 */
export function getForms(query?: Lazy<Row>, callback?: Callback): Operation {
  return list('/forms', 'unique_id', 'Reading forms', query, callback)
}

/**
 * Reads lookups with their options (`values[].id` is what a case stores). All of them, unless the query says `page` or `per`.
 *
 * Leaves `data`: list of lookups, `metadata`.
 *
 * @source docs/systems.md §Primero/lists
 */
export function getLookups(query?: Lazy<Row>, callback?: Callback): Operation {
  return list('/lookups', 'unique_id', 'Reading lookups', query, callback)
}

/**
 * Reads locations (`code` is what a case stores). All of them, unless the query says `page` or `per`.
 *
 * Leaves `data`: list of locations, `metadata`.
 *
 * @param query  `hierarchy: true` adds the path of each
 * @source docs/systems.md §Primero/lists
 */
export function getLocations(query?: Lazy<Row>, callback?: Callback): Operation {
  return list('/locations', 'code', 'Reading locations', query, callback)
}

function list(path: string, key: string, doing: string, query: Lazy<Row> | undefined, callback?: Callback): Operation {
  return async (state) => {
    const asked = queryOf(resolve(state, query))
    const { rows, total, per } = await readList(connectionTo(state.configuration), {
      path,
      query: asked,
      key,
      doing,
      perPage: 1000,
    })
    const metadata = { total, per, page: Number(asked.page ?? 1) }
    return finish(nextState(state, rows, { metadata }), callback)
  }
}
