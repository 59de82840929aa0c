import type { DtpSimulator } from '../../src/simulator/dtp/server.ts'
import type { SeenRequest } from '../../src/simulator/listener.ts'
import type { PrimeroSimulator } from '../../src/simulator/primero/server.ts'
import type { Row } from './messages.ts'

/** What can be seen in the two systems after the exchange has acted. */

/** Bodies that DTP received for one intervention, oldest first. */
export function told({ received }: DtpSimulator, number: string): readonly Row[] {
  return received.map(({ body }) => body as Row).filter((body) => body.progres_interventionnumber === number)
}

/** Referrals that DTP received, oldest first. */
export function sent({ received }: DtpSimulator): readonly Row[] {
  return received.filter(({ operation }) => operation === 'ReceiveIncomingReferral').map(({ body }) => body as Row)
}

/** Service rows in Primero with this intervention number, all cases. */
export function rows({ content }: PrimeroSimulator, number: string): readonly Row[] {
  return [...content.cases()].flatMap(services).filter((row) => row.progres_interventionnumber === number)
}

export function services({ services_section: found }: Row): readonly Row[] {
  return Array.isArray(found) ? (found as readonly Row[]) : []
}

/** Cases with this UNHCR number. */
export function casesOf({ content }: PrimeroSimulator, individualNo: string): readonly Row[] {
  return [...content.cases()].filter((found) => found.unhcr_individual_no === individualNo)
}

export function writes(requests: readonly SeenRequest[]): readonly SeenRequest[] {
  return requests.filter(({ method }) => method !== 'GET')
}

/** A child whom a case worker registered, with a service for UNHCR and a referral to it. */
export function referredChild(
  { people }: PrimeroSimulator,
  unhcrUser: string,
  { fields = {}, service = {} }: { readonly fields?: Row; readonly service?: Row } = {},
) {
  const child = people.registerCase({
    name_first: 'Akello',
    name_last: 'Example',
    sex: 'female',
    date_of_birth: '2015-06-01',
    age: 11,
    address_current: 'Zone A, block 2',
    language: ['language1'],
    ...fields,
  } as Parameters<typeof people.registerCase>[0])
  const row = people.addService(child.id, {
    service_type: 'alternative_care',
    service_response_type: 'service_provision',
    service_implementing_agency: 'UNHCR',
    service_response_day_time: '2026-05-04T08:00:00.000Z',
    service_referral_notes: 'Needs a foster family.',
    ...service,
  } as Parameters<typeof people.addService>[1])
  const referral = people.refer(child.id, String(row.unique_id), unhcrUser)
  const referralId = `${String(child.case_id)}#${String(row.unique_id).slice(-12)}`
  return { child, service: row, referral, referralId }
}
