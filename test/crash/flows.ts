import { decisionMessage } from '../../src/simulator/dtp/officer.ts'
import type { Json } from '../../src/simulator/json.ts'
import { intervention, referralMessage } from '../flows/stage.ts'
import type { Child } from './endState.ts'
import type { Site } from './site.ts'

/** One way of a child through the exchange, asked for once. */
export interface Flow {
  /** What has happened before to children with these numbers. */
  prepare(site: Site, numbers: readonly number[]): Promise<void>
  /** What people did just now in Primero. */
  begin(site: Site, number: number): Child
  /** The sender posts, or the run is asked for; undefined when no answer came, and then it is done again. */
  act(site: Site, child: Child): Promise<string | undefined>
}

/** proGres → Primero, a child that Primero does not know. */
export const newChild: Flow = {
  prepare: async () => {},
  begin: (_, number) => ({ number, interventionNumber: interventionNumber(number) }),
  act: (site, { number }) => site.post(referralMessage(intervention(number)) as Json),
}

/** proGres → Primero, a child that has a case. */
export const knownChild: Flow = {
  ...newChild,
  begin({ primero }, number) {
    const unhcr_individual_no = String(intervention(number)['individuals.progres_id'])
    const { id } = primero.people.registerCase({ ...girl, unhcr_individual_no })
    return { number, caseId: id, interventionNumber: interventionNumber(number) }
  },
}

/** Primero → proGres: the focal point accepts, and UNHCR is told. */
export const decisionOut: Flow = {
  async prepare(site, numbers) {
    await site.ask('send-decisions')
    await site.quiet()
    await site.post(referralMessage(...numbers.map((number) => intervention(number))) as Json)
    await site.quiet()
  },
  begin(site, number) {
    site.primero.people.decide(interventionNumber(number), 'accepted')
    return newChild.begin(site, number)
  },
  act: (site) => site.ask('send-decisions'),
}

/** Primero → proGres: a case worker refers a child, and UNHCR receives it. */
export const referralOut: Flow = {
  async prepare(site) {
    await site.ask('send-referrals')
    await site.quiet()
  },
  begin: refer,
  act: (site) => site.ask('send-referrals'),
}

/** proGres → Primero: UNHCR accepts a referral that it has received. */
export const decisionIn: Flow = {
  async prepare(site, numbers) {
    await referralOut.prepare(site, numbers)
    for (const number of numbers) referred.set(number, refer(site, number))
    await referralOut.prepare(site, numbers)
  },
  begin: (site, number) => referred.get(number) ?? refer(site, number),
  act: (site, { referralId = '', dtpId = '' }) => site.post(acceptance(dtpId, referralId)),
}

const referred = new Map<number, Child>()

function refer({ primero, settings }: Site, number: number): Child {
  const { people } = primero
  const child = people.registerCase({ ...girl, name_last: `Invented ${number}` })
  const service = people.addService(child.id, {
    service_type: 'alternative_care',
    service_response_type: 'service_provision',
    service_implementing_agency: 'UNHCR',
    service_response_day_time: '2026-05-04T08:00:00.000Z',
    service_referral_notes: 'Needs a foster family.',
  })
  const { id } = people.refer(child.id, String(service.unique_id), settings.unhcr_user)
  return { number, caseId: child.id, referralId: id, dtpId: `${child.case_id}#${String(service.unique_id).slice(-12)}` }
}

/** The same text each time: a sender who repeats himself. */
function acceptance(dtpId: string, seed: string): Json {
  const message = decisionMessage(dtpId, 'accepted', undefined, undefined, new Date('2026-11-22T08:00:00Z'))
  const [decision] = message.interventions as [Record<string, Json>]
  const ids = [
    'progres_interoperabilityreferralid',
    'progres_reviewby',
    'progres_individualid',
    'progres_interventiontype',
  ]
  return { ...message, interventions: [{ ...decision, ...Object.fromEntries(ids.map((id) => [id, seed])) }] }
}

function interventionNumber(number: number): string {
  return String(intervention(number).progres_interventionnumber)
}

const girl = { name_first: 'Akello', sex: 'female', date_of_birth: '2015-06-01', language: ['language1'] }
