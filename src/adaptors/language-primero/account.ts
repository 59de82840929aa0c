import { segment, single } from './answers.ts'
import type { CallOptions } from './client.ts'
import type { Connection } from './connection.ts'
import { isObject } from './json.ts'
import { findUser } from './users.ts'

/** What Primero says of the account itself and its role. */
export interface AccountRights {
  readonly role: string | undefined
  /** `self`, `group`, `agency`, `all`, `identified`. */
  readonly scope: string | undefined
  readonly modules: readonly string[]
  /** Actions by resource, in Primero's plural: `cases`, `users`, `audit_logs`. `manage` stands for all actions. */
  readonly permissions: Readonly<Record<string, readonly string[]>>
  /** Form → `rw` or `r`; forms that the role does not hold are absent. Undefined: this release does not say. */
  readonly forms: Readonly<Record<string, string>> | undefined
}

/**
 * The role of the account with that name, as Primero applies it. Reads the account's own user record and nobody else's.
 *
 * @returns undefined when Primero lists no user of that name
 * @throws ACCESS_DENIED (never) when the role may not even read users
 * @source docs/systems.md §Primero/users
 */
export async function accountRights(
  connection: Connection,
  userName: string,
  { signal }: CallOptions = {},
): Promise<AccountRights | undefined> {
  const doing = 'Reading the rights of the account'
  const user = await findUser(connection, userName, { signal })
  if (user === undefined) return undefined
  const path = `/users/${segment(String(user.id), 'user id')}`
  const answer = await connection.ask({ method: 'GET', path, query: { extended: 'true' }, doing, signal })
  const found = single(answer, 'user_name', doing)
  const list = isObject(found.permissions) && Array.isArray(found.permissions.list) ? found.permissions.list : []
  return {
    role: textOf(found.role_unique_id),
    scope: textOf(found.role_group_permission),
    modules: texts(found.module_unique_ids),
    permissions: Object.fromEntries(list.filter(isObject).map((one) => [String(one.resource), texts(one.actions)])),
    forms: isObject(found.permitted_form)
      ? Object.fromEntries(Object.entries(found.permitted_form).map(([form, right]) => [form, String(right)]))
      : undefined,
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : []
}
