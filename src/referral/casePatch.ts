import type { FieldRow, Specification } from '../mapping/types.ts'
import type { TranslatedReferral } from './receive.ts'
import { isEmpty, type Row, rowsOf, textOf } from './untrusted.ts'

export type CasePatch = { readonly same: true } | { readonly same: false; readonly patch: Row }

/** Whatever a mapping says: on an existing case these are never ours to write. */
const never = new Set([
  'id',
  'case_id',
  'case_id_display',
  'short_id',
  'unique_identifier',
  'module_id',
  'owned_by',
  'status',
  'record_state',
  'enabled',
  'services_section',
])

/**
 * What a referral adds to a case that exists: its service row, values for empty fields whose policy is `fill`, and
 * values that a list of such a field lacks. Nothing is overwritten or taken away.
 *
 * When the service row is there already, nothing at all is written (`same`): the focal point may have decided on it, and
 * a case worker may have emptied a field on purpose. A row of the pilot is recognised by its intervention number,
 * since its `unique_id` is Primero's own. Do not send an empty PATCH: it moves `last_updated_at`.
 *
 * @param existing  the whole case, read just before and without `fields=`: a field that was not asked for looks empty
 * @source docs/systems.md §Primero/merge
 */
export function casePatch(
  existing: Row,
  { interventionNumber, caseFields, serviceRow }: TranslatedReferral,
  { fields }: Pick<Specification, 'fields'>,
): CasePatch {
  const hasRow = rowsOf(existing.services_section).some(
    (row) =>
      textOf(row.unique_id)?.toLowerCase() === serviceRow.unique_id ||
      textOf(row.progres_interventionnumber) === interventionNumber,
  )
  if (hasRow) return { same: true }
  const patch: Record<string, unknown> = {}
  for (const row of fields['to-primero']) {
    const name = fillable(row)
    if (name === undefined || !Object.hasOwn(caseFields, name)) continue
    const gained = gain(Object.hasOwn(existing, name) ? existing[name] : undefined, caseFields[name])
    if (gained !== undefined) patch[name] = gained
  }
  return { same: false, patch: { ...patch, services_section: [serviceRow] } }
}

function fillable({ to, policy }: FieldRow): string | undefined {
  if (policy !== 'fill' || !to.startsWith('case.')) return undefined
  const name = to.slice('case.'.length)
  return never.has(name) ? undefined : name
}

function gain(stored: unknown, value: unknown): unknown {
  if (isEmpty(value)) return undefined
  if (isEmpty(stored)) return value
  if (!Array.isArray(stored) || !Array.isArray(value)) return undefined
  const missing = value.filter((item) => !stored.includes(item))
  return missing.length === 0 ? undefined : [...stored, ...missing]
}
