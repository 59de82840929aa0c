import type { Code } from '../errors/codes.ts'
import type { Settings } from '../mapping/types.ts'
import { isEmpty, type Row } from './untrusted.ts'

/**
 * The code that keeps a case from leaving, or `undefined` where it may go.
 *
 * Primero gives consent as true or as the text "true", depending on who wrote it. What must be true is so only in
 * these two forms. What must not be false may be absent or empty; any other text than "true" counts as a no.
 *
 * @source docs/systems.md §Primero/cases (form consent)
 */
export function consentProblem(caseRow: Row, { consent }: Pick<Settings, 'consent'>): Code | undefined {
  if (!consent.must_be_true.every((field) => isTrue(caseRow[field]))) return 'CONSENT_MISSING'
  const allowed = consent.must_not_be_false.every((field) => isEmpty(caseRow[field]) || isTrue(caseRow[field]))
  return allowed ? undefined : 'EXPORT_OPTED_OUT'
}

function isTrue(value: unknown): boolean {
  return value === true || value === 'true'
}
