import { comparable, translate } from '../mapping/translate.ts'
import type { Specification } from '../mapping/types.ts'
import { consentProblem } from './consent.ts'
import { serviceOf } from './referralOut.ts'
import { type Row, textOf } from './untrusted.ts'

/** What became of a referral that UNHCR has. */
export type Standing =
  | 'open'
  /** Rejected or done: there is nothing left to be taken back. */
  | 'over'
  /** Revoked, or the consent of its case is gone. */
  | 'withdrawn'

/**
 * Where a referral stands that was sent before. Consent that ran out (`valid_until`) is not withdrawn: it was given for
 * what was sent by then.
 *
 * @param caseRow  with the fields that consent hangs on, read just now
 * @source docs/systems.md §Primero/referrals
 */
export function standingOf(caseRow: Row, referral: Row, { settings }: Specification): Standing {
  const status = textOf(referral.status)
  const consent = { ...settings.consent, valid_until: [] }
  if (status === 'revoked' || consentProblem(caseRow, { consent }, '') !== undefined) return 'withdrawn'
  return status === 'rejected' || status === 'done' ? 'over' : 'open'
}

/**
 * The services of withdrawn referrals as UNHCR calls them, each once. Where the service row is gone or its type has no
 * name over there, Primero's code stands for it.
 */
export function servicesOf(caseRow: Row, referrals: readonly Row[], specification: Specification): readonly string[] {
  const names = referrals.map((referral) => {
    const code = textOf(serviceOf(caseRow, referral)?.service_type) ?? textOf(referral.service)
    return code === undefined ? 'unknown' : nameAtUnhcr(code, specification)
  })
  return [...new Set(names)].sort()
}

function nameAtUnhcr(code: string, specification: Specification): string {
  const row = specification.fields['to-dtp'].find(({ to }) => to === 'service_type')
  const found = row?.table === undefined ? undefined : translate(specification, row.table, 'to-dtp', code)
  return found?.found ? found.code : comparable(code)
}
