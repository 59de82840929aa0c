import { randomUUID } from 'node:crypto'
import { isObject, isRows, type Json, type JsonObject, sameJson, text, texts } from '../json.ts'
import type { Draft, User } from './types.ts'

/** Who is saving, who exists, and when: what the derived fields depend on. */
export interface Saving {
  readonly by: string
  readonly now: Date
  readonly user: (name: string) => User | undefined
  readonly agencyOf: (user: User) => string | undefined
}

/**
 * A case as Primero stores it after `wanted` is saved over `stored`: defaults, stamps, owner, workflow, row ids, re-opening.
 *
 * `last_updated_at` moves on every save, also when nothing changed.
 *
 * @param stored undefined: the case is new
 * @source docs/systems.md §Primero/cases
 */
export function deriveCase(stored: JsonObject | undefined, wanted: JsonObject, saving: Saving): JsonObject {
  const draft: Draft = { ...wanted }
  if (!stored) addDefaults(draft, saving)
  giveRowIds(draft)
  deriveOwner(stored, draft, saving)
  deriveName(draft)
  deriveServices(stored, draft, saving)
  deriveClosing(stored, draft, saving)
  if (Array.isArray(draft.protection_concerns))
    draft.protection_concerns = [...new Set(texts(draft.protection_concerns))]
  draft.last_updated_at = saving.now.toISOString()
  draft.last_updated_by = saving.by
  return draft
}

function addDefaults(draft: Draft, saving: Saving): void {
  const identifier = randomUUID()
  const now = saving.now.toISOString()
  const caller = saving.user(saving.by)
  draft.id ??= randomUUID()
  draft.case_id ??= identifier
  // Not derived from a case_id that the client chose.
  draft.short_id = identifier.slice(-7)
  draft.case_id_display = identifier.slice(-7)
  draft.status ??= 'open'
  draft.record_state = true
  draft.registration_date ??= now.slice(0, 10)
  draft.notes_section ??= []
  draft.reopened_logs ??= []
  draft.workflow ??= 'new'
  draft.case_type = 'person'
  if (draft.owned_by === undefined) draft.owned_by = saving.by
  draft.created_by = saving.by
  draft.created_at ??= now
  const organization = caller && saving.agencyOf(caller)
  if (organization) draft.created_organization = organization
}

function giveRowIds(draft: Draft): void {
  for (const [key, value] of Object.entries(draft)) {
    if (!isRows(value) || value.every((row) => row.unique_id !== undefined)) continue
    draft[key] = value.map((row) => (row.unique_id === undefined ? { ...row, unique_id: randomUUID() } : row))
  }
}

/** An owner who does not exist is taken back without an error: to nobody on a new case, to the former one otherwise. */
function deriveOwner(stored: JsonObject | undefined, draft: Draft, saving: Saving): void {
  const owner = saving.user(text(draft.owned_by) ?? '')
  if (!owner) draft.owned_by = stored?.owned_by ?? null
  else if (owner.user_name !== stored?.owned_by) {
    if (stored) draft.previously_owned_by = stored.owned_by ?? null
    draft.owned_by = owner.user_name
    draft.owned_by_full_name = owner.full_name ?? owner.user_name
    draft.owned_by_agency_id = saving.agencyOf(owner) ?? null
    draft.owned_by_groups = [...(owner.user_group_unique_ids ?? [])]
  }
  const associated = [text(draft.owned_by), ...texts(draft.assigned_user_names)].filter((name) => name !== undefined)
  draft.associated_user_names = [...new Set(associated)]
}

function deriveName(draft: Draft): void {
  const parts = [draft.name_first, draft.name_middle, draft.name_last].map(text).filter(Boolean)
  if (parts.length > 0) draft.name = parts.join(' ')
}

function deriveServices(stored: JsonObject | undefined, draft: Draft, saving: Saving): void {
  const before = stored?.services_section
  if (!isRows(draft.services_section) || sameJson(before, draft.services_section)) return

  const rows = draft.services_section.map(withImplemented)
  draft.services_section = rows
  const open = rows.filter((row) => row.service_implemented === 'not_implemented')
  const next = text(open.at(-1)?.service_response_type)
  if (next) draft.workflow = next
  if (!stored) return

  if (stored.owned_by !== saving.by) draft.alert_count = Number(stored.alert_count ?? 0) + 1
  const known = new Set((isRows(before) ? before : []).map((row) => row.unique_id))
  const isAdded = rows.some((row) => !known.has(row.unique_id))
  if (isAdded && stored.status === 'closed' && draft.status === 'closed') reopen(draft, saving)
}

function withImplemented(row: JsonObject): JsonObject {
  if (row.service_implemented_day_time) return { ...row, service_implemented: 'implemented' }
  if (row.service_type) return { ...row, service_implemented: 'not_implemented' }
  return row
}

function reopen(draft: Draft, saving: Saving): void {
  const log: JsonObject = { reopened_date: saving.now.toISOString(), reopened_user: saving.by, unique_id: randomUUID() }
  draft.status = 'open'
  draft.case_status_reopened = true
  draft.reopened_logs = [log, ...(isRows(draft.reopened_logs) ? draft.reopened_logs : [])]
  draft.workflow = 'reopened'
}

function deriveClosing(stored: JsonObject | undefined, draft: Draft, saving: Saving): void {
  if (draft.status !== 'closed' || stored?.status === 'closed') return
  draft.date_closure ??= saving.now.toISOString().slice(0, 10)
  draft.workflow = 'closed'
}

/** The keys whose value differs, with their new value. */
export function changedFields(stored: JsonObject | undefined, saved: JsonObject): JsonObject {
  const changed: Record<string, Json> = {}
  for (const [key, value] of Object.entries(saved)) {
    if (value !== stored?.[key] && !sameJson(stored?.[key], value)) changed[key] = value
  }
  return changed
}

/** The service row with that id, if the case has it. */
export function serviceRow(data: JsonObject, id: string): JsonObject | undefined {
  const rows = data.services_section
  return Array.isArray(rows) ? rows.filter(isObject).find((row) => row.unique_id === id) : undefined
}
