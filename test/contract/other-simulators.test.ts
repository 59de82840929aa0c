import { randomUUID } from 'node:crypto'
import { afterAll, describe, expect, test } from 'vitest'
import { decision, newChild, type Row, referrals } from './messages.ts'
import { type Manners, save, startPlainSystems } from './plainSystems.ts'
import { startSite } from './site.ts'
import { services } from './systems.ts'
import { until } from './until.ts'

const worker = {
  id: 7,
  user_name: 'cw1',
  full_name: 'Case Worker One',
  position: 'Case Worker',
  email: 'worker@example.org',
  phone: '+251900000007',
}
const json = 'application/json'
const manners: Readonly<Record<string, Manners>> = {
  'a total alone beside the data, and a DTP that says 202 without a body': {
    metadata: (total) => ({ total }),
    contentType: json,
    created: 200,
    patched: 'whole',
    dtp: { status: 202, body: '' },
  },
  'no metadata, no content type, and a DTP that says OK as text': {
    metadata: () => undefined,
    contentType: undefined,
    created: 201,
    patched: 'sent',
    dtp: { status: 200, body: 'OK', contentType: 'text/plain' },
  },
  'the length of pages without a total, empty answers to writes, and a DTP that says 204': {
    metadata: () => ({ page: 1, per: 20 }),
    contentType: `${json}; charset=utf-8`,
    created: 204,
    patched: 'nothing',
    dtp: { status: 204, body: '' },
  },
}

const [
  first = {
    metadata: () => undefined,
    contentType: json,
    created: 200,
    patched: 'whole',
    dtp: { status: 200, body: '' },
  },
] = Object.values(manners)
const systems = await startPlainSystems(worker, first)
const site = await startSite({ env: { PRIMERO_URL: systems.primeroUrl, DTP_URL: `${systems.dtpUrl}/primero` } })
await site.run('send-decisions')
await site.run('send-referrals')
afterAll(async () => {
  await site.close()
  await systems.close()
})

const told = (number: string) =>
  systems.received.filter(({ progres_interventionnumber }) => progres_interventionnumber === number)
const caseOf = (individualNo: string) =>
  [...systems.cases.values()].filter(({ unhcr_individual_no }) => unhcr_individual_no === individualNo)

describe.each(Object.keys(manners))('a Primero and a DTP of other people, with %s', (name) => {
  test('all flows work', async () => {
    systems.behave(manners[name] ?? first)
    const [fresh, known] = [newChild(), newChild()]
    save(systems.cases, randomUUID(), {
      unhcr_individual_no: known.individualNo,
      owned_by: 'cw1',
      module_id: 'primeromodule-cp',
      name_first: 'Typed',
    })

    // In: a new child and a known one, twice.
    const message = referrals(fresh.row(), known.row())
    const { id, state, records } = await site.deliver(message)
    expect(await site.post(message)).toBe(id)
    expect({ state, records }).toMatchObject({
      state: 'done',
      records: { [fresh.number]: 'delivered DELIVERED', [known.number]: 'delivered DELIVERED' },
    })
    for (const { number, individualNo } of [fresh, known]) {
      const [found, ...others] = caseOf(individualNo)
      expect(others).toEqual([])
      expect(services(found ?? {})).toHaveLength(1)
      expect(told(number)).toEqual([
        {
          status: 'Pending Acknowledgement',
          primero_user: found?.owned_by,
          case_id: found?.case_id,
          progres_interventionnumber: number,
        },
      ])
    }

    // The decision on it goes out.
    const [made] = caseOf(fresh.individualNo) as [Row]
    const [row] = services(made) as [Row]
    save(systems.cases, String(made.id), { services_section: [{ ...row, unhcr_referral_status: 'accepted' }] })
    const decided = await site.run('send-decisions')
    expect(decided.outcomes[fresh.number]).toBe('delivered DELIVERED')
    expect(told(fresh.number)[1]).toMatchObject({ status: 'acknowledged', case_id: made.case_id })

    // A referral goes out, once.
    const child = save(systems.cases, randomUUID(), {
      name_first: 'Akello',
      sex: 'female',
      date_of_birth: '2015-06-01',
      owned_by: 'cw1',
      consent_for_services: true,
      disclosure_other_orgs: true,
      associated_user_names: ['cw1', site.settings.unhcr_user],
      services_section: [
        { unique_id: randomUUID(), service_type: 'food', service_response_day_time: '2026-05-04T08:00:00.000Z' },
      ],
    })
    const [service] = services(child) as [Row]
    const referral = {
      id: randomUUID(),
      type: 'Referral',
      status: 'in_progress',
      record_id: child.id,
      transitioned_to: site.settings.unhcr_user,
      service_record_id: service.unique_id,
      created_at: new Date().toISOString(),
    }
    systems.referrals.set(String(child.id), [referral])
    const sent = await site.run('send-referrals')
    expect(sent.outcomes).toMatchObject({ [referral.id]: 'delivered DELIVERED' })
    const again = await site.run('send-referrals')
    expect(again.outcomes).not.toHaveProperty(referral.id)
    const referralId = `${String(child.case_id)}#${String(service.unique_id).slice(-12)}`
    const bodies = systems.received.filter((body) => body.id === referralId)
    expect(bodies).toEqual([expect.objectContaining({ full_name: worker.full_name, primero_user: 'cw1' })])

    // UNHCR's decision on it comes in.
    const answered = await site.deliver(decision(referralId))
    expect(answered).toMatchObject({ state: 'done', records: { [referralId]: 'delivered DELIVERED' } })
    await until('the status', () =>
      systems.referrals.get(String(child.id))?.[0]?.status === 'accepted' ? true : undefined,
    )
  })
})
