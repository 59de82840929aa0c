import type { Code } from '../errors/codes.ts'
import { today } from '../mapping/calendar.ts'
import { mapFields } from '../mapping/fields.ts'
import { acceptedNames } from '../mapping/translate.ts'
import type { FieldProblem, Specification } from '../mapping/types.ts'
import { serviceRowId } from './ids.ts'
import type { Intervention } from './intervention.ts'
import { isEmpty, isRow, type Row, textOf, uuidOf } from './untrusted.ts'

export interface TranslatedReferral {
  readonly ok: true
  readonly interventionNumber: string
  readonly individualNo: string
  readonly registrationNo?: string
  /** Id that proGres holds for the case in Primero: a record id or a `case_id`. */
  readonly primeroId?: string
  /** Partner whose worker asks, by `settings.intake_agency_field`, where it is not UNHCR's own. */
  readonly requestingPartner?: string
  /** Fields of the case, without empty ones and without what only `newCase` sets. */
  readonly caseFields: Row
  readonly serviceRow: Row & { readonly unique_id: string }
}

/** One reason why a referral cannot be taken. */
export interface Reason {
  readonly code: Extract<
    Code,
    | 'ROWS_DISAGREE'
    | 'FIELDS_MISSING'
    | 'FIELDS_INVALID'
    | 'SERVICE_TYPE_NOT_AGREED'
    | 'CODE_NOT_MAPPED'
    | 'NO_MAPPING_ON_OUR_SIDE'
  >
  /** proGres attribute names, no values. */
  readonly fields: readonly string[]
  /** Picklist code for DTP's feedback alone: never logged, stored or shown. */
  readonly quoted?: string
  /** Picklist names that would be taken. */
  readonly accepted?: readonly string[]
}

export interface RefusedReferral extends Reason {
  readonly ok: false
  /** Whatever else is wrong, so that UNHCR mends it all at once. */
  readonly also: readonly Reason[]
}

/**
 * An intervention as case fields and a service row, or everything that is wrong with it.
 *
 * Nothing is guessed: all required fields are looked at before the first is complained about, and missing fields come
 * before a service type that is not agreed. NO_MAPPING_ON_OUR_SIDE (a table with `hold`) is for a person here, not for
 * UNHCR. An individual number that Primero's search would read as something else (a list, a range, a blank) is
 * FIELDS_INVALID: its answer could be another child's case.
 *
 * @param now  for the age and for "in the future", in the country's time zone
 * @source docs/systems.md §DTP/referral-in, §Primero/filters
 */
export function translateReferral(
  { number, source, conflicts }: Intervention,
  spec: Specification,
  now: Date,
): TranslatedReferral | RefusedReferral {
  if (conflicts.length > 0) return { ok: false, code: 'ROWS_DISAGREE', fields: conflicts, also: [] }
  const moment = { today: today(now, spec.settings.time_zone) }
  const { values, problems } = mapFields(spec, 'to-primero', source, moment)
  const caseFields = withoutEmpty(values.case ?? {})
  const individualNo = textOf(caseFields.unhcr_individual_no)
  const isNamed = problems.some(({ to }) => to === 'case.unhcr_individual_no')
  const [reason, ...also] = reasonsOf(spec, isNamed ? problems : [...problems, ...numberProblems(individualNo)])
  if (reason !== undefined || individualNo === undefined) return { ok: false, ...(reason ?? numberMissing), also }
  const registrationNo = textOf(caseFields.unhcr_id_no)
  const primeroId = uuidOf(source.progres_primeroid)
  const requestingPartner = partnerIn(source[spec.settings.intake_agency_field])
  return {
    ok: true,
    interventionNumber: number,
    individualNo,
    ...(registrationNo === undefined ? {} : { registrationNo }),
    ...(primeroId === undefined ? {} : { primeroId }),
    ...(requestingPartner === undefined ? {} : { requestingPartner }),
    caseFields,
    serviceRow: { ...withoutEmpty(values.service ?? {}), unique_id: serviceRowId(number) },
  }
}

/** A look-up of proGres is a reference with a name. */
function partnerIn(value: unknown): string | undefined {
  return textOf(isRow(value) ? value.Name : value)
}

const individualNoField = 'individuals.progres_id'
const numberMissing = { code: 'FIELDS_MISSING', fields: [individualNoField] } as const

/** Whatever the mapping requires: without a number that can be searched for there is no case. */
function numberProblems(individualNo: string | undefined): readonly FieldProblem[] {
  if (individualNo !== undefined && searchable.test(individualNo)) return []
  const problem = individualNo === undefined ? 'missing' : 'invalid'
  return [{ to: 'case.unhcr_individual_no', from: [individualNoField], problem }]
}

const searchable = /^[A-Za-z0-9][A-Za-z0-9/_-]*$/

/** Problems by code, missing fields first; each field once. */
function reasonsOf(spec: Specification, problems: readonly FieldProblem[]): readonly Reason[] {
  const reasons: Reason[] = []
  for (const [code, kind] of [
    ['FIELDS_MISSING', 'missing'],
    ['FIELDS_INVALID', 'invalid'],
  ] as const) {
    const fields = problems.filter(({ problem }) => problem === kind).flatMap(({ from }) => from)
    if (fields.length > 0) reasons.push({ code, fields: [...new Set(fields)] })
  }
  for (const { problem, from, to, table, quoted } of problems) {
    if (problem === 'missing' || problem === 'invalid') continue
    const isService = to === 'service.service_type'
    reasons.push({
      code:
        problem === 'unmapped-hold'
          ? 'NO_MAPPING_ON_OUR_SIDE'
          : isService
            ? 'SERVICE_TYPE_NOT_AGREED'
            : 'CODE_NOT_MAPPED',
      fields: from,
      ...(quoted === undefined ? {} : { quoted }),
      ...(table === undefined ? {} : { accepted: acceptedNames(spec, table, 'to-primero') }),
    })
  }
  return reasons
}

function withoutEmpty(fields: Row): Row {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => !isEmpty(value)))
}
