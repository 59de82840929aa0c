import { ExchangeError } from '../../../errors/ExchangeError.ts'
import { casesWhere, getCase } from '../cases.ts'
import { connectionTo } from '../client.ts'
import type { Connection } from '../connection.ts'
import { isObject } from '../json.ts'
import type { Case, Row } from '../rows.ts'
import { created, updated } from './cases.ts'
import { dataOf, textOf } from './parameters.ts'
import { type Callback, finish, type Lazy, nextState, type Operation, resolve } from './state.ts'

export interface UpsertCaseParameters {
  /** Fields of `data` that tell the child: `['unhcr_individual_no']`; `record_id` stands for the id of the record. */
  readonly externalIds: Lazy<readonly string[]>
  readonly data: Lazy<Row>
}

/**
 * Updates the one case that carries these ids, or creates it where none does.
 *
 * Each id is looked up and every hit is verified on the returned row. Two cases are never "the first one": several fit
 * rather often, since nothing in Primero keeps these numbers unique.
 *
 * Leaves `data`: the case (created), or id, time and what changed (updated).
 *
 * @throws FIELDS_MISSING (never) when `data` lacks the value of an id, or no id is named: Primero would answer with all cases
 * @throws CASE_AMBIGUOUS (never) when several cases fit; nothing is written
 * @throws CASE_IDENTITY_CONFLICT (never) when the case found by one id carries another value for a second one
 * @throws CASE_DISABLED (never) when the case is disabled
 * @source docs/systems.md §Primero/filters
 */
export function upsertCase(parameters: Lazy<UpsertCaseParameters>, callback?: Callback): Operation {
  return async (state) => {
    const resolved = resolve(state, parameters)
    if (!isObject(resolved)) throw new TypeError('upsertCase needs { externalIds, data }.')
    const { record_id: recordId, ...data } = dataOf(resolved.data, 'upsertCase')
    const ids = identifying(resolved.externalIds, { ...data, record_id: recordId })
    const connection = connectionTo(state.configuration)

    const found = await onlyMatch(connection, ids, data)

    if (found === undefined) return finish(nextState(state, await created(connection, data)), callback)
    const { id: _, ...fields } = data
    return finish(nextState(state, await updated(connection, found.id, fields)), callback)
  }
}

type Identifying = readonly (readonly [field: string, value: string])[]

function identifying(externalIds: unknown, data: Row): Identifying {
  const names = Array.isArray(externalIds) ? externalIds : [externalIds]
  const fields = names.map((name: unknown) => textOf(name, 'externalIds'))
  if (fields.length === 0) textOf(undefined, 'externalIds')
  return fields.map((field) => [field, textOf(data[field], field)] as const)
}

async function onlyMatch(connection: Connection, ids: Identifying, data: Row): Promise<Case | undefined> {
  const fields = ids.map(([field]) => field)
  const found = new Map<string, Case>()
  const own = typeof data.id === 'string' ? [['record_id', data.id] as const] : []
  for (const [field, value] of [...ids, ...own]) {
    const byRecord = field === 'record_id' || field === 'id'
    const single = byRecord ? await getCase(connection, value, { fields }) : undefined
    const rows = byRecord
      ? single === undefined
        ? []
        : [single]
      : await casesWhere(connection, field, value, { fields })
    for (const row of rows) found.set(row.id, row)
  }
  const [first, ...others] = found.values()
  if (first === undefined) return undefined
  if (others.length > 0) throw stop('CASE_AMBIGUOUS', `${found.size} cases fit these ids; nothing was written.`, fields)
  if (first.enabled === false)
    throw stop('CASE_DISABLED', 'The case that fits is disabled; nothing was written.', fields)
  const differing = ids.filter(([field, value]) => !isEmpty(first[field]) && String(first[field]) !== value)
  if (differing.length > 0) {
    const names = differing.map(([field]) => field)
    throw stop(
      'CASE_IDENTITY_CONFLICT',
      `The case that fits has another ${names.join(', ')}; nothing was written.`,
      names,
    )
  }
  return first
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || value === ''
}

function stop(
  code: 'CASE_AMBIGUOUS' | 'CASE_DISABLED' | 'CASE_IDENTITY_CONFLICT',
  message: string,
  fields: readonly string[],
): ExchangeError {
  return new ExchangeError(message, { code, retry: 'never', reach: 'refused', fields })
}
