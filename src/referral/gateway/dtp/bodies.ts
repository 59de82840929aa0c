import type { Decision } from '../../decisionOut.ts'
import type { Row } from '../../untrusted.ts'

/** Bodies for `ReceiveDecisionOutgoingReferral` and `ReceiveIncomingReferral`, key by key as agreed, in the agreed order. */

interface Delivered {
  readonly interventionNumber: string
  /** Primero `case_id` as read back; never the record id and never a stand-in text. */
  readonly caseId: string
  readonly owner: string
}

/**
 * The feedback that a referral is in Primero and has an owner. It has no `request_type`: so agreed.
 *
 * @source docs/systems.md §DTP/feedback
 */
export function deliveredFeedback({ interventionNumber, caseId, owner }: Delivered) {
  return {
    status: 'Pending Acknowledgement',
    primero_user: owner,
    case_id: caseId,
    progres_interventionnumber: interventionNumber,
  } as const
}

interface Failed {
  readonly interventionNumber: string
  readonly caseId?: string
  readonly owner?: string
  /** Goes to UNHCR as it is. */
  readonly sentence: string
}

/**
 * The feedback that a referral could not be delivered, and why.
 *
 * @source docs/systems.md §DTP/feedback
 */
export function failedFeedback({ interventionNumber, caseId, owner, sentence }: Failed) {
  return {
    case_id: caseId ?? null,
    primero_user: owner ?? null,
    progres_interventionnumber: interventionNumber,
    status: 'Delivery Fail',
    closure_reason: sentence,
    request_type: 'Feedback',
  } as const
}

/** What DTP gets where no reason is given, acceptances included: so agreed. */
const noReason = 'No reason specified.'

/**
 * The focal point's decision on a referral from proGres.
 *
 * @source docs/systems.md §DTP/decision-out
 */
export function decisionBody({ caseId, owner, interventionNumber, status, reason }: Decision) {
  return {
    case_id: caseId,
    primero_user: owner,
    progres_interventionnumber: interventionNumber,
    status,
    closure_reason: reason ?? noReason,
    request_type: 'ReceiveDecisionOutgoingReferral',
  } as const
}

/**
 * A referral from Primero. Its fields, their order and which of them may be null come from the mapping specification.
 *
 * @source docs/systems.md §DTP/referral-out
 */
export function referralBody(values: Row): Row {
  return { request_type: 'ReceiveIncomingReferral', ...values }
}
