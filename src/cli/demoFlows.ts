import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Direction, Specification } from '../mapping/types.ts'
import type { DtpSimulator } from '../simulator/dtp/server.ts'
import type { PrimeroSimulator } from '../simulator/primero/server.ts'
import type { ChildExchange } from './childExchange.ts'
import type { Timeline } from './timeline.ts'

export interface Stage {
  readonly primero: PrimeroSimulator
  readonly dtp: DtpSimulator
  readonly exchange: ChildExchange
  readonly specification: Specification
  readonly timeline: Timeline
  readonly inbox: { readonly url: string; readonly token: string }
}

type Row = Readonly<Record<string, unknown>>

const intervention = '990-26-PRTITV-0000108'
const patienceMs = 20_000

/** proGres → Primero: referred, delivered, referred again by mistake, accepted, UNHCR told. What is wrong at its end. */
export async function referToPrimero(stage: Stage): Promise<readonly string[]> {
  const { primero, dtp, inbox, specification, timeline } = stage
  const message = referralMessage(specification)
  timeline.flow('proGres → Primero')
  await runWorkflow(stage, 'send-decisions')
  const first = await dtp.officer.sendReferral(inbox, message)
  timeline.event('UNHCR officer', `refers a child: intervention ${intervention}`)
  timeline.event('exchange', `has it on disk: work order ${workOrder(first.body)}`)
  const delivered = await until(() => told(dtp, 'Pending Acknowledgement'))
  if (delivered === undefined) return ['the referral was delivered']
  const [made] = serviceRows(primero)
  timeline.event('Primero', `has the case with the service "${made?.service_type ?? 'none'}", owned by the intake user`)
  timeline.event('DTP', `is told: ${String(delivered.status)}`)
  const again = await dtp.officer.sendReferral(inbox, message)
  timeline.event('UNHCR officer', 'sends the same referral again')
  timeline.event('exchange', `knows it: the same work order ${workOrder(again.body)}`)
  primero.people.decide(intervention, 'accepted')
  timeline.event('focal point', 'accepts the referral in Primero')
  await runWorkflow(stage, 'send-decisions')
  const decided = await until(() => told(dtp, 'acknowledged'))
  timeline.event('DTP', `is told: ${String(decided?.status)}`)

  const rows = serviceRows(primero)
  return wrong({
    'the decision was told': decided !== undefined,
    'the same message twice is one work order': workOrder(first.body) === workOrder(again.body),
    'Primero holds one service for the intervention': rows.length === 1,
    'the service is accepted': rows[0]?.unhcr_referral_status === 'accepted',
    'DTP heard of the intervention twice':
      dtp.received.filter(({ body }) => body.progres_interventionnumber === intervention).length === 2,
  })
}

/** Primero → proGres: referred with consent, sent once, accepted by UNHCR, the case worker sees it. What is wrong at its end. */
export async function referToUnhcr(stage: Stage): Promise<readonly string[]> {
  const { primero, dtp, inbox, specification, timeline } = stage
  timeline.flow('Primero → proGres')
  await runWorkflow(stage, 'send-referrals')
  const { referral, progres } = referChild(primero, specification)
  timeline.event('case worker', 'registers a child in Primero, with consent to share')
  timeline.event('case worker', `refers her to UNHCR for: ${progres}`)
  await runWorkflow(stage, 'send-referrals')
  const sent = await until(() => dtp.received.find(({ operation }) => operation === 'ReceiveIncomingReferral')?.body)
  if (sent === undefined) return ['the referral reached DTP']
  timeline.event('DTP', `receives the referral ${String(sent.id)}`)
  await runWorkflow(stage, 'send-referrals')
  timeline.event('exchange', 'looks again and sends nothing: it was sent')
  await dtp.officer.decide(inbox, String(sent.id), 'accepted')
  timeline.event('UNHCR officer', 'accepts it in proGres')
  const status = () => primero.content.referral(referral.id)?.status
  const accepted = await until(() => (status() === 'accepted' ? true : undefined))
  timeline.event('Primero', `shows the referral as ${String(status())}`)

  return wrong({
    'the referral was sent once':
      dtp.received.filter(({ operation }) => operation === 'ReceiveIncomingReferral').length === 1,
    'the referral is accepted in Primero': accepted === true,
    'DTP refused nothing': dtp.received.every((one) => one.status === 200),
  })
}

/** An invented referral of an agreed service, as DTP posts it. */
export function referralMessage(specification: Specification) {
  const { progres } = agreedService(specification, 'to-primero')
  const text = readFileSync('fixtures/progres/referral-v7-production-like.json', 'utf8')
  const [row] = JSON.parse(text).interventions
  const about = { progres_interventionnumber: intervention, 'interventiontype.progres_description': progres }
  return { request_type: 'PrimeroOutgoingReferral', interventions: [{ ...row, ...about }] }
}

/** A case worker registers an invented child with consent to share, and refers her to UNHCR. */
export function referChild({ people }: PrimeroSimulator, specification: Specification) {
  const { primero: service_type, progres } = agreedService(specification, 'to-dtp')
  const child = people.registerCase({
    ...Object.fromEntries(specification.settings.consent.must_be_true.map((field) => [field, true])),
    unhcr_individual_no: '990-00000109',
    name_first: 'Akello',
    name_last: 'Example',
    sex: 'female',
    date_of_birth: '2015-06-01',
    age: 11,
    address_current: 'Zone A, block 2',
  })
  const service = people.addService(child.id, {
    service_type,
    service_response_type: 'service_provision',
    service_implementing_agency: 'UNHCR',
    service_response_day_time: new Date().toISOString(),
    service_referral_notes: 'Needs a foster family.',
  })
  const referral = people.refer(child.id, String(service.unique_id), specification.settings.unhcr_user)
  return { child, referral, progres }
}

/** A service that the agencies of this country agreed on, under both its names. */
function agreedService({ fields, tables }: Specification, direction: Direction): { progres: string; primero: string } {
  const target = { 'to-primero': 'service.service_type', 'to-dtp': 'service_type' }[direction]
  const table = fields[direction].find(({ to }) => to === target)?.table
  const rows = tables[table ?? '']?.rows ?? []
  const [first] = rows.filter(({ directions }) => directions?.includes(direction) ?? true)
  if (first === undefined) throw new Error('The mapping specification has no service.')
  return first
}

/** Asks for a run, as the clock would, and waits for its end. */
async function runWorkflow({ exchange }: Stage, workflow: string): Promise<void> {
  const asked = await exchange.api('POST', `/api/workflows/${workflow}/runs`)
  const { run_id } = asked.body as { run_id: string }
  await until(async () => {
    const { body } = await exchange.api('GET', `/api/runs/${run_id}`)
    return (body as { finished_at: string | null }).finished_at ?? undefined
  })
}

/** What `look` finds, or undefined after twenty seconds. */
async function until<T>(look: () => T | undefined | Promise<T | undefined>): Promise<T | undefined> {
  const end = performance.now() + patienceMs
  while (performance.now() < end) {
    const found = await look()
    if (found !== undefined) return found
    await sleep(50)
  }
  return undefined
}

function told({ received }: DtpSimulator, status: string): Row | undefined {
  return received.find(({ body }) => body.progres_interventionnumber === intervention && body.status === status)?.body
}

function serviceRows({ content }: PrimeroSimulator): readonly Row[] {
  return [...content.cases()]
    .flatMap(({ services_section }) => (Array.isArray(services_section) ? (services_section as readonly Row[]) : []))
    .filter(({ progres_interventionnumber }) => progres_interventionnumber === intervention)
}

function workOrder(body: unknown): string {
  return String((body as { work_order_id?: string }).work_order_id)
}

function wrong(expected: Readonly<Record<string, boolean>>): readonly string[] {
  return Object.entries(expected).flatMap(([claim, holds]) => (holds ? [] : [claim]))
}
