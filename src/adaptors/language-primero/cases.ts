import { ExchangeError } from '../../errors/ExchangeError.ts'
import { page, segment, single } from './answers.ts'
import type { CallOptions, FieldsOption } from './client.ts'
import type { Connection } from './connection.ts'
import { nonsense } from './failures.ts'
import { filterIgnored } from './filters.ts'
import { assertExact } from './query.ts'
import type { Case, Created, Row } from './rows.ts'

/**
 * Every case whose `field` is exactly `value`, disabled and closed ones included; none, one or several.
 *
 * None found is no proof that there is none: a case outside the account's scope does not show, and releases up to 2.5
 * find a new case some seconds late. Read by id before creating.
 *
 * @throws FIELDS_MISSING, FIELDS_INVALID (never) for a value that Primero would not look up exactly; nothing is asked
 * @throws FILTER_IGNORED (never) when any row carries another value: then Primero ignored the filter, and "the first
 *         hit" would be somebody else's child
 * @source docs/systems.md §Primero/filters
 */
export async function casesWhere(
  connection: Connection,
  field: string,
  value: string,
  { fields, signal }: FieldsOption = {},
): Promise<readonly Case[]> {
  assertExact(field, value)
  const doing = `Looking up a case by ${field}`
  const found = new Map<string, Case>()
  for (let number = 1; number <= mostPages; number += 1) {
    const query = { [field]: value, ...fieldsQuery(fields, field), order_by: 'created_at', order: 'asc', per: 100 }
    const answer = await connection.ask({
      method: 'GET',
      path: '/cases',
      query: { ...query, page: number },
      doing,
      signal,
    })
    const { rows, per = 100 } = page(answer, 'id', doing)
    for (const row of rows) {
      if (String(row[field]) !== value) throw filterIgnored(field)
      found.set(row.id, row)
    }
    if (rows.length < per) return [...found.values()]
  }
  throw nonsense(doing, 'a list that does not end')
}

/** @returns `undefined` on 404: no such record `id` (a `case_id` is none) @source docs/systems.md §Primero/cases */
export async function getCase(
  connection: Connection,
  id: string,
  { fields, signal }: FieldsOption = {},
): Promise<Case | undefined> {
  const doing = 'Reading a case'
  const path = `/cases/${segment(id, 'case id')}`
  const answer = await connection.ask({ method: 'GET', path, query: fieldsQuery(fields), doing, expect: [404], signal })
  return answer.status === 404 ? undefined : single(answer, 'id', doing)
}

/**
 * Creates a case. With an `id` of ours (lower-case UUID) it may be sent again: the second time answers `created: false`.
 *
 * @throws CONFIGURATION (never) without `module_id`: Primero would store an empty case and answer 200
 * @source docs/systems.md §Primero/cases
 */
export async function createCase(connection: Connection, data: Row, { signal }: CallOptions = {}): Promise<Created> {
  if (typeof data.module_id !== 'string' || data.module_id === '') {
    throw new ExchangeError('A case without module_id would lose every field of its forms.', {
      code: 'CONFIGURATION',
      retry: 'never',
      fields: ['module_id'],
      hint: 'Send the module_id of the case, e.g. primeromodule-cp.',
    })
  }
  assertNoSectionWiped(data)
  const doing = 'Creating a case'
  const answer = await connection.ask({ method: 'POST', path: '/cases', body: { data }, doing, expect: [409], signal })
  if (answer.status === 409) return { created: false }
  return answer.status === 204 ? { created: true } : { created: true, case: single(answer, 'id', doing) }
}

/**
 * Merges `data` into the case and returns what changed of it.
 *
 * Primero adds every row of a list that has no `unique_id` once more each time, never removes a row that is left out, and
 * moves `last_updated_at` even when nothing differs. There is no lock: the last writer of the whole record wins, so send
 * little and read it back.
 *
 * @throws REMOTE_REFUSED (never, status 404) for an unknown id
 * @source docs/systems.md §Primero/merge
 */
export async function patchCase(
  connection: Connection,
  id: string,
  data: Row,
  { signal }: CallOptions = {},
): Promise<Case> {
  assertNoSectionWiped(data)
  const doing = 'Updating a case'
  const path = `/cases/${segment(id, 'case id')}`
  return single(await connection.ask({ method: 'PATCH', path, body: { data }, doing, signal }), 'id', doing)
}

/**
 * Primero's clock, whole seconds: the `Date` header of an answer that needs the credentials.
 *
 * @throws REMOTE_NONSENSE (later) when the answer has no date
 */
export async function serverTime(connection: Connection, { signal }: CallOptions = {}): Promise<string> {
  const doing = 'Asking for the time'
  const query = { per: 1, fields: 'last_updated_at' }
  const { headers, status } = await connection.ask({ method: 'GET', path: '/cases', query, doing, signal })
  const at = new Date(String(headers.date))
  if (Number.isNaN(at.getTime())) throw nonsense(doing, 'no date', status)
  return at.toISOString().replace(/\.\d+Z$/, 'Z')
}

const mostPages = 10

function fieldsQuery(fields: readonly string[] | undefined, ...always: readonly string[]) {
  return fields === undefined ? {} : { fields: [...new Set([...fields, ...always])].join(',') }
}

/** Releases up to 2.10 take `null` for a list of rows as "delete them all". */
function assertNoSectionWiped(data: Row): void {
  const wiped = Object.keys(data).filter((key) => data[key] === null && key.endsWith('_section'))
  if (wiped.length === 0) return
  throw new ExchangeError(`null would delete all rows of ${wiped.join(', ')}.`, {
    code: 'FIELDS_INVALID',
    retry: 'never',
    fields: wiped,
  })
}
