import type { Clock } from '../clock.ts'
import { isRows, type JsonObject, text } from '../json.ts'
import type { Content } from './content.ts'
import { endReferral, makeReferral } from './referral.ts'
import type { CaseData, Profile, Referral } from './types.ts'

/** Who acts in Primero, through the user interface: as themselves, with what the forms would let through. */
export interface People {
  /**
   * The focal point (or intake user) answers a referral from proGres: sets the status on the service row with that
   * intervention number. A case is found by the row; `by` defaults to the case's owner.
   */
  decide(
    interventionNumber: string,
    status: 'accepted' | 'rejected' | 'pending',
    reason?: string,
    by?: string,
  ): CaseData
  /** A case worker registers a child. Module, owner, and consent to share are filled in unless given. */
  registerCase(fields: JsonObject, by?: string): CaseData
  /** Adds a service to a case; the row gets an id unless it has one. */
  addService(caseId: string, row: JsonObject, by?: string): JsonObject
  /** Refers a service of a case to a user. */
  refer(caseId: string, serviceId: string | undefined, to: string, by?: string): Referral
  edit(caseId: string, fields: JsonObject, by?: string): CaseData
  close(caseId: string, by?: string): CaseData
  disable(caseId: string, by?: string): CaseData
  revoke(referralId: string, by?: string): Referral
  withdrawConsent(caseId: string, by?: string): CaseData
}

const worker = 'cw1'

export function createPeople(content: Content, clock: Clock, profile: Profile): People {
  const find = (caseId: string): CaseData => {
    const data = content.case(caseId)
    if (!data) throw new Error(`No case ${caseId} in the Primero simulator.`)
    return data
  }
  const actor = (data: CaseData, by: string | undefined) => by ?? text(data.owned_by) ?? worker
  const edit: People['edit'] = (caseId, fields, by) => {
    const data = find(caseId)
    return content.save(caseId, fields, actor(data, by)).data
  }

  return {
    decide(interventionNumber, status, reason, by) {
      for (const data of content.cases()) {
        const rows = data.services_section
        const row = isRows(rows) && rows.find((one) => one.progres_interventionnumber === interventionNumber)
        if (!row || row.unique_id === undefined) continue
        const said = reason === undefined ? {} : { unhcr_referral_rejection_reason: reason }
        const change = { unique_id: row.unique_id, unhcr_referral_status: status, ...said }
        return edit(data.id, { services_section: [change] }, by)
      }
      throw new Error(`No service with intervention number ${interventionNumber} in the Primero simulator.`)
    },
    registerCase(fields, by = worker) {
      const consent = { consent_for_services: true, disclosure_other_orgs: true }
      return content.save(undefined, { module_id: 'primeromodule-cp', owned_by: by, ...consent, ...fields }, by).data
    },
    addService(caseId, row, by) {
      const before = find(caseId).services_section
      const known = new Set((isRows(before) ? before : []).map((one) => one.unique_id))
      const rows = edit(caseId, { services_section: [row] }, by).services_section
      const added = isRows(rows) ? rows.find((one) => !known.has(one.unique_id)) : undefined
      if (!added) throw new Error(`Case ${caseId} has that service already.`)
      return added
    },
    refer(caseId, serviceId, to, by) {
      const data = find(caseId)
      if (!content.user(to)) throw new Error(`No user "${to}" in the Primero simulator to refer to.`)
      const rows = data.services_section
      const row = isRows(rows) ? rows.find((one) => one.unique_id === serviceId) : undefined
      if (serviceId !== undefined && !row) throw new Error(`Case ${caseId} has no service ${serviceId}.`)
      const sent = {
        transitioned_to: to,
        service: row?.service_type ?? null,
        // The form sends an empty text when the referral is not made from a service.
        service_record_id: serviceId ?? '',
      }
      return makeReferral(content, data, sent, actor(data, by), clock.now()).referral
    },
    edit,
    close: (caseId, by) => edit(caseId, { status: 'closed' }, by),
    disable: (caseId, by) => edit(caseId, { record_state: false }, by),
    revoke(referralId, by) {
      const referral = content.referral(referralId)
      if (!referral) throw new Error(`No referral ${referralId} in the Primero simulator.`)
      const user = actor(find(referral.record_id), by)
      return endReferral(content, referral, 'revoked', user, { now: clock.now(), profile }).referral
    },
    withdrawConsent: (caseId, by) => edit(caseId, { disclosure_other_orgs: false, consent_for_services: false }, by),
  }
}
