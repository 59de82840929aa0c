import type { Decision } from '../../decisionOut.ts'

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
