import type { Code } from '../errors/codes.ts'
import { last12Of } from './ids.ts'
import { type Row, textOf } from './untrusted.ts'

/** UNHCR's decision on a referral of ours, in Primero's words. */
export interface DecisionIn {
  /** As UNHCR sent it: the record's key. */
  readonly referralId: string
  readonly caseId: string
  readonly last12: string
  /** `accepted` or `rejected`. */
  readonly status: string
  /** For `rejected_reason`; only of a rejection. */
  readonly reason?: string
}

export type ReferralChoice =
  | { readonly apply: Row }
  /** The referral has this status already: nothing is to be written. */
  | { readonly unchanged: Row }
  | { readonly code: Extract<Code, 'REFERRAL_UNKNOWN' | 'REFERRAL_NOT_OPEN' | 'CASE_AMBIGUOUS'> }

/**
 * The referral that a decision is about: of those made to UNHCR for the service row, the open one, and of several open
 * ones the youngest. Where none is open the youngest tells: it may have the same status already, or be closed, in
 * which case Primero would answer 200 and change nothing.
 *
 * CASE_AMBIGUOUS: two service rows of the case end in the same 12 characters. Only the referral is decided, never the
 * case: a rejection does not close it.
 *
 * @param referrals  every referral of the one case, in any order
 * @param last12     end of the service row's `unique_id`, from the referral id
 * @param status     as Primero writes it
 * @source docs/systems.md §Primero/referrals, §DTP/decision-in
 */
export function chooseReferral(
  referrals: readonly Row[],
  last12: string,
  unhcrUser: string,
  status: string,
): ReferralChoice {
  const ours = referrals
    .filter(
      (referral) =>
        referral.transitioned_to === unhcrUser && last12Of(textOf(referral.service_record_id) ?? '') === last12,
    )
    .sort(youngestFirst)
  const [youngest] = ours
  if (youngest === undefined) return { code: 'REFERRAL_UNKNOWN' }
  if (new Set(ours.map((referral) => textOf(referral.service_record_id)?.toLowerCase())).size > 1) {
    return { code: 'CASE_AMBIGUOUS' }
  }
  const open = ours.find((referral) => referral.status === 'in_progress')
  if (open !== undefined) return { apply: open }
  return youngest.status === status ? { unchanged: youngest } : { code: 'REFERRAL_NOT_OPEN' }
}

function youngestFirst(one: Row, other: Row): number {
  return (textOf(other.created_at) ?? '').localeCompare(textOf(one.created_at) ?? '', 'en')
}
