import type { Code } from '../errors/codes.ts'
import { mapFields } from '../mapping/fields.ts'
import type { FieldProblem, Specification } from '../mapping/types.ts'
import { consentProblem } from './consent.ts'
import type { Contact } from './contact.ts'
import { referralIdOf } from './ids.ts'
import { type Row, rowsOf, textOf } from './untrusted.ts'

/** Referrals of a case that are addressed to UNHCR and open: neither revoked nor decided nor done. */
export function openReferrals(referrals: readonly Row[], unhcrUser: string): readonly Row[] {
  return referrals.filter((referral) => isOpenFor(referral, unhcrUser))
}

/** Whether any of these referrals, in whatever state, is or was addressed to this user. */
export function namesUser(referrals: readonly Row[], user: string): boolean {
  return referrals.some(({ transitioned_to }) => transitioned_to === user)
}

function isOpenFor(referral: Row, unhcrUser: string): boolean {
  return referral.transitioned_to === unhcrUser && referral.status === 'in_progress'
}

interface ReferralOut {
  /** The whole case, read just now. */
  readonly caseRow: Row
  /** One referral of it, read just now. */
  readonly referral: Row
  readonly contact: Contact | undefined
}

export type ReferralOutResult =
  | {
      /** As UNHCR gets it and echoes it in the decision. */
      readonly referralId: string
      /** The agreed fields in the agreed order, as the mapping specification has them. */
      readonly body: Row
    }
  | {
      readonly held: Extract<
        Code,
        | 'CONSENT_MISSING'
        | 'EXPORT_OPTED_OUT'
        | 'CONSENT_EXPIRED'
        | 'CASE_CLOSED'
        | 'REFERRAL_NOT_OPEN'
        | 'SERVICE_ROW_MISSING'
        | 'SERVICE_TYPE_HELD'
        | 'MINIMUM_DATA_MISSING'
        | 'CONTACT_MISSING'
        | 'NO_MAPPING_ON_OUR_SIDE'
      >
      /** Names in Primero (`case.sex`), no values. */
      readonly fields?: readonly string[]
      /** Where the service row is known. */
      readonly referralId?: string
    }

/**
 * One referral as the fields that UNHCR may have, or the code that holds it back. One referral, one message, also
 * where two were made for one service row.
 *
 * Held until the case changes: consent first, then whatever the message lacks. A name that Primero hides (`*******`)
 * counts as none. What must be there says the mapping.
 *
 * @param today  `YYYY-MM-DD` in the country's time zone (`today` of mapping/calendar.ts)
 * @source docs/systems.md §DTP/referral-out, §Primero/referrals
 */
export function referralOut(
  { caseRow, referral, contact }: ReferralOut,
  spec: Specification,
  today: string,
): ReferralOutResult {
  const consent = consentProblem(caseRow, spec.settings, today)
  if (consent !== undefined) return { held: consent }
  if (!isOpenFor(referral, spec.settings.unhcr_user)) return { held: 'REFERRAL_NOT_OPEN' }
  if (textOf(caseRow.status) === 'closed') return { held: 'CASE_CLOSED' }
  const service = serviceOf(caseRow, referral)
  const uniqueId = textOf(service?.unique_id)
  if (service === undefined || uniqueId === undefined) return { held: 'SERVICE_ROW_MISSING' }
  const caseId = textOf(caseRow.case_id)
  if (caseId === undefined) return { held: 'MINIMUM_DATA_MISSING', fields: ['case.case_id'] }
  const referralId = referralIdOf(caseId, uniqueId)
  const source = {
    ...prefixed('case', caseRow),
    ...prefixed('service', service),
    ...prefixed('contact', { ...contact }),
    ...prefixed('referral', referral),
    'referral.id': referralId,
  }
  const { values, problems } = mapFields(spec, 'to-dtp', source, { today })
  const reason = heldBecause(problems, contact)
  return reason === undefined ? { referralId, body: values.dtp ?? {} } : { ...reason, referralId }
}

/** The service row that a referral was made for. */
export function serviceOf(caseRow: Row, referral: Row): Row | undefined {
  const wanted = textOf(referral.service_record_id)?.toLowerCase()
  if (wanted === undefined) return undefined
  return rowsOf(caseRow.services_section).find((row) => textOf(row.unique_id)?.toLowerCase() === wanted)
}

function prefixed(prefix: string, row: Row): Row {
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [`${prefix}.${name}`, unhidden(value)]))
}

/** Primero shows hidden values as stars. */
function unhidden(value: unknown): unknown {
  return typeof value === 'string' && /^\s*\*+\s*$/.test(value) ? null : value
}

function heldBecause(problems: readonly FieldProblem[], contact: Contact | undefined) {
  const service = problems.find(({ to }) => to === 'service_type')
  if (service !== undefined) return { held: 'SERVICE_TYPE_HELD', fields: service.from } as const
  const unmapped = problems.find(({ problem }) => problem.startsWith('unmapped'))
  if (unmapped !== undefined) return { held: 'NO_MAPPING_ON_OUR_SIDE', fields: unmapped.from } as const
  const missing = problems.flatMap(({ from }) => from).filter((name) => !name.startsWith('contact.'))
  if (missing.length > 0) return { held: 'MINIMUM_DATA_MISSING', fields: [...new Set(missing)] } as const
  return contact === undefined ? ({ held: 'CONTACT_MISSING' } as const) : undefined
}
