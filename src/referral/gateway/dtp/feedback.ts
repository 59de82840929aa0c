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
