import type { FieldRow, Specification } from '../mapping/types.ts'
import { caseRecordId } from './ids.ts'
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

interface Options {
  /** An earlier attempt began to write this referral and could not verify it. */
  readonly completing?: boolean
}

/**
 * What a referral adds to a case that exists: its service row, values for empty fields whose policy is `fill`, and
 * values that a list of such a field lacks. Nothing is overwritten or taken away.
 *
 * When the service row is there already, nothing at all is written (`same`): the focal point may have decided on it, and
 * a case worker may have emptied a field on purpose. A row of the pilot is recognised by its intervention number,
 * since its `unique_id` is Primero's own. Do not send an empty PATCH: it moves `last_updated_at`.
 *
 * Only an attempt that completes an earlier one fills what is empty in our own row and case: Primero may have dropped
 * fields for want of a right that the role has by now.
 *
 * @param existing  the case, read just before with every mapped field: one that was not asked for looks empty
 * @source docs/systems.md §Primero/merge
 */
export function casePatch(
  existing: Row,
  referral: TranslatedReferral,
  { fields }: Pick<Specification, 'fields'>,
  { completing = false }: Options = {},
): CasePatch {
  const { interventionNumber, individualNo, caseFields, serviceRow } = referral
  const rows = rowsOf(existing.services_section)
  const own = rows.find((row) => textOf(row.unique_id)?.toLowerCase() === serviceRow.unique_id)
  const isThere = own !== undefined || rows.some((row) => textOf(row.progres_interventionnumber) === interventionNumber)
  if (isThere && !(completing && own !== undefined)) return { same: true }

  const isOurs = completing && existing.id === caseRecordId(individualNo)
  const writable = fields['to-primero'].flatMap((row) => caseField(row, isOurs ? ['create', 'fill'] : ['fill']) ?? [])
  const patch = gains(existing, caseFields, writable)
  const row = own === undefined ? serviceRow : gains(own, serviceRow, Object.keys(serviceRow))
  if (Object.keys(row).length > 0) patch.services_section = [{ ...row, unique_id: serviceRow.unique_id }]
  return Object.keys(patch).length === 0 ? { same: true } : { same: false, patch }
}

function caseField({ to, policy }: FieldRow, policies: readonly FieldRow['policy'][]): string | undefined {
  if (!policies.includes(policy) || !to.startsWith('case.')) return undefined
  const name = to.slice('case.'.length)
  return never.has(name) ? undefined : name
}

function gains(stored: Row, values: Row, names: readonly string[]): Record<string, unknown> {
  const gained: Record<string, unknown> = {}
  for (const name of names) {
    const value = gain(ownValue(stored, name), ownValue(values, name))
    if (value !== undefined) gained[name] = value
  }
  return gained
}

function ownValue(row: Row, name: string): unknown {
  return Object.hasOwn(row, name) ? row[name] : undefined
}

function gain(stored: unknown, value: unknown): unknown {
  if (isEmpty(value)) return undefined
  if (isEmpty(stored)) return value
  if (!Array.isArray(stored) || !Array.isArray(value)) return undefined
  const missing = value.filter((item) => !stored.includes(item))
  return missing.length === 0 ? undefined : [...stored, ...missing]
}
