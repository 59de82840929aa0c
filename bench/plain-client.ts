import { Pool } from 'undici'
import { v5 as uuidV5 } from 'uuid'
import { interventionNumber } from './messages.ts'
import type { Simulators } from './simulators.ts'

/**
 * What somebody would write by hand for exactly these children: the same requests as the exchange, at the same
 * concurrency (4 to Primero, 8 to DTP, 8 records at once), and nothing else: no inbox, no store, no ledger, no mapping, no
 * look at what came back. That it is the same requests is counted at the simulators.
 */
export interface PlainClient {
  /** Flow 1: the referrals with these numbers into Primero, and a feedback for each. */
  deliverReferrals(numbers: readonly number[]): Promise<void>
  /** Flow 1 back: each decision in Primero to DTP. */
  tellDecisions(): Promise<void>
  /** Flow 2: each open referral to UNHCR to DTP. */
  sendReferrals(): Promise<void>
  /** Flow 2 back: each of these referrals is accepted. */
  applyDecisions(referralIds: readonly string[]): Promise<void>
  close(): Promise<void>
}

const recordsAtOnce = 8
const since = '2020-01-01T00:00:00Z..'

type Row = Readonly<Record<string, unknown>>

export function createPlainClient({ primero, dtp, unhcrUser }: Simulators): PlainClient {
  const toPrimero = new Pool(primero.url, { connections: 4 })
  const toDtp = new Pool(new URL(dtp.url).origin, { connections: 8, connect: dtp.tls })
  const authorization = `Basic ${Buffer.from(`${primero.user}:${primero.password}`).toString('base64')}`
  const api = new URL(dtp.url).pathname

  const ask = async (method: 'GET' | 'POST' | 'PATCH', path: string, data?: Row): Promise<readonly Row[]> => {
    const body = data === undefined ? null : JSON.stringify({ data })
    const headers = { authorization, 'content-type': 'application/json' }
    const answer = await toPrimero.request({ method, path: `/api/v2${path}`, headers, body })
    const text = await answer.body.text()
    if (text === '' || answer.statusCode !== 200) return []
    const { data: rows } = JSON.parse(text) as { data: Row | readonly Row[] }
    return Array.isArray(rows) ? rows : [rows as Row]
  }
  const tell = async (operation: string, body: Row): Promise<void> => {
    const headers = { 'ocp-apim-subscription-key': dtp.subscriptionKey, 'content-type': 'application/json' }
    const path = `${api}/${operation}`
    const answer = await toDtp.request({ method: 'POST', path, headers, body: JSON.stringify(body) })
    await answer.body.text()
    if (answer.statusCode !== 200) throw new Error(`The DTP simulator answered ${answer.statusCode}.`)
  }

  return {
    async deliverReferrals(numbers) {
      await inLanes(numbers, async (n) => {
        const created = plainCase(n)
        await ask('GET', `/cases?unhcr_individual_no=${created.unhcr_individual_no}&fields=${matchFields}&per=100`)
        await ask('GET', `/cases/${created.id}?fields=${matchFields}`)
        await ask('POST', '/cases', created)
        const [stored] = await ask('GET', `/cases/${created.id}?fields=${caseFields}`)
        await tell('ReceiveDecisionOutgoingReferral', {
          status: 'Pending Acknowledgement',
          primero_user: stored?.owned_by,
          case_id: stored?.case_id,
          progres_interventionnumber: interventionNumber(n),
        })
      })
    },

    async tellDecisions() {
      const fields = 'case_id,owned_by,services_section,last_updated_at'
      const cases = await ask('GET', `/cases?last_updated_at=${since}&${changed}&fields=${fields}`)
      const decided = cases.flatMap((row) =>
        rowsOf(row.services_section)
          .filter((service) => service.unhcr_referral_status === 'accepted')
          .map((service) => ({ row, service })),
      )
      await inLanes(decided, ({ row, service }) =>
        tell('ReceiveDecisionOutgoingReferral', {
          case_id: row.case_id,
          primero_user: row.owned_by,
          progres_interventionnumber: service.progres_interventionnumber,
          status: 'acknowledged',
          closure_reason: 'No reason specified.',
          request_type: 'ReceiveDecisionOutgoingReferral',
        }),
      )
    },

    async sendReferrals() {
      const filter = `last_updated_at=${since}&associated_user_names[0]=${encodeURIComponent(unhcrUser)}`
      const cases = await ask('GET', `/cases?${filter}&${changed}&fields=owned_by,last_updated_at`)
      const found = await inLanes(cases, (row) => ask('GET', `/cases/${String(row.id)}/referrals`))
      const [contact] = await ask('GET', '/users?user_name=cw1&per=100')
      await inLanes(found.flat(), async (referral) => {
        const path = `/cases/${String(referral.record_id)}`
        const [rows] = await Promise.all([ask('GET', `${path}?fields=${sentFields}`), ask('GET', `${path}/referrals`)])
        await tell('ReceiveIncomingReferral', referralBody(rows[0] ?? {}, referral, contact ?? {}))
      })
    },

    async applyDecisions(referralIds) {
      await inLanes(referralIds, async (id) => {
        const [caseId = '', end = ''] = id.split('#')
        const [found] = await ask('GET', `/cases?case_id=${caseId}&fields=case_id&per=100`)
        const path = `/cases/${String(found?.id)}/referrals`
        const referral = (await ask('GET', path)).find(({ service_record_id: row }) => String(row).endsWith(end))
        await ask('PATCH', `${path}/${String(referral?.id)}`, { status: 'accepted' })
      })
    },

    async close() {
      await Promise.all([toPrimero.close(), toDtp.close()])
    },
  }
}

const changed = 'order_by=last_updated_at&order=asc&per=1000'
const matchFields = 'case_id,unhcr_individual_no,status,record_state'
const caseFields = `${matchFields},owned_by,services_section,name_first,name_last,sex,date_of_birth,age,language`
const sentFields = `${caseFields},consent_for_services,disclosure_other_orgs,unhcr_export_opt_in,address_current`

async function inLanes<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = []
  const left = [...items]
  const lane = async () => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) results.push(await work(item))
  }
  await Promise.all(Array.from({ length: recordsAtOnce }, lane))
  return results
}

function rowsOf(value: unknown): readonly Row[] {
  return Array.isArray(value) ? (value as readonly Row[]) : []
}

const anyNamespace = '6ba7b810-9dad-11d1-80b4-00c04fd430c8'

/** The case that the exchange makes of `referralMessage(n)`, written down. */
function plainCase(n: number) {
  const number = interventionNumber(n)
  return {
    id: uuidV5(`case ${number}`, anyNamespace),
    module_id: 'primeromodule-cp',
    status: 'open',
    owned_by: 'cw1',
    unhcr_individual_no: `990-0${number.slice(-7)}`,
    unhcr_id_no: `990-26-${number.slice(-7)}`,
    name_first: 'Nyakuoth',
    name_last: 'Gatdet',
    date_of_birth: '2012-07-19',
    age: 14,
    sex: 'female',
    address_current: 'Gambela Kule',
    language: ['language2'],
    services_section: [
      {
        unique_id: uuidV5(`service ${number}`, anyNamespace),
        service_type: 'alternative_care',
        service_request_external: true,
        service_request_title: 'Protection Associate',
        service_request_email: 'officer.one@example.org',
        service_request_phone: '+251900000001',
        service_request_agency: 'UNHCR',
        service_implementing_agency: 'UNICEF',
        service_response_type: 'service_provision',
        service_response_day_time: '2026-05-04T00:00:00Z',
        service_referral: 'external_referral',
        service_referral_notes: 'Foster placement ends in June',
        unhcr_referral_status: 'pending',
        progres_interventionnumber: number,
      },
    ],
  }
}

function referralBody(row: Row, referral: Row, contact: Row): Row {
  const service = rowsOf(row.services_section).find(({ unique_id }) => unique_id === referral.service_record_id) ?? {}
  return {
    request_type: 'ReceiveIncomingReferral',
    id: `${String(row.case_id)}#${String(service.unique_id).slice(-12)}`,
    primero_user: row.owned_by,
    full_name: contact.full_name,
    position: contact.position,
    email: contact.email,
    phone: contact.phone,
    owned_by_agency_id: 'UNICEF',
    service_implementing_agency: 'UNICEF',
    service_response_day_time: service.service_response_day_time,
    service_type: 'Alternative Care',
    service_referral_notes: service.service_referral_notes,
    unhcr_individual_no: row.unhcr_individual_no,
    name_first: row.name_first,
    name_last: row.name_last,
    date_of_birth: row.date_of_birth,
    sex: row.sex,
    address_current: row.address_current,
    language: 'Nuer',
  }
}
