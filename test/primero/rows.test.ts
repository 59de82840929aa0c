import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type PrimeroClient, primero } from '../../src/adaptors/language-primero/client.ts'
import { type PrimeroSimulator, startPrimero } from '../../src/simulator/primero/server.ts'
import { configurationFor, failureOf, json, list, serve } from './server.ts'

const id = '0b6f9f0e-6c5f-4a57-9d0e-1d1f6a1c7b10'
const other = '1c6f9f0e-6c5f-4a57-9d0e-1d1f6a1c7b11'
const number = '803-00000001'

describe('with the simulator', () => {
  let simulator: PrimeroSimulator
  let client: PrimeroClient

  const start = async (account: Parameters<typeof startPrimero>[0] = {}) => {
    await simulator?.close()
    simulator = await startPrimero({ seed: { cases: [], referrals: [] }, ...account })
    client = primero({ url: simulator.url, ...simulator.account })
  }
  beforeEach(() => start())
  afterEach(() => simulator.close())

  const add = (caseId: string, more: Record<string, string | boolean> = {}) =>
    simulator.content.addCase({ id: caseId, module_id: 'primeromodule-cp', owned_by: 'cw1', ...more })

  test('every case with the number is found, a disabled one too, and no other', async () => {
    add(id, { unhcr_individual_no: number })
    add(other, { unhcr_individual_no: number, record_state: false })
    add('2c6f9f0e-6c5f-4a57-9d0e-1d1f6a1c7b12', { unhcr_individual_no: '803-00000002' })

    const found = await client.casesWhere('unhcr_individual_no', number, { fields: ['status'] })

    expect(found.map((row) => [row.id, row.enabled]).sort()).toEqual([
      [id, true],
      [other, false],
    ])
    expect(await client.casesWhere('unhcr_individual_no', '803-99999999')).toEqual([])
  })

  test('a role without the form: Primero answers with the whole caseload, and nothing of it is believed', async () => {
    await start({ account: { filterable: [] } })
    add(id, { unhcr_individual_no: number })
    add(other, { unhcr_individual_no: '803-00000002' })

    const error = await failureOf(client.casesWhere('unhcr_individual_no', number))

    expect(error).toMatchObject({ code: 'FILTER_IGNORED', retry: 'never', fields: ['unhcr_individual_no'] })
  })

  test.each([
    ['unhcr_individual_no', '', 'FIELDS_MISSING'],
    ['unhcr_individual_no', '  ', 'FIELDS_MISSING'],
    ['unhcr_individual_no', 'a"b', 'FIELDS_INVALID'],
    ['unhcr_individual_no', 'a\\b', 'FIELDS_INVALID'],
    ['unhcr_individual_no', '1..2', 'FIELDS_INVALID'],
    ['case_id', 'a,b', 'FIELDS_INVALID'],
    ['case_id', ' a', 'FIELDS_INVALID'],
    ['case_id', 'x'.repeat(101), 'FIELDS_INVALID'],
    ['cpims_id', '123', 'FIELDS_INVALID'],
    ['cpims_id', '2026-05-04', 'FIELDS_INVALID'],
  ])('D12: an empty %s reached the search; %o is refused without asking', async (field, value, code) => {
    const error = await failureOf(client.casesWhere(field, value))

    expect(error).toMatchObject({ code, retry: 'never', fields: [field] })
    if (value.trim().length > 1) expect(error.message).not.toContain(value)
    expect(simulator.requests).toHaveLength(0)
  })

  test('created once with an id of ours; the second time says so, and a case_id is no record id', async () => {
    const data = { id, module_id: 'primeromodule-cp', name_first: 'Nyakim', owned_by: 'cw1' }

    expect(await client.createCase(data)).toEqual({ created: true })
    expect(await client.createCase(data)).toEqual({ created: false })

    const stored = await client.getCase(id, { fields: ['name_first', 'case_id'] })
    expect(stored?.name_first).toBe('Nyakim')
    expect(await client.getCase(String(stored?.case_id))).toBeUndefined()
    expect(await client.getCase(other)).toBeUndefined()
  })

  test('without an id the new case is shown; without module_id nothing is sent', async () => {
    const result = await client.createCase({ module_id: 'primeromodule-cp', name_first: 'Nyakim' })
    const error = await failureOf(client.createCase({ name_first: 'Nyakim' }))

    expect(result).toMatchObject({ created: true, case: { name_first: 'Nyakim' } })
    expect(error).toMatchObject({ code: 'CONFIGURATION', fields: ['module_id'] })
    expect(simulator.requests).toHaveLength(1)
  })

  test('null for a list of rows is refused: old releases delete them all', async () => {
    add(id)

    const error = await failureOf(client.patchCase(id, { services_section: null }))

    expect(error).toMatchObject({ code: 'FIELDS_INVALID', fields: ['services_section'] })
  })

  test('an unknown code is PRIMERO_REJECTED with the field', async () => {
    add(id)

    const error = await failureOf(client.patchCase(id, { sex: 'no_such_code' }))

    expect(error).toMatchObject({ code: 'PRIMERO_REJECTED', retry: 'never', reach: 'refused', fields: ['sex'] })
  })

  test('a change of a referral that is not allowed comes back with the old status', async () => {
    simulator.content.addUser({ user_name: 'unhcr_cw', role_unique_id: 'role-cp-service-provider' })
    add(id, { consent_for_services: true, disclosure_other_orgs: true })
    const [made] = await client.createReferrals({ ids: [id], transitioned_to: 'unhcr_cw' })
    const referralId = String(made?.id)

    const accepted = await client.patchReferral(id, referralId, { status: 'accepted' })
    const rejected = await client.patchReferral(id, referralId, { status: 'rejected', rejected_reason: 'other' })

    expect([accepted.status, rejected.status]).toEqual(['accepted', 'accepted'])
    expect(await client.getReferrals(id)).toMatchObject([{ id: referralId, status: 'accepted' }])
  })

  test('D66: all users were loaded; one is asked for, by name, however it is capitalised', async () => {
    simulator.content.addUser({ user_name: 'cw7', email: 'cw7@example.org' })

    const found = await client.findUser('CW7')

    expect(found).toMatchObject({ user_name: 'cw7', email: 'cw7@example.org' })
    expect(await client.findUser('nobody')).toBeUndefined()
    expect(simulator.requests.every((one) => one.query.get('user_name') !== null)).toBe(true)
  })

  test('forms, lookups, locations, the version and the time', async () => {
    simulator.clock.freeze('2026-05-04T08:19:31.700Z')

    const [forms, lookups, locations] = await Promise.all([client.forms(), client.lookups(), client.locations()])

    expect([forms, lookups, locations].map((rows) => rows.length > 0)).toEqual([true, true, true])
    expect(await client.version()).toMatch(/^2\.15/)
    expect(await client.serverTime()).toBe('2026-05-04T08:19:31Z')
  })
})

test('one row with another number among right ones is enough to stop', async () => {
  const rows = [
    { id, unhcr_individual_no: number },
    { id: other, unhcr_individual_no: '803-00000002' },
  ]
  const { url } = await serve((_, response) => list(response, rows))

  const error = await failureOf(primero(configurationFor(url)).casesWhere('unhcr_individual_no', number))

  expect(error).toMatchObject({ code: 'FILTER_IGNORED', retry: 'never' })
})

test('several pages of hits are all read', async () => {
  const rows = Array.from({ length: 25 }, (_, index) => ({ id: `case-${index}`, case_id: 'x' }))
  const { url, seen } = await serve((one, response) => {
    const start = (Number(new URL(one.url, 'http://x').searchParams.get('page')) - 1) * 10
    json(response, { data: rows.slice(start, start + 10), metadata: { total: 25, per: 10, page: 1 } })
  })

  expect(await primero(configurationFor(url)).casesWhere('case_id', 'x')).toHaveLength(25)
  expect(seen).toHaveLength(3)
})

test('user names with @ and + arrive as they are; ids that would leave the path are refused', async () => {
  const { url, seen } = await serve((_, response) => list(response, []))
  const client = primero(configurationFor(url))

  await client.findUser('intake+1@example.org')
  const error = await failureOf(client.getCase('../users'))

  expect(seen[0]?.url).toContain('user_name=intake+1@example.org')
  expect(error).toMatchObject({ code: 'FIELDS_INVALID' })
  expect(seen).toHaveLength(1)
})

test('an ignored user_name filter is not mistaken for an unknown user', async () => {
  const users = Array.from({ length: 500 }, (_, index) => ({ user_name: `u${index}` }))
  const { url, seen } = await serve((one, response) => {
    const start = (Number(new URL(one.url, 'http://x').searchParams.get('page')) - 1) * 100
    json(response, { data: users.slice(start, start + 100), metadata: { total: 500, per: 100, page: 1 } })
  })

  const error = await failureOf(primero(configurationFor(url)).findUser('cw1'))

  expect(error).toMatchObject({ code: 'FILTER_IGNORED', fields: ['user_name'] })
  expect(seen).toHaveLength(2)
})

test('lookups that do not add up to their total are not taken for all of them', async () => {
  const { url } = await serve((_, response) =>
    json(response, { data: [{ unique_id: 'lookup-gender' }], metadata: { total: 2, per: 1, page: 1 } }),
  )

  expect(await failureOf(primero(configurationFor(url)).lookups())).toMatchObject({ code: 'REMOTE_NONSENSE' })
})
