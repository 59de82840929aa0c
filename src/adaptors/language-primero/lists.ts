import { page } from './answers.ts'
import type { CallOptions } from './client.ts'
import type { Connection } from './connection.ts'
import { nonsense } from './failures.ts'
import { isObject } from './json.ts'
import { readList } from './readList.ts'
import type { Row } from './rows.ts'

/** All forms with their fields; not paged, not limited to the account's role. @source docs/systems.md §Primero/lists */
export async function forms(connection: Connection, { signal }: CallOptions = {}): Promise<readonly Row[]> {
  const doing = 'Reading forms'
  return page(await connection.ask({ method: 'GET', path: '/forms', doing, signal }), 'unique_id', doing).rows
}

/** All lookups with their options. @source docs/systems.md §Primero/lists */
export function lookups(connection: Connection, options: CallOptions = {}): Promise<readonly Row[]> {
  return whole(connection, '/lookups', 'unique_id', 'Reading lookups', options)
}

/** All locations; a country may have tens of thousands. @source docs/systems.md §Primero/lists */
export function locations(connection: Connection, options: CallOptions = {}): Promise<readonly Row[]> {
  return whole(connection, '/locations', 'code', 'Reading locations', options)
}

/** All agencies; `unique_id` is what cases hold. @throws ACCESS_DENIED (never) @source docs/systems.md §Primero/lists */
export function agencies(connection: Connection, options: CallOptions = {}): Promise<readonly Row[]> {
  return whole(connection, '/agencies', 'unique_id', 'Reading agencies', options)
}

/** All roles with their rights on forms, for an account that may read them. @throws ACCESS_DENIED (never) */
export function roles(connection: Connection, options: CallOptions = {}): Promise<readonly Row[]> {
  return whole(connection, '/roles', 'unique_id', 'Reading roles', options)
}

/** Release of this Primero (`2.15.2.1`), where it tells. @source docs/systems.md §Primero/versions */
export async function version(connection: Connection, { signal }: CallOptions = {}): Promise<string | undefined> {
  const doing = 'Asking for the version'
  const { body } = await connection.ask({ method: 'GET', path: '/contact_information', doing, signal })
  const found = isObject(body) ? (isObject(body.data) ? body.data.system_version : body.system_version) : undefined
  return typeof found === 'string' ? found : undefined
}

async function whole<K extends string>(
  connection: Connection,
  path: string,
  key: K,
  doing: string,
  { signal }: CallOptions,
): Promise<readonly Row[]> {
  const { rows, total } = await readList(connection, { path, key, doing, perPage: 1000, signal })
  // Pages have no order of their own: a row may come twice and another not at all.
  if (total !== undefined && rows.length < total) throw nonsense(doing, 'pages that do not add up to their total')
  return rows
}
