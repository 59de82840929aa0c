import { createHash } from 'node:crypto'
import type { Clock } from '../clock.ts'
import { type Json, type JsonObject, text } from '../json.ts'
import type { Content } from './content.ts'

/**
 * Adds invented children, each with a service and, unless `unhcr_user` is absent, a referral of it to that user.
 *
 * Ids and names come from the number alone, so that two processes make the same cases. Last changes lie a millisecond
 * apart and end now; `same_instant` of them share the last one.
 *
 * @param wanted `{ count, unhcr_user?, owned_by?, first?, same_instant?, decided? }`; `decided` makes the services rows from
 *   proGres that were accepted, instead of referrals
 */
export function generateCases(content: Content, clock: Clock, wanted: JsonObject): JsonObject {
  const count = Number(wanted.count ?? 1)
  const first = Number(wanted.first ?? 1)
  const sameInstant = Number(wanted.same_instant ?? 0)
  const nowMs = clock.now().getTime()
  const owner = text(wanted.owned_by) ?? 'cw1'
  const unhcrUser = text(wanted.unhcr_user)
  const isDecided = wanted.decided === true
  const ids: Json[] = []

  for (let n = first; n < first + count; n += 1) {
    const fromEnd = first + count - 1 - n
    const at = new Date(fromEnd < sameInstant ? nowMs : nowMs - fromEnd).toISOString()
    const service = isDecided ? decidedService(n, at) : plainService(n, at, unhcrUser)
    content.addCase({ ...child(n), owned_by: owner, created_at: at, last_updated_at: at, services_section: [service] })
    ids.push(uuidOf(`case ${n}`))
    if (unhcrUser && !isDecided) referTo(content, n, unhcrUser, owner, at)
  }
  return { made: count, ids }
}

const firstNames = ['Abeba', 'Bol', 'Chol', 'Dawit', 'Ekram', 'Fikre', 'Gatluak', 'Hana', 'Iman', 'Jok']
const lastNames = ['Example', 'Invented', 'Sample', 'Specimen', 'Testcase']

function child(n: number): JsonObject {
  return {
    id: uuidOf(`case ${n}`),
    case_id: uuidOf(`long id ${n}`),
    module_id: 'primeromodule-cp',
    name_first: firstNames[n % firstNames.length] ?? 'Abeba',
    name_last: `${lastNames[n % lastNames.length]} ${n}`,
    sex: n % 2 === 0 ? 'female' : 'male',
    age: 8 + (n % 9),
    date_of_birth: `${2018 - (n % 9)}-0${1 + (n % 9)}-1${n % 10}`,
    language: ['language2'],
    unhcr_individual_no: `989-${String(n).padStart(8, '0')}`,
    unhcr_id_no: `989-26-${String(n).padStart(5, '0')}`,
    address_current: `Zone ${1 + (n % 4)}, block ${1 + (n % 12)}`,
    telephone_current: '+251900000000',
    consent_for_services: true,
    disclosure_other_orgs: true,
    unhcr_export_opt_in: true,
  }
}

function plainService(n: number, at: string, to: string | undefined): JsonObject {
  return {
    unique_id: uuidOf(`service ${n}`),
    service_type: 'alternative_care',
    service_response_type: 'service_provision',
    service_response_day_time: at,
    service_implementing_agency: 'UNHCR',
    service_referral_notes: `Needs placement ${n}`,
    ...(to === undefined ? {} : { service_implementing_agency_individual: to }),
  }
}

function decidedService(n: number, at: string): JsonObject {
  return {
    unique_id: uuidOf(`service ${n}`),
    service_type: 'alternative_care',
    service_response_type: 'service_provision',
    service_response_day_time: at,
    service_implementing_agency: 'UNICEF',
    service_request_external: true,
    service_request_agency: 'UNHCR',
    service_referral: 'external_referral',
    unhcr_referral_status: 'accepted',
    progres_interventionnumber: `989-26-PRTITV-${String(n).padStart(7, '0')}`,
  }
}

function referTo(content: Content, n: number, to: string, by: string, at: string): void {
  const caseId = uuidOf(`case ${n}`)
  content.addReferral({
    id: uuidOf(`referral ${n}`),
    record_id: caseId,
    transitioned_by: by,
    transitioned_to: to,
    service: 'alternative_care',
    service_record_id: uuidOf(`service ${n}`),
    created_at: at,
  })
}

/** A version 4 look-alike from a name: the same at every run. */
function uuidOf(name: string): string {
  const hex = createHash('sha1').update(`generated ${name}`).digest('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}
