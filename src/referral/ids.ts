import { v5 } from 'uuid'

/** Never changes: every id below was made with it, and a redelivery is recognised by getting the same id again. */
const namespace = 'a4b1cbcc-e192-4bdd-8b28-1bbea641c0f2'

/**
 * Primero record `id` of the case that this exchange makes for a child: the same number gives the same id for ever, so
 * that a second create is refused by Primero (409) instead of making a second case.
 *
 * @returns UUIDv5, lower case (Primero refuses upper case in ids of subforms and answers 404 for ids that are none)
 * @source docs/systems.md §Primero/cases
 */
export function caseRecordId(individualNo: string): string {
  return v5(`case:${individualNo.trim()}`, namespace)
}

/**
 * `unique_id` of the service row of an intervention. Primero appends rows without `unique_id` at each PATCH and merges
 * rows by it, so the same intervention sent twice stays one row.
 *
 * @source docs/systems.md §Primero/merge
 */
export function serviceRowId(interventionNo: string): string {
  return v5(`service:${interventionNo.trim()}`, namespace)
}

/**
 * The id under which UNHCR knows a referral from Primero: `case_id#` and the last 12 characters of the service row's
 * `unique_id` (49 characters). It names case and service, not the referral: a second referral of the same row has it too.
 *
 * @source docs/systems.md §DTP/referral-out
 */
export function referralIdOf(caseId: string, serviceUniqueId: string): string {
  return `${caseId}#${last12Of(serviceUniqueId)}`
}

export function last12Of(serviceUniqueId: string): string {
  return serviceUniqueId.slice(-12).toLowerCase()
}

export interface ReferralId {
  /** Primero `case_id`, not the record `id`. */
  readonly caseId: string
  readonly last12: string
}

/** Reads an id made by `referralIdOf`. A case id with anything but letters, digits and `-` is none: it goes into a search. */
export function parseReferralId(text: string): ReferralId | undefined {
  const [, caseId, last12] = /^([0-9a-z-]+)#([0-9a-f]{12})$/i.exec(text.trim()) ?? []
  return caseId === undefined || last12 === undefined ? undefined : { caseId, last12: last12.toLowerCase() }
}
