import { describe, expect, test } from 'vitest'
import { answerOf, ask, child, primero, unhcr, uuid } from './ask.ts'

const old = (seed: readonly never[] = [child(1)], options: object = {}) =>
  primero({ profile: '2.6', seed: { cases: seed }, ...options })

describe('Primero 2.6', () => {
  test('gives a token that opens for an hour', async () => {
    const simulator = await old()
    simulator.clock.freeze('2026-05-04T08:00:00Z')
    const login = await answerOf(
      await fetch(`${simulator.url}/api/v2/tokens`, {
        method: 'POST',
        body: JSON.stringify({ user: { user_name: 'openfn_api', password: 'an-invented-password' } }),
      }),
    )
    const asBearer = () => ask(simulator, 'GET cases', undefined, { authorization: `Bearer ${login.body.token}` })

    expect(login.body).toMatchObject({ id: expect.any(Number), user_name: 'openfn_api' })
    expect(login.headers.get('authorization')).toBe(`Bearer ${login.body.token}`)
    expect((await asBearer()).status).toBe(200)
    simulator.clock.advance(60 * 60_000)
    expect((await asBearer()).status).toBe(401)
  })

  test('trap 14: refuses unknown fields with their pointers', async () => {
    const simulator = await old()

    const { status, body } = await ask(simulator, `PATCH cases/${uuid(1)}`, { foo: 1, services_section: [{ bar: 1 }] })

    expect(status).toBe(422)
    expect(body.errors[0].detail).toEqual(['/foo', '/services_section/0/bar'])
  })

  test('trap 15: stores unknown codes', async () => {
    const simulator = await old()

    const { status } = await ask(simulator, `PATCH cases/${uuid(1)}`, { sex: 'Female' })

    expect([status, simulator.content.case(uuid(1))?.sex]).toEqual([200, 'Female'])
  })

  test('trap 10: null wipes a subform', async () => {
    const simulator = await old([child(1, { services_section: [{ unique_id: uuid(501), service_type: 'food' }] })])

    await ask(simulator, `PATCH cases/${uuid(1)}`, { services_section: null })

    expect(simulator.content.case(uuid(1))?.services_section).toBeNull()
  })

  test('trap 8: accepting a referral does not touch the case', async () => {
    const simulator = await old()
    const referral = simulator.people.refer(uuid(1), undefined, unhcr)
    const before = simulator.content.case(uuid(1))
    simulator.clock.advance(60_000)

    const { body } = await ask(simulator, `PATCH cases/${uuid(1)}/referrals/${referral.id}`, { status: 'accepted' })

    expect(body.data.status).toBe('accepted')
    expect(simulator.content.case(uuid(1))).toBe(before)
  })

  test('has no cap on `per`, reads `f[]=`, and fails on a range without a beginning', async () => {
    const simulator = await old([child(1, { sex: 'male' }), child(2, { sex: 'female' })])

    expect((await ask(simulator, 'GET cases?per=2000')).body.metadata.per).toBe(2000)
    expect((await ask(simulator, 'GET cases?sex[]=male')).body.metadata.total).toBe(1)
    expect((await ask(simulator, 'GET cases?last_updated_at=..2026-01-01T00:00:00Z')).status).toBe(500)
  })

  test('lets a PATCH change case_id, and an empty POST fails after the case was saved', async () => {
    const simulator = await old()

    await ask(simulator, `PATCH cases/${uuid(1)}`, { case_id: 'changed' })
    const { status } = await ask(simulator, 'POST cases', '{}')

    expect(simulator.content.case(uuid(1))?.case_id).toBe('changed')
    expect([status, simulator.content.cases().length]).toEqual([500, 2])
  })

  test('tells its version', async () => {
    const simulator = await old()

    expect((await ask(simulator, 'GET contact_information')).body.data.system_version).toMatch(/^2\.6/)
  })
})
