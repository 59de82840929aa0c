import type { Json, JsonObject } from '../json.ts'
import { type Call, mayReceive } from './call.ts'
import { roleOf } from './content.ts'
import { errors, forbidden, json } from './respond.ts'
import { allows, type FieldNames, type Role } from './role.ts'
import type { Form, User } from './types.ts'

/** `GET /users`: `user_name` finds one exactly; `per` is capped at 1000. @source docs/systems.md §Primero/users */
export function listUsers(call: Call): Response {
  if (!allows(call.caller.role, 'user:read')) throw forbidden(call.path)
  const { query, content } = call
  const name = query.get('user_name')
  const asked = query.get('query')?.toLowerCase()
  const disabled = query.get('disabled[0]') ?? query.get('disabled')
  const users = content
    .users()
    .filter((user) => call.caller.role.visible !== 'self' || user.user_name === call.caller.user.user_name)
    .filter((user) => name === null || user.user_name === name)
    .filter((user) => !asked || `${user.user_name} ${user.full_name ?? ''}`.toLowerCase().includes(asked))
    .filter((user) => disabled === null || String(user.disabled === true) === disabled)
  const per = Math.min(Number(query.get('per') ?? 20), 1000)
  const page = Number(query.get('page') ?? 1)
  return json(200, {
    data: users.slice((page - 1) * per, page * per).map((user) => renderUser(call, user)),
    metadata: { total: users.length, per, page, total_enabled: users.filter((user) => !user.disabled).length },
  })
}

/** `GET /users/:id`: one's own record needs no permission; `extended=true` adds what the role may. @source docs/systems.md §Primero/users */
export function showUser(call: Call, id: string): Response {
  const user = call.content.users().find((one) => String(one.id) === id)
  if (!user) throw errors(404, call.path, "Couldn't find User")
  const { user: self, role } = call.caller
  if (user.user_name !== self.user_name && !allows(role, 'user:read')) throw forbidden(call.path)
  const shown = renderUser(call, user)
  if (call.query.get('extended') !== 'true') return json(200, { data: shown })
  const held = user.user_name === self.user_name ? role : roleOf(user)
  return json(200, {
    data: { ...shown, permissions: { list: permissionList(held) }, permitted_form: permittedForms(call, held) },
  })
}

function permissionList({ permissions }: Role): Json {
  const pairs = permissions.map((one) => (one.includes(':') ? one.split(':') : ['case', one]))
  const resources = [...new Set(pairs.map(([resource = '']) => resource))]
  return resources.map((resource) => ({
    resource: resource === 'agency' ? 'agencies' : `${resource}s`,
    actions: pairs.filter(([of]) => of === resource).map(([, action = '']) => action),
  }))
}

/** A form is writable when the role may write each of its fields. */
function permittedForms(call: Call, role: Role): JsonObject {
  const holds = (names: FieldNames, form: Form) =>
    names === 'all' || form.fields.every(({ name, type }) => type === 'separator' || names.includes(name))
  const held = call.content.seed.forms.filter((form) => !form.is_nested && holds(role.readable, form))
  return Object.fromEntries(held.map((form) => [form.unique_id, holds(role.writable, form) ? 'rw' : 'r']))
}

/** `GET /users/refer-to`: who can receive, without the caller. */
export function listReceivers(call: Call): Response {
  if (!allows(call.caller.role, 'referral')) throw forbidden(call.path)
  const receivers = call.content
    .users()
    .filter((user) => user.user_name !== call.caller.user.user_name && mayReceive(user, roleOf(user), call.profile))
  const data = receivers.map((user) => ({
    id: user.id,
    user_name: user.user_name,
    position: user.position ?? null,
    agency: call.content.agencyOf(user) ?? null,
    disabled: false,
  }))
  return json(200, { data })
}

/** `GET /forms`: all of them, whatever the role holds, unpaginated; `option_strings_text` and subform numbers as Primero shows them. */
export function listForms(call: Call): Response {
  const { forms } = call.content.seed
  const ids = new Map(forms.map((form) => [form.unique_id, form.id]))
  const module = call.query.get('module_id')
  const wanted = forms
    .filter((form) => module === null || form.module_ids.includes(module))
    .filter((form) => call.query.get('exclude_subforms') !== 'true' || !form.is_nested)
  const data = wanted.map(({ fields, ...form }) => ({
    ...form,
    fields: fields.map(({ subform_unique_id, ...field }) => ({
      ...field,
      ...(subform_unique_id === undefined ? {} : { subform_section_id: ids.get(subform_unique_id) ?? null }),
    })),
  }))
  return json(200, { data: plain(data) })
}

/** `GET /roles`: the caller's role with its right on each form: `rw` where it may write one of its fields. */
export function listRoles(call: Call): Response {
  const { role } = call.caller
  const { writable } = role
  const rights = call.content.seed.forms.map(({ unique_id: form, fields }) => {
    const mayWrite = writable === 'all' || fields.some(({ name }) => writable.includes(name))
    return [form, mayWrite ? 'rw' : 'r'] as const
  })
  return listPage(call, [{ unique_id: role.unique_id, form_section_read_write: Object.fromEntries(rights) }], 20)
}

/** `GET /lookups`, `/locations`, `/agencies`: one page; locations start at 100 a page and have no cap. */
export function listPage(call: Call, rows: readonly object[], defaultPer: number): Response {
  const per = Number(call.query.get('per') ?? defaultPer)
  const page = Number(call.query.get('page') ?? 1)
  const data = plain(rows.slice((page - 1) * per, page * per))
  return json(200, { data, metadata: { total: rows.length, per, page } })
}

/** Locations: hierarchy only where it is asked for. */
export function listLocations(call: Call): Response {
  const withHierarchy = call.query.get('hierarchy') === 'true'
  const rows = call.content.seed.locations.map(({ hierarchy, admin_level, ...location }) =>
    withHierarchy ? { ...location, admin_level, hierarchy: hierarchy.join('.') } : location,
  )
  return listPage(call, rows, 100)
}

function renderUser(call: Call, user: User): JsonObject {
  const { password, ...shown } = user
  const role = user.user_name === call.caller.user.user_name ? call.caller.role : roleOf(user)
  const groups = { role_group_permission: role.visible, module_unique_ids: call.content.modules }
  return Object.fromEntries(Object.entries({ ...shown, ...groups }).filter(([, value]) => value !== undefined))
}

/** Typed rows as JSON: what is undefined is left out. */
function plain(rows: readonly object[]): Json {
  return JSON.parse(JSON.stringify(rows))
}
