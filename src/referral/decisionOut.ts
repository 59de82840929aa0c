import { sentence } from '../mapping/sentence.ts'
import { translate } from '../mapping/translate.ts'
import type { Specification } from '../mapping/types.ts'
import { serviceRowId } from './ids.ts'
import { idOf, type Row, rowsOf, textOf } from './untrusted.ts'

/** What the focal point decided on one intervention, in the words of the other agency. */
export interface Decision {
  readonly interventionNumber: string
  readonly status: string
  /** Of a rejection as the focal point wrote it; else the agreed sentence for "none". */
  readonly reason: string
  /** Primero `case_id`; null where Primero shows none to this account. */
  readonly caseId: string | null
  readonly owner: string | null
  /** Record `id` of the case. */
  readonly recordId: string
}

/**
 * The decisions that stand on a case now, one for each intervention.
 *
 * Ours is a service row with an intervention number that is an external referral, whatever agency it names: rows of
 * other agencies have no such number and never leave. Whether a decision was told before is the ledger's to know.
 * Where two rows of one intervention (the pilot wrote some twice) say different things, the row that this exchange
 * made counts; without one, see `contradictoryDecisions`.
 *
 * @source docs/systems.md §DTP/decision-out, §Primero/cases (services_section)
 */
export function decisionsOf(caseRow: Row, spec: Specification): readonly Decision[] {
  return [...decisionsByNumber(caseRow, spec).values()].flatMap((found) => theOne(found) ?? [])
}

/** Interventions whose rows carry different decisions and none of which is ours: nothing is told, a person must look. */
export function contradictoryDecisions(caseRow: Row, spec: Specification): readonly string[] {
  return [...decisionsByNumber(caseRow, spec)].filter(([, found]) => theOne(found) === undefined).map(([no]) => no)
}

interface Found {
  readonly decision: Decision
  /** Of the row that this exchange made. */
  readonly own: boolean
}

function decisionsByNumber(caseRow: Row, spec: Specification): ReadonlyMap<string, readonly Found[]> {
  const external = spec.fields['to-primero'].find(({ to }) => to === 'service.service_referral')?.value
  const byNumber = new Map<string, Found[]>()
  for (const row of rowsOf(caseRow.services_section)) {
    const interventionNumber = idOf(row.progres_interventionnumber)
    const code = textOf(row.unhcr_referral_status)
    if (interventionNumber === undefined || code === undefined || row.service_referral !== external) continue
    const status = translate(spec, 'decision-status', 'to-dtp', code)
    if (!status.found) continue
    // A rejection's reason stays in the row when the focal point changes to an acceptance: it must not be told then.
    const reason = code === 'accepted' ? undefined : textOf(row.unhcr_referral_rejection_reason)
    const decision = {
      interventionNumber,
      status: status.code,
      reason: reason ?? sentence(spec, 'NO_REASON_GIVEN'),
      caseId: textOf(caseRow.case_id) ?? null,
      owner: textOf(caseRow.owned_by) ?? null,
      recordId: textOf(caseRow.id) ?? '',
    }
    const own = row.unique_id === serviceRowId(interventionNumber)
    byNumber.set(interventionNumber, [...(byNumber.get(interventionNumber) ?? []), { decision, own }])
  }
  return byNumber
}

function theOne(found: readonly Found[]): Decision | undefined {
  const own = found.find((one) => one.own)
  if (own !== undefined) return own.decision
  const [first, ...others] = found.map((one) => one.decision)
  return others.every(({ status, reason }) => status === first?.status && reason === first.reason) ? first : undefined
}
