import type { Code } from '../errors/codes.ts'
import { readStamp } from '../mapping/calendar.ts'
import type { Settings } from '../mapping/types.ts'
import { isEmpty, type Row, textOf } from './untrusted.ts'

/**
 * The code that keeps a case from leaving, or `undefined` where it may go. Nothing overrides it: there is no exception.
 *
 * Primero gives consent as true or as the text "true", depending on who wrote it. What must be true is so only in
 * these two forms. What must not be false may be absent or empty; any other text than "true" counts as a no.
 * Consent that was given until a day is over after it (CONSENT_EXPIRED); a day that cannot be read is over.
 *
 * @param today  `YYYY-MM-DD` in the country's time zone
 * @source docs/systems.md §Primero/cases (form consent)
 */
export function consentProblem(
  caseRow: Row,
  { consent }: Pick<Settings, 'consent'>,
  today: string,
): Extract<Code, 'CONSENT_MISSING' | 'EXPORT_OPTED_OUT' | 'CONSENT_EXPIRED'> | undefined {
  if (!consent.must_be_true.every((field) => isTrue(caseRow[field]))) return 'CONSENT_MISSING'
  const allowed = consent.must_not_be_false.every((field) => isEmpty(caseRow[field]) || isTrue(caseRow[field]))
  if (!allowed) return 'EXPORT_OPTED_OUT'
  const valid = consent.valid_until.every((field) => isEmpty(caseRow[field]) || isNotBefore(caseRow[field], today))
  return valid ? undefined : 'CONSENT_EXPIRED'
}

function isTrue(value: unknown): boolean {
  return value === true || value === 'true'
}

function isNotBefore(value: unknown, today: string): boolean {
  const stamp = readStamp(textOf(value) ?? '')
  return stamp !== undefined && stamp.day >= today
}
