import { isObject, isRows, type Json, type JsonObject, text } from '../json.ts'
import { type Call, readBody, readData, sees } from './call.ts'
import type { Saved } from './content.ts'
import { fieldOf, permit } from './permit.ts'
import { renderChange, renderer } from './render.ts'
import { errors, forbidden, json, notFound } from './respond.ts'
import { allows, type Permission } from './role.ts'
import type { Schema } from './schema.ts'
import type { CaseData } from './types.ts'
import { invalidPointers, normalTime } from './validate.ts'

/** `GET /cases/:id`: 404 for an unknown id, 403 out of scope, so that a case's existence shows. */
export function showCase(call: Call, id: string): Response {
  const data = findCase(call, id, 'case:read')
  const shown = renderer(call, call.query.get('fields'))(data)
  const isReceiver = data.owned_by !== call.caller.user.user_name && isReferredTo(call, data)
  const extra = { permitted_forms: { basic_identity: 'rw', services: 'rw' }, permitted_form_actions: {} }
  return json(200, { data: { ...(isReceiver ? extra : {}), ...shown } })
}

/**
 * `POST /cases`: 200 with what was saved, **204 without a body when the client chose the id**, 409 for a known `id` or `case_id`.
 *
 * @source docs/systems.md §Primero/cases
 */
export async function createCase(call: Call): Promise<Response> {
  if (!allows(call.caller.role, 'case:create')) throw forbidden(call.path)
  const body = await readBody(call)
  const sent = isObject(body.data) ? body.data : {}
  const data = accept(call, sent, 'create', undefined)
  if (isTaken(call, data)) throw errors(409, call.path, 'Conflict: A record with this id already exists')
  const saved = save(call, undefined, data)
  if (call.profile === '2.6' && Object.keys(sent).length === 0) {
    // The status was computed after the case was saved: it stays.
    throw errors(500, call.path, "undefined method `[]' for nil:NilClass")
  }
  if (data.id !== undefined) return new Response(null, { status: 204 })
  return json(200, { data: renderChange(call, saved.data, saved.changed) })
}

/** `PATCH /cases/:id`: merges, stamps, answers only what changed. */
export async function updateCase(call: Call, id: string): Promise<Response> {
  const stored = findCase(call, id, 'case:write')
  const data = accept(call, await readData(call), 'update', stored)
  const saved = save(call, id, data)
  return json(200, { data: renderChange(call, saved.data, saved.changed) })
}

/** `DELETE /cases/:id` disables. */
export function disableCase(call: Call, id: string): Response {
  findCase(call, id, 'case:enable_disable_record')
  save(call, id, { record_state: false })
  return json(200, { data: { id } })
}

/** The case a request is about. @throws 403 without the permission, 404 unknown, 403 out of scope */
export function findCase(call: Call, id: string, permission: Permission): CaseData {
  if (!allows(call.caller.role, 'case:read')) throw forbidden(call.path)
  const data = call.content.case(id)
  if (!data) throw notFound(call.path, 'Child', id)
  if (!allows(call.caller.role, permission) || !sees(call, data)) throw forbidden(call.path)
  return data
}

function save(call: Call, id: string | undefined, data: JsonObject): Saved {
  return call.content.save(id, data, call.caller.user.user_name)
}

function accept(call: Call, sent: JsonObject, action: 'create' | 'update', stored: CaseData | undefined): JsonObject {
  const { schema, modules } = call.content
  const module = text(action === 'create' ? sent.module_id : stored?.module_id)
  const asked = { profile: call.profile, schema, writable: call.caller.role.writable, action }
  const { data, unknown } = permit(sent, { ...asked, hasModule: module !== undefined && modules.includes(module) })
  const wrong = [...(call.profile === '2.6' ? unknown : []), ...invalidPointers(data, schema, call.profile, modules)]
  if (wrong.length > 0) throw errors(422, call.path, 'Invalid Record JSON', wrong)

  const year = Number(text(data.date_of_birth)?.slice(0, 4) ?? 0)
  if (year > call.clock.now().getUTCFullYear()) {
    throw errors(422, call.path, ['errors.models.child.date_of_birth'], 'date_of_birth')
  }
  return inUtc(data, schema)
}

function isTaken(call: Call, data: JsonObject): boolean {
  if (call.content.case(text(data.id) ?? '')) return true
  return text(data.case_id) !== undefined && call.content.caseBy('case_id', String(data.case_id)).length > 0
}

/** Times as Primero stores them. */
function inUtc(data: JsonObject, schema: Schema): JsonObject {
  const convert = (key: string, value: Json, fields: Schema): Json => {
    const field = fieldOf(key, fields)
    if (field?.kind === 'date-time' && typeof value === 'string') return normalTime(value)
    const { row } = field ?? {}
    if (!row || !isRows(value)) return value
    return value.map((one) => mapValues(one, (inner, inside) => convert(inner, inside, row)))
  }
  return mapValues(data, (key, value) => convert(key, value, schema))
}

function mapValues(data: JsonObject, change: (key: string, value: Json) => Json): JsonObject {
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, change(key, value)]))
}

function isReferredTo(call: Call, data: CaseData): boolean {
  return call.content
    .referralsOf(data.id)
    .some(
      (one) => one.transitioned_to === call.caller.user.user_name && ['in_progress', 'accepted'].includes(one.status),
    )
}
