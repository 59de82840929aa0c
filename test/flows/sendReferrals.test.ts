import { describe, expect, it } from 'vitest'
import { outcomesOf, type Stage, setStage } from './stage.ts'

const child = {
  unhcr_individual_no: '990-00000071',
  name_first: 'Akello',
  name_last: 'Example',
  sex: 'female',
  date_of_birth: '2015-06-01',
  age: 11,
  address_current: 'Zone A, block 2',
  telephone_current: '+251900000077',
  language: ['language8'],
}

describe('get-referrals and send-referrals', () => {
  it('sends a referral to the UNHCR user once, with exactly the agreed fields and the contact of the owner', async () => {
    const stage = await looking()
    const { caseId, service, id } = refer(stage)

    const runs = await stage.run('send-referrals')
    await stage.run('send-referrals')

    expect(outcomesOf(runs)).toEqual({ [id]: 'delivered DELIVERED' })
    expect(stage.dtp.received).toHaveLength(1)
    expect(stage.dtp.received[0]?.body).toEqual({
      request_type: 'ReceiveIncomingReferral',
      id: `${stage.primero.content.case(caseId)?.case_id}#${service.slice(-12)}`,
      primero_user: 'cw1',
      full_name: 'Case Worker One',
      position: 'Case Worker',
      email: 'cw1@example.org',
      phone: '+251900000001',
      owned_by_agency_id: stage.settings.agencies.referring_to_unhcr,
      service_implementing_agency: stage.settings.agencies.named_to_unhcr,
      service_response_day_time: '2026-05-04T09:00:00.000Z',
      service_type: 'Alternative Care',
      service_type_other: null,
      service_referral_notes: 'Primero referral',
      unhcr_individual_no: '990-00000071',
      name_first: 'Akello',
      name_last: 'Example',
      name_middle: null,
      name_nickname: null,
      date_of_birth: '2015-06-01',
      sex: 'female',
      address_current: 'Zone A, block 2',
      telephone_current: '+251900000077',
      language: 'Somali',
    })
  })

  it('D54: revoked referrals were sent; one that is revoked before the run is not', async () => {
    const stage = await looking()
    const { id } = refer(stage)
    stage.primero.people.revoke(id)

    await stage.run('send-referrals')

    expect(stage.dtp.received).toEqual([])
  })

  it('D55: consent was never read; without it nothing is sent, and when it is given the referral goes', async () => {
    const stage = await looking()
    const { id, caseId } = refer(stage)
    stage.primero.people.edit(caseId, { disclosure_other_orgs: false })

    expect(outcomesOf(await stage.run('send-referrals'))).toEqual({ [id]: 'refused CONSENT_MISSING' })
    expect(await stage.store.records.list({ outcome: 'refused' })).toMatchObject([{ key: id, code: 'CONSENT_MISSING' }])
    stage.primero.people.edit(caseId, { disclosure_other_orgs: true })

    expect(outcomesOf(await stage.run('send-referrals'))).toEqual({ [id]: 'delivered DELIVERED' })
    expect(await stage.store.records.list({})).toEqual([])
  })

  it('consent that is withdrawn while a referral waits for a retry keeps it here', async () => {
    const stage = await looking()
    const { id, caseId } = refer(stage)
    stage.dtp.faults.add({ what: { kind: 'answer', status: 503 } })
    expect(outcomesOf(await stage.run('send-referrals'))).toEqual({ [id]: 'waiting REMOTE_DOWN' })
    stage.primero.people.withdrawConsent(caseId)

    stage.later(10_000)

    expect(outcomesOf(await stage.work())).toEqual({ [id]: 'refused CONSENT_MISSING' })
    expect(stage.dtp.received).toEqual([])
  })

  it.each([
    ['cut after the body was read', { kind: 'reset', when: 'before-answering', applied: true }],
    ['answered with 500', { kind: 'answer', status: 500, applied: true }],
    ['answered with 504', { kind: 'answer', status: 504, applied: true }],
  ] as const)('a new referral whose post is %s is in doubt and not sent again', async (_, what) => {
    const stage = await looking()
    const { id } = refer(stage)
    stage.dtp.faults.add({ what })

    const runs = await stage.run('send-referrals')
    stage.later(80 * 3_600_000)
    await stage.run('send-referrals')

    expect(outcomesOf(runs)).toEqual({ [id]: 'in_doubt IN_DOUBT' })
    expect(runs[0]?.alerts).toEqual([{ code: 'IN_DOUBT', record: id }])
    expect(stage.dtp.received).toHaveLength(1)
  })

  it.each([
    ['was revoked', (stage: Stage, id: string) => stage.primero.people.revoke(id)],
    ['lost its consent', (stage: Stage, _: string, caseId: string) => stage.primero.people.withdrawConsent(caseId)],
  ])('a referral whose post was under way when the process died, and that %s since, is in doubt', async (_, since) => {
    const stage = await looking()
    const { id, caseId } = refer(stage)
    const effect = `dtp/referral/${id}`
    const intent = { key: effect, state: 'intent', fingerprint: null, detail: caseId } as const
    await stage.store.ledger.write({ ...intent, updated_at: stage.now().toISOString() })
    since(stage, id, caseId)

    const runs = await stage.run('send-referrals')

    expect(outcomesOf(runs)).toEqual({ [id]: 'in_doubt IN_DOUBT' })
    expect(await stage.store.ledger.find(effect)).toMatchObject({ state: 'in_doubt' })
    expect(await stage.store.records.list({})).toMatchObject([{ key: id, outcome: 'in_doubt', ids: { effect } }])

    await stage.store.ledger.settle(effect, false, stage.now())
    await stage.work()

    expect(await stage.store.records.list({})).toMatchObject([{ key: id, outcome: 'refused', due_at: null }])
    expect(stage.dtp.received).toEqual([])
  })

  it('a referral that DTP refused is not sent again at every look, but when the case changes or a person asks', async () => {
    const stage = await looking()
    const { id, caseId } = refer(stage)
    stage.dtp.faults.add({ times: 3, what: { kind: 'answer', status: 400 } })
    const posts = () => stage.dtp.requests.filter(({ method }) => method === 'POST').length
    const tick = async () => {
      await stage.store.entries.accept({ workflow: 'send-referrals', kind: 'tick', locks: [], now: stage.now() })
      return outcomesOf(await stage.work())
    }

    expect(await tick()).toEqual({ [id]: 'refused REFERRAL_REFUSED' })
    expect(await tick()).toEqual({ [id]: 'refused REFERRAL_REFUSED' })
    expect(posts()).toBe(1)
    stage.primero.people.edit(caseId, { address_current: 'Zone C' })
    await tick()
    expect(posts()).toBe(2)
    await stage.run('send-referrals')
    expect(posts()).toBe(3)
  })

  it('a referral in doubt is sent again when a person says that it did not arrive', async () => {
    const stage = await looking()
    const { id } = refer(stage)
    stage.dtp.faults.add({ what: { kind: 'reset', when: 'before-answering' } })
    await stage.run('send-referrals')

    expect(await stage.store.ledger.settle(`dtp/referral/${id}`, false, stage.now())).toBe(true)

    expect(outcomesOf(await stage.work())).toEqual({ [id]: 'delivered DELIVERED' })
    expect(stage.dtp.received).toHaveLength(1)
  })

  it('a country that knows that a repeat is safe sends again by itself', async () => {
    const stage = await looking({ dtp: { repeat_is_safe: true } })
    const { id } = refer(stage)
    stage.dtp.faults.add({ what: { kind: 'answer', status: 504 } })
    expect(outcomesOf(await stage.run('send-referrals'))).toEqual({ [id]: 'waiting REMOTE_DOWN' })

    stage.later(10_000)

    expect(outcomesOf(await stage.work())).toEqual({ [id]: 'delivered DELIVERED' })
  })

  it('D72: the cursor was saved before the sending failed; after an outage of DTP every referral is sent once', async () => {
    const stage = await looking()
    const ids = Array.from({ length: 5 }, () => refer(stage).id)
    const outage = stage.dtp.faults.add({ times: Number.POSITIVE_INFINITY, what: { kind: 'answer', status: 503 } })

    await stage.run('send-referrals')
    outage.remove()
    stage.later(10_000)
    await stage.work()

    expect(stage.dtp.received).toHaveLength(5)
    expect(await stage.store.ledger.done(ids.map((id) => `dtp/referral/${id}`))).toHaveProperty('size', 5)
  })

  it.each([
    [
      'D62, D63: unmapped service types were sent without a type',
      { service: { service_type: 'durable_solution' } },
      'SERVICE_TYPE_HELD',
    ],
    ['D52: a referral without a service row was skipped', { noService: true }, 'SERVICE_ROW_MISSING'],
    ['D74: children without minimum data were sent', { fields: { date_of_birth: null } }, 'MINIMUM_DATA_MISSING'],
    ['the opt-out from UNHCR was ignored', { fields: { unhcr_export_opt_in: false } }, 'EXPORT_OPTED_OUT'],
  ])('%s; it is held, and shown with its code', async (_, changes, code) => {
    const stage = await looking()
    const { id } = refer(stage, changes)

    expect(outcomesOf(await stage.run('send-referrals'))).toEqual({ [id]: `refused ${code}` })
    expect(stage.dtp.received).toEqual([])
  })

  it('D53: a referral to somebody else is never sent', async () => {
    const stage = await looking()
    const { caseId, service } = refer(stage)
    stage.primero.people.refer(caseId, service, 'cw2')

    await stage.run('send-referrals')

    expect(stage.dtp.received).toHaveLength(1)
  })

  it('a second referral of the same service is sent again with the same id', async () => {
    const stage = await looking()
    const { id, caseId, service } = refer(stage)
    await stage.run('send-referrals')
    stage.primero.people.revoke(id)
    stage.primero.people.refer(caseId, service, stage.settings.unhcr_user)

    await stage.run('send-referrals')

    expect(stage.dtp.received).toHaveLength(2)
    expect(stage.dtp.received[1]?.body.id).toBe(stage.dtp.received[0]?.body.id)
  })
})

async function looking(settings = {}): Promise<Stage> {
  const stage = await setStage({ settings })
  await stage.run('send-referrals')
  return stage
}

interface Changes {
  readonly fields?: Record<string, unknown>
  readonly service?: Record<string, unknown>
  readonly noService?: boolean
}

/** A case worker registers a child and refers one service of hers to UNHCR. */
function refer({ primero, settings }: Stage, { fields = {}, service = {}, noService = false }: Changes = {}) {
  const { people } = primero
  const registered = people.registerCase({ ...child, ...fields } as never)
  const row = people.addService(registered.id, {
    service_type: 'alternative_care',
    service_response_type: 'service_provision',
    service_implementing_agency: 'UNHCR',
    service_response_day_time: '2026-05-04T09:00:00.000Z',
    ...service,
  } as never)
  const unique = String(row.unique_id)
  const referral = people.refer(registered.id, noService ? undefined : unique, settings.unhcr_user)
  return { caseId: registered.id, service: unique, id: referral.id }
}
