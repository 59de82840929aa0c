import { describe, expect, test } from 'vitest'
import type { PrimeroSimulator } from '../../src/simulator/primero/server.ts'
import { ask, child, primero, unhcr, uuid } from './ask.ts'

const service = { unique_id: uuid(501), service_type: 'food' }
const start = (fields: object = {}) =>
  primero({ seed: { cases: [child(1, { services_section: [service], ...fields }), child(2)] } })
const refer = (simulator: PrimeroSimulator, data: object = {}) =>
  ask(simulator, `POST cases/${uuid(1)}/referrals`, { transitioned_to: unhcr, service_record_id: uuid(501), ...data })

describe('making a referral', () => {
  test('assigns the receiver, marks the service row, touches the case and answers the change', async () => {
    const simulator = await start()
    simulator.clock.freeze('2026-05-04T08:19:31.110Z')

    const { status, body } = await refer(simulator, { service: 'food', notes: 'Please', unknown: 'dropped' })

    expect(status).toBe(200)
    expect(body.data).toMatchObject({
      type: 'Referral',
      status: 'in_progress',
      record_id: uuid(1),
      record_type: 'case',
      transitioned_by: 'openfn_api',
      transitioned_to: unhcr,
      transitioned_to_user_agency: 'UNHCR',
      service_record_id: uuid(501),
      record_access_denied: false,
      user_can_accept_or_reject: false,
      record: { id: uuid(1), enabled: true, assigned_user_names: [unhcr], last_updated_at: '2026-05-04T08:19:31.110Z' },
    })
    expect(body.data).not.toHaveProperty('transitioned_to_agency')
    expect(body.data.record.services_section[0].service_status_referred).toBe(true)
    expect(simulator.content.case(uuid(1))?.associated_user_names).toEqual(['cw1', unhcr])
  })

  test('trap 21: sent twice it makes two; an unknown receiver is 500; nobody refers to himself', async () => {
    const simulator = await start()

    await refer(simulator)
    await refer(simulator)
    const unknown = await refer(simulator, { transitioned_to: 'nobody' })
    const self = await refer(simulator, { transitioned_to: 'openfn_api' })

    expect(simulator.content.referralsOf(uuid(1))).toHaveLength(2)
    expect(unknown.status).toBe(500)
    expect(self.status).toBe(422)
    expect(self.body.errors[0]).toMatchObject({
      detail: 'transitioned_to',
      message: ['transition.errors.to_user_can_receive'],
    })
  })

  test.each([
    ['both given', { consent_for_services: true, disclosure_other_orgs: true }, {}, 200],
    ['one withheld', { consent_for_services: true, disclosure_other_orgs: false }, {}, 422],
    ['never asked', { consent_for_services: null, disclosure_other_orgs: null }, {}, 422],
    ['overridden', { consent_for_services: false, disclosure_other_orgs: false }, { consent_overridden: true }, 200],
  ])('consent %s', async (_, consent, sent, status) => {
    const simulator = await start(consent)

    const answer = await refer(simulator, sent)

    expect(answer.status).toBe(status)
    if (status === 422)
      expect(answer.body.errors[0]).toMatchObject({ detail: 'consent', message: ['transition.errors.consent'] })
  })

  test('trap 22: in bulk an unknown id stops all, a refusal leaves the earlier ones made', async () => {
    const cases = [child(1), child(2, { disclosure_other_orgs: false }), child(3)]
    const simulator = await primero({ seed: { cases } })
    const bulk = (ids: readonly string[]) => ask(simulator, 'POST cases/referrals', { ids, transitioned_to: unhcr })

    const unknown = await bulk([uuid(1), uuid(99)])
    expect([unknown.status, simulator.content.referrals().length]).toEqual([404, 0])
    const refused = await bulk([uuid(1), uuid(2), uuid(3)])
    expect([refused.status, simulator.content.referrals().length]).toEqual([422, 1])
    const none = await ask(simulator, 'POST cases/referrals', { transitioned_to: unhcr })
    expect(none.body).toEqual({ data: [] })
  })

  test('a remote one assigns nobody, and a missing services section with a row id is 500', async () => {
    const simulator = await start()

    const { status, body } = await refer(simulator, {
      remote: true,
      transitioned_to: undefined,
      transitioned_to_agency: 'X',
    })
    const noSection = await ask(simulator, `POST cases/${uuid(2)}/referrals`, {
      transitioned_to: unhcr,
      service_record_id: uuid(501),
    })

    expect([status, body.data.remote, body.data.transitioned_to]).toEqual([200, true, undefined])
    expect(simulator.content.case(uuid(1))?.assigned_user_names).toBeUndefined()
    expect(noSection.status).toBe(500)
  })
})

describe('answering a referral', () => {
  const made = async (simulator: PrimeroSimulator) => (await refer(simulator)).body.data.id
  const patch = (simulator: PrimeroSimulator, id: string, data: object) =>
    ask(simulator, `PATCH cases/${uuid(1)}/referrals/${id}`, data)

  test.each([
    [['accepted'], 'accepted'],
    [['rejected'], 'rejected'],
    [['done'], 'in_progress'],
    [['revoked'], 'in_progress'],
    [['nonsense'], 'in_progress'],
    [['accepted', 'rejected'], 'accepted'],
    [['accepted', 'done'], 'done'],
    [['rejected', 'accepted'], 'rejected'],
    [['accepted', 'accepted'], 'accepted'],
  ])('trap 19: %j always answers 200 and ends at %s', async (asked, end) => {
    const simulator = await start()
    const id = await made(simulator)

    let answer = await patch(simulator, id, { status: asked[0] })
    for (const status of asked.slice(1)) answer = await patch(simulator, id, { status })

    expect(answer.status).toBe(200)
    expect(answer.body.data.status).toBe(end)
  })

  test('accepting touches the case on 2.15, without becoming its last editor', async () => {
    const simulator = await start()
    const referral = simulator.people.refer(uuid(1), uuid(501), unhcr)
    simulator.clock.freeze('2030-01-01T00:00:00Z')

    const { body } = await patch(simulator, referral.id, { status: 'accepted' })

    expect(body.data.responded_at).toBe('2030-01-01T00:00:00.000Z')
    expect(simulator.content.case(uuid(1))).toMatchObject({
      last_updated_at: '2030-01-01T00:00:00.000Z',
      last_updated_by: 'cw1',
    })
  })

  test('trap 25: the reason stays on the referral, the service row and its status are untouched', async () => {
    const simulator = await start()
    const id = await made(simulator)
    const before = simulator.content.case(uuid(1))?.services_section

    const { body } = await patch(simulator, id, { status: 'rejected', rejected_reason: 'Not applicable', type: 'x' })

    expect(body.data).toMatchObject({ status: 'rejected', rejected_reason: 'Not applicable', type: 'Referral' })
    expect(simulator.content.case(uuid(1))?.services_section).toEqual(before)
    expect(simulator.content.case(uuid(1))?.assigned_user_names).toEqual([])
  })

  test('trap 23: a self-scoped receiver who rejects loses the case: no record in the answer, 403 afterwards', async () => {
    const account = { user: 'focal', visible: 'self' } as const
    const simulator = await primero({ seed: { cases: [child(1)] }, account })
    const referral = simulator.people.refer(uuid(1), undefined, 'focal')

    const before = await ask(simulator, `GET cases/${uuid(1)}`)
    const { body } = await patch(simulator, referral.id, { status: 'rejected' })
    const after = await ask(simulator, `GET cases/${uuid(1)}`)

    expect(before.body.data.permitted_forms).toBeDefined()
    expect(body.data.record_access_denied).toBe(true)
    expect(body.data).not.toHaveProperty('record')
    expect(after.status).toBe(403)
  })

  test('done marks the service as implemented, with the note', async () => {
    const simulator = await start()
    const id = await made(simulator)
    await patch(simulator, id, { status: 'accepted' })

    await patch(simulator, id, { status: 'done', rejection_note: 'Placed' })

    expect(simulator.content.case(uuid(1))?.services_section).toMatchObject([
      { service_implemented: 'implemented', note_on_referral_from_provider: 'Placed' },
    ])
  })

  test('trap 20: when consent was withdrawn, or the receiver disabled, the answer is 422', async () => {
    const simulator = await start()
    const id = await made(simulator)

    simulator.content.changeUser(unhcr, { disabled: true })
    const gone = await patch(simulator, id, { status: 'accepted' })
    simulator.content.changeUser(unhcr, { disabled: false })
    simulator.people.withdrawConsent(uuid(1))
    const withdrawn = await patch(simulator, id, { status: 'accepted' })

    expect([gone.status, gone.body.errors[0].detail]).toEqual([422, 'transitioned_to'])
    expect([withdrawn.status, withdrawn.body.errors[0].detail]).toEqual([422, 'consent'])
    expect(simulator.content.referral(id)?.status).toBe('in_progress')
  })

  test('DELETE revokes from any status; an unknown referral is 404', async () => {
    const simulator = await start()
    const id = await made(simulator)
    await patch(simulator, id, { status: 'accepted' })

    const { status, body } = await ask(simulator, `DELETE cases/${uuid(1)}/referrals/${id}`)
    const unknown = await patch(simulator, uuid(99), { status: 'accepted' })

    expect([status, body.data.status]).toEqual([200, 'revoked'])
    expect(simulator.content.case(uuid(1))?.assigned_user_names).toEqual([])
    expect(unknown.status).toBe(404)
  })

  test('the receiver keeps access while another referral to them is open', async () => {
    const simulator = await start()
    const id = await made(simulator)
    await refer(simulator)

    await patch(simulator, id, { status: 'rejected' })

    expect(simulator.content.case(uuid(1))?.assigned_user_names).toEqual([unhcr])
  })
})

test('the list of referrals is all of a case, with an empty service_record_id where none was chosen', async () => {
  const simulator = await primero()

  const { body } = await ask(simulator, `GET cases/${uuid(7)}/referrals`)
  const other = await ask(simulator, `GET cases/${uuid(1)}/referrals`)

  expect(body.data).toMatchObject([{ service_record_id: '', status: 'in_progress' }])
  expect(other.body.data.map((one: { status: string }) => one.status)).toEqual(['in_progress', 'revoked'])
  expect(body).not.toHaveProperty('metadata')
})
