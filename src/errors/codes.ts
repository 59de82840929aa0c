/**
 * Every code a record, an entry or an error can carry: what it means and who has to act.
 * The README's table is held against this one by a test.
 *
 * `who`: `nobody`, `case worker` (Primero), `UNHCR`, `administrator` (of this exchange or of Primero).
 */
export const codes = {
  // delivered
  DELIVERED: { means: 'Written, read back and verified, or accepted by the other system.', who: 'nobody' },
  CASE_REOPENED: { means: 'Delivered; the case was closed and Primero re-opened it.', who: 'nobody' },
  // unchanged
  ALREADY_DELIVERED: { means: 'The same thing was delivered before; nothing was written.', who: 'nobody' },
  CHANGED_AFTER_DELIVERY: {
    means: 'A delivered referral came again with another body; nothing was written.',
    who: 'administrator',
  },
  ALREADY_DECIDED: { means: 'The referral already has this decision; nothing was written.', who: 'nobody' },
  // refused: UNHCR mends
  FIELDS_MISSING: { means: 'Required fields are missing; the feedback names each.', who: 'UNHCR' },
  FIELDS_INVALID: {
    means: 'A field holds something that cannot be right (a future date of birth, no date at all).',
    who: 'UNHCR',
  },
  ROWS_DISAGREE: { means: 'Rows of one intervention name different children.', who: 'UNHCR' },
  SERVICE_TYPE_NOT_AGREED: { means: 'The service type is not one of the agreed ones.', who: 'UNHCR' },
  CODE_NOT_MAPPED: { means: 'A value has no row in its mapping table.', who: 'administrator' },
  CASE_AMBIGUOUS: { means: 'Several cases match this child; nothing was written.', who: 'administrator' },
  CASE_UNKNOWN: { means: 'No case carries the id that was looked up.', who: 'administrator' },
  CASE_DISABLED: { means: 'The case is disabled in Primero; nothing was written.', who: 'administrator' },
  CASE_CLOSED: {
    means: "The case is closed: its referral is not sent, or this country's settings refuse one into it.",
    who: 'administrator',
  },
  CASE_HELD: {
    means: 'No case, several or a closed one match, and the settings leave that to a person: mend it, then replay.',
    who: 'administrator',
  },
  CASE_IDENTITY_CONFLICT: {
    means: 'The case found by its Primero id belongs to another individual number.',
    who: 'administrator',
  },
  PRIMERO_REJECTED: { means: 'Primero refused the data of this record (422).', who: 'administrator' },
  // held: looked at again when the case changes
  CONSENT_MISSING: { means: 'Consent to services or to sharing is not recorded as given.', who: 'case worker' },
  EXPORT_OPTED_OUT: { means: 'The family opted out of sharing this case with UNHCR.', who: 'case worker' },
  CONSENT_EXPIRED: { means: 'Consent was given until a day that has passed.', who: 'case worker' },
  SERVICE_ROW_MISSING: { means: 'The referral was made without a service row.', who: 'case worker' },
  SERVICE_TYPE_HELD: { means: 'The service type of the referral is not one of the agreed ones.', who: 'case worker' },
  MINIMUM_DATA_MISSING: {
    means: 'Birth date, sex, a name or a required number is missing on the case.',
    who: 'case worker',
  },
  CONTACT_MISSING: {
    means: 'Neither the owner of the case nor the fallback user has position, e-mail and phone.',
    who: 'administrator',
  },
  REFERRAL_NOT_OPEN: { means: 'The referral is no longer open (revoked, decided or done).', who: 'case worker' },
  // decisions in
  REFERRAL_UNKNOWN: { means: 'No referral fits the decision.', who: 'administrator' },
  DECISION_CODE_UNKNOWN: { means: 'UNHCR sent a decision code that the mapping does not know.', who: 'administrator' },
  DECISION_NOT_APPLIED: { means: 'Primero answered 200 but the referral kept its status.', who: 'administrator' },
  DECISIONS_CONTRADICT: {
    means: 'Several service rows of one intervention carry different decisions; nothing was told.',
    who: 'case worker',
  },
  // consent withdrawn after sending
  CONSENT_WITHDRAWN: {
    means: 'Consent was withdrawn or the referral revoked after it was sent: UNHCR has to be told, see the notice.',
    who: 'case worker',
  },
  NOTICE_OVERDUE: {
    means: 'The call about a withdrawn consent was not made in time. Make it, then: exchange notices done ID.',
    who: 'case worker',
  },
  // messages
  MESSAGE_UNRECOGNISED: {
    means: 'The message has no known request_type or no readable interventions.',
    who: 'administrator',
  },
  MESSAGE_PARTLY_UNREADABLE: {
    means: 'Some rows have no number, so nobody can be told; the good rows were processed.',
    who: 'administrator',
  },
  // somebody on our side mends
  FIELD_NOT_STORED: {
    means: "Primero did not store a field: the account's role lacks the form.",
    who: 'administrator',
  },
  OWNER_UNKNOWN: { means: 'The case has no owner: the intake user does not exist in Primero.', who: 'administrator' },
  CREDENTIALS_REFUSED: {
    means: 'The other system refused our credentials; work with it has stopped.',
    who: 'administrator',
  },
  ACCESS_REFUSED: {
    means: 'The other system did not accept our key or client certificate; nothing was processed.',
    who: 'administrator',
  },
  ACCESS_DENIED: { means: 'The account may not do this (403).', who: 'administrator' },
  FILTER_IGNORED: {
    means: 'Primero ignored a filter and answered with other cases: the role lacks the form.',
    who: 'administrator',
  },
  REFERRALS_HIDDEN: {
    means: 'Primero lists a case under the UNHCR user but shows no referral to it: the role sees too little.',
    who: 'administrator',
  },
  NO_MAPPING_ON_OUR_SIDE: { means: 'The mapping specification has a gap on our side.', who: 'administrator' },
  UNFORESEEN: { means: 'An unforeseen error: a bug. The payload is kept.', who: 'administrator' },
  STEP_FAILED: { means: 'A step of the workflow failed without an outcome for its records.', who: 'administrator' },
  // the other system
  REMOTE_DOWN: { means: 'The other system did not answer or said it cannot now; it is asked again.', who: 'nobody' },
  REMOTE_REFUSED: { means: 'The other system refused the request (4xx).', who: 'administrator' },
  REMOTE_NONSENSE: {
    means: 'The other system answered with something that is not its format (HTML, empty, cut off).',
    who: 'administrator',
  },
  RETRY_EXHAUSTED: { means: 'RETRY_FOR is over; the payload is kept for a person.', who: 'administrator' },
  IN_DOUBT: { means: 'Sent, but no answer: it may have arrived. Not sent again until settled.', who: 'administrator' },
  FEEDBACK_REFUSED: { means: 'DTP refused our feedback (4xx).', who: 'administrator' },
  DECISION_REFUSED: { means: 'DTP refused a decision (4xx).', who: 'administrator' },
  REFERRAL_REFUSED: { means: 'DTP refused a referral (4xx).', who: 'administrator' },
  PAYLOAD_WAITS: {
    means: 'A stuck entry has kept its payload for 72 hours or longer. Replay or discard it.',
    who: 'administrator',
  },
  RETENTION_ENDED: {
    means:
      'RETAIN_FOR ended: the payload of a stuck entry was erased, and the record named with it is lost. Ask UNHCR to send it again.',
    who: 'administrator',
  },
  CERTIFICATE_EXPIRES: {
    means: 'The client certificate expires within 60, 30 or 7 days, or has expired. UNHCR registers the next one.',
    who: 'administrator',
  },
  DISCARDED: { means: 'A person discarded the entry.', who: 'nobody' },
  // configuration and store
  MAPPING_CHANGED: {
    means: 'Files of the mapping were changed while it runs; what was loaded stays in force until a new start.',
    who: 'administrator',
  },
  CONFIGURATION: { means: 'A setting, variable or file is missing or wrong.', who: 'administrator' },
  DATA_KEY_MISSING: { means: 'A payload needs a data key that is not in DATA_KEYS.', who: 'administrator' },
  STORE_UNAVAILABLE: { means: 'The store cannot be read or written now.', who: 'administrator' },
  STORE_DAMAGED: { means: 'The store is damaged or from a newer version.', who: 'administrator' },
  STORE_RESTORED: {
    means: 'The store is older than its witness. No new referral goes out before what it had forgotten is settled.',
    who: 'administrator',
  },
  LEASE_LOST: { means: 'Another process took the entry over; this one may not complete it.', who: 'nobody' },
} as const satisfies Record<string, { means: string; who: 'nobody' | 'case worker' | 'UNHCR' | 'administrator' }>

export type Code = keyof typeof codes
