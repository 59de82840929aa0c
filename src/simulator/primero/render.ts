import type { Json, JsonObject } from '../json.ts'
import type { Call } from './call.ts'
import type { FieldNames } from './role.ts'
import type { CaseData } from './types.ts'

/** What `fields=short` stands for. */
const short = (
  'created_at owned_by owned_by_agency_id photos flag_count status record_in_scope short_id alert_count case_id_display name ' +
  'survivor_code_no age sex registration_date hidden_name workflow case_status_reopened module_id registry_record_id ' +
  'client_code gender reporting_location_hierarchy location_current'
).split(' ')

/** Readable without a form: stamps and what every role may see. */
const coreReadable: ReadonlySet<string> = new Set([
  ...short,
  ...(
    'id last_updated_at last_updated_by created_by created_organization owned_by_groups assigned_user_names associated_user_names ' +
    'record_state case_type reopened_logs notes_section date_closure previously_owned_by owned_by_full_name'
  ).split(' '),
])

/** Renders one case; made once per answer, so that the fields are worked out once. */
export type Render = (data: CaseData) => JsonObject

/**
 * Cases as Primero shows them: `id`, `enabled` and `last_updated_at` always, the asked fields the role may read, nothing
 * for a key that was never set.
 *
 * @param fields the `fields` parameter; null: every readable field and the computed ones
 * @source docs/systems.md §Primero/lists
 */
export function renderer(call: Call, fields: string | null): Render {
  const { readable } = call.caller.role
  const isReadable = readableBy(readable)
  if (fields === null) {
    return (data) => ({
      id: data.id,
      enabled: data.record_state ?? true,
      ...only(data, (key) => key !== 'record_state' && key !== 'id' && isReadable(key)),
      last_updated_at: data.last_updated_at,
      record_in_scope: true,
      flag_count: 0,
      alert_count: data.alert_count ?? 0,
      photo: null,
      photos: [],
    })
  }
  const names = fields === 'short' ? short : fields.split(',')
  const wanted = names.filter((name) => isReadable(name) && name !== 'id' && name !== 'last_updated_at')
  return (data) => {
    const shown: Record<string, Json> = { id: data.id, enabled: data.record_state ?? true }
    for (const name of wanted) {
      const value = data[name]
      if (value !== undefined) shown[name] = value
    }
    shown.last_updated_at = data.last_updated_at
    return shown
  }
}

/** What a write answers: what it changed, as far as the role may read it. */
export function renderChange(call: Call, data: CaseData, changed: JsonObject): JsonObject {
  const isReadable = readableBy(call.caller.role.readable)
  return {
    id: data.id,
    enabled: data.record_state ?? true,
    ...only(changed, (key) => key !== 'id' && isReadable(key)),
    last_updated_at: data.last_updated_at,
  }
}

function readableBy(readable: FieldNames): (name: string) => boolean {
  if (readable === 'all') return () => true
  const names = new Set(readable)
  return (name) => coreReadable.has(name) || names.has(name)
}

function only(data: JsonObject, wanted: (key: string) => boolean): JsonObject {
  const shown: Record<string, Json> = {}
  for (const key in data) {
    const value = data[key]
    if (value !== undefined && wanted(key)) shown[key] = value
  }
  return shown
}
