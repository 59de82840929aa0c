import type { Decision } from '../../decisionOut.ts'
import type { Row } from '../../untrusted.ts'

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
