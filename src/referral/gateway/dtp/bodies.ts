import type { Decision } from '../../decisionOut.ts'
import type { Row } from '../../untrusted.ts'

interface Delivered {
  readonly interventionNumber: string
  /** Primero `case_id` as read back; never the record id and never a stand-in text. */
  readonly caseId: string
  readonly owner: string
}

/**
 * The feedback that a referral is in Primero and has an owner: key by key as agreed, in the agreed order, without a
 * `request_type`.
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

/**
 * The focal point's decision on a referral from proGres: key by key as agreed, in the agreed order.
 *
 * @source docs/systems.md §DTP/decision-out
 */
export function decisionBody({ caseId, owner, interventionNumber, status, reason }: Decision) {
  return {
    case_id: caseId,
    primero_user: owner,
    progres_interventionnumber: interventionNumber,
    status,
    closure_reason: reason,
    request_type: 'ReceiveDecisionOutgoingReferral',
  } as const
}

/**
 * A referral from Primero: the fields of the mapping specification, and the operation that DTP routes by.
 *
 * @source docs/systems.md §DTP/referral-out
 */
export function referralBody(values: Row): Row {
  return { request_type: 'ReceiveIncomingReferral', ...values }
}
