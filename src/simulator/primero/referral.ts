import { randomUUID } from 'node:crypto'
import { isRows, type JsonObject, text, texts } from '../json.ts'
import { type Content, markReferred, type Saved } from './content.ts'
import type { CaseData, Profile, Referral, ReferralStatus } from './types.ts'

/**
 * The state that a request leads to; undefined: nothing changes, and Primero answers 200 all the same.
 *
 * @source docs/systems.md §Primero/referrals
 */
export function nextStatus(
  from: ReferralStatus,
  asked: string | undefined,
): 'accepted' | 'rejected' | 'done' | undefined {
  if (from === 'in_progress' && (asked === 'accepted' || asked === 'rejected')) return asked
  if (from === 'accepted' && asked === 'done') return asked
  return undefined
}

/** Makes the referral and leaves its marks on the case: the receiver may see it, the row counts as referred. */
export function makeReferral(
  content: Content,
  data: CaseData,
  sent: JsonObject,
  by: string,
  now: Date,
): { readonly referral: Referral; readonly saved: Saved } {
  const to = sent.remote === true ? undefined : content.user(text(sent.transitioned_to) ?? '')
  const from = content.user(by)
  const agencyOf = (user: typeof to) => (user ? content.agencyOf(user) : undefined)
  const referral: Referral = {
    id: randomUUID(),
    type: 'Referral',
    status: 'in_progress',
    record_id: data.id,
    record_type: 'case',
    transitioned_by: by,
    ...present({
      transitioned_to: to?.user_name,
      transitioned_to_agency: text(sent.transitioned_to_agency),
      transitioned_to_remote: text(sent.transitioned_to_remote),
      type_of_export: text(sent.type_of_export),
      service: text(sent.service),
      service_record_id: text(sent.service_record_id),
      notes: text(sent.notes),
      authorized_role_unique_id: text(sent.authorized_role_unique_id),
      record_owned_by: text(data.owned_by),
      record_owned_by_agency: text(data.owned_by_agency_id),
      transitioned_by_user_agency: agencyOf(from),
      transitioned_to_user_agency: agencyOf(to),
    }),
    record_owned_by_groups: texts(data.owned_by_groups),
    transitioned_by_user_groups: from?.user_group_unique_ids ?? [],
    ...(to ? { transitioned_to_user_groups: to.user_group_unique_ids ?? [] } : {}),
    remote: sent.remote === true,
    consent_overridden: sent.consent_overridden === true,
    consent_individual_transfer: false,
    created_at: now.toISOString(),
  }
  content.putReferral(referral)
  const assigned = [...new Set([...texts(data.assigned_user_names), ...(to ? [to.user_name] : [])])]
  const users = to ? { assigned_user_names: assigned, referred_users: assigned } : {}
  const saved = content.save(data.id, {}, by, {
    replace: { ...users, ...markReferred(data, referral.service_record_id) },
  })
  return { referral, saved }
}

export interface Ending {
  readonly now: Date
  readonly profile: Profile
  readonly rejected_reason?: string
  readonly rejection_note?: string
}

/** Moves the referral to `status` and the case with it: the receiver of a closed referral loses access. */
export function endReferral(
  content: Content,
  referral: Referral,
  status: Exclude<ReferralStatus, 'in_progress'>,
  by: string,
  ending: Ending,
): { readonly referral: Referral; readonly saved?: Saved } {
  const now = ending.now.toISOString()
  const next: Referral = {
    ...referral,
    status,
    ...(status === 'accepted' || status === 'rejected' ? { responded_at: now } : {}),
    ...present({ rejected_reason: ending.rejected_reason, rejection_note: ending.rejection_note }),
  }
  content.putReferral(next)
  const data = content.case(referral.record_id)
  // Before 2.11 accepting did not save the case: a poll on last_updated_at never sees it.
  if (!data || (status === 'accepted' && ending.profile === '2.6')) return { referral: next }
  if (status === 'accepted') return { referral: next, saved: content.save(data.id, {}, by, { keepEditor: true }) }

  const isStillAssigned = content
    .referralsOf(data.id)
    .some((other) => other.transitioned_to === referral.transitioned_to && isActive(other.status))
  const assigned = texts(data.assigned_user_names).filter(
    (name) => isStillAssigned || name !== referral.transitioned_to,
  )
  const rows = status === 'done' ? markDone(data, referral.service_record_id, now, ending.rejection_note) : {}
  const saved = content.save(data.id, {}, by, {
    replace: { assigned_user_names: assigned, referred_users: assigned, ...rows },
  })
  return { referral: next, saved }
}

function isActive(status: ReferralStatus): boolean {
  return status === 'in_progress' || status === 'accepted'
}

function markDone(data: CaseData, rowId: string | undefined, now: string, note: string | undefined): JsonObject {
  const rows = data.services_section
  if (!rowId || !isRows(rows)) return {}
  const services = rows.map((row) => {
    if (row.unique_id !== rowId) return row
    const at = row.service_implemented_day_time ?? now
    const noted = note === undefined ? {} : { note_on_referral_from_provider: note }
    return { ...row, service_implemented_day_time: at, service_implemented: 'implemented', ...noted }
  })
  return { services_section: services }
}

/** Without the keys that have no value: Primero leaves them out. */
function present<T extends Record<string, string | undefined>>(values: T): { [K in keyof T]?: string } {
  const found: { [K in keyof T]?: string } = {}
  for (const key in values) {
    const value = values[key]
    if (value !== undefined) found[key] = value
  }
  return found
}
