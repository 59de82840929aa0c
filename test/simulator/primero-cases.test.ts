import { describe, expect, test } from 'vitest'
import { ask, child, primero, uuid } from './ask.ts'

const cp = { module_id: 'primeromodule-cp' }

describe('creating a case', () => {
  test('answers 200 with what was set, defaults, derived fields and row ids', async () => {
    const simulator = await primero({ seed: { cases: [] } })
    simulator.clock.freeze('2026-05-04T08:19:31.123Z')

    const data = { ...cp, name_first: 'Abeba', name_last: 'Example', services_section: [{ service_type: 'food' }] }
    const { status, body } = await ask(simulator, 'POST cases', data)

    expect(status).toBe(200)
    expect(body.data).toMatchObject({
      enabled: true,
      name: 'Abeba Example',
      status: 'open',
      workflow: 'new',
      registration_date: '2026-05-04',
      owned_by: 'openfn_api',
      created_by: 'openfn_api',
      associated_user_names: ['openfn_api'],
      created_at: '2026-05-04T08:19:31.123Z',
      last_updated_at: '2026-05-04T08:19:31.123Z',
    })
    expect(body.data.services_section[0]).toMatchObject({
      unique_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      service_type: 'food',
      service_implemented: 'not_implemented',
    })
    expect(body.data).not.toHaveProperty('flag_count')
    expect(body.data.case_id).not.toBe(body.data.id)
    expect(body.data.case_id.endsWith(body.data.short_id)).toBe(true)
  })

  test('trap 11: with an id it answers 204 without a body; sent again, 409', async () => {
    const simulator = await primero({ seed: { cases: [] } })
    const data = { id: uuid(1), ...cp, name_first: 'Abeba' }

    const first = await ask(simulator, 'POST cases', data)
    const second = await ask(simulator, 'POST cases', data)

    expect([first.status, first.body, first.headers.get('content-type')]).toEqual([204, '', null])
    expect(second.status).toBe(409)
    expect(second.body).toEqual({
      errors: [{ status: 409, resource: '/api/v2/cases', message: 'Conflict: A record with this id already exists' }],
    })
  })

  test('trap 11: a case_id that exists is a 409 too', async () => {
    const simulator = await primero({ seed: { cases: [child(1, { case_id: 'long' })] } })

    const { status } = await ask(simulator, 'POST cases', { ...cp, case_id: 'long' })

    expect(status).toBe(409)
  })

  test('trap 12: the URL takes the id, never the case_id', async () => {
    const simulator = await primero({ seed: { cases: [child(1, { case_id: uuid(77) })] } })

    const { status, body } = await ask(simulator, `GET cases/${uuid(77)}`)

    expect(status).toBe(404)
    expect(body.errors[0]).toMatchObject({ message: 'Not Found', detail: `Couldn't find Child with 'id'=${uuid(77)}` })
  })

  test('trap 13: without module_id every form field is lost, with 200, and a PATCH of them stays lost', async () => {
    const simulator = await primero({ seed: { cases: [] } })

    const { status, body } = await ask(simulator, 'POST cases', { name_first: 'Abeba', owned_by: 'cw1' })
    const path = `cases/${body.data.id}`
    await ask(simulator, `PATCH ${path}`, { ...cp, name_first: 'Abeba' })
    const patchedTogether = (await ask(simulator, `GET ${path}`)).body.data.name_first
    await ask(simulator, `PATCH ${path}`, { name_first: 'Abeba' })
    const patchedAfter = (await ask(simulator, `GET ${path}`)).body.data.name_first

    expect(status).toBe(200)
    expect(body.data).not.toHaveProperty('name_first')
    expect(body.data.owned_by).toBe('cw1')
    expect([patchedTogether, patchedAfter]).toEqual([undefined, 'Abeba'])
  })

  test('trap 14: unknown fields and subform keys, and fields the role may not write, are dropped with 200', async () => {
    const simulator = await primero({ seed: { cases: [] }, account: { writable: ['name_first', 'services_section'] } })

    const data = {
      ...cp,
      name_first: 'A',
      name_last: 'B',
      foo: 1,
      services_section: [{ service_type: 'food', foo: 1 }],
    }
    const { status, body } = await ask(simulator, 'POST cases', data)

    expect(status).toBe(200)
    expect(body.data).not.toHaveProperty('foo')
    expect(body.data).not.toHaveProperty('name_last')
    expect(body.data.services_section[0]).not.toHaveProperty('foo')
  })

  test('trap 27: an unknown owner leaves the case to nobody; on a PATCH the owner stays', async () => {
    const simulator = await primero({ seed: { cases: [child(1)] } })

    const created = await ask(simulator, 'POST cases', { ...cp, owned_by: 'nobody' })
    const patched = await ask(simulator, `PATCH cases/${uuid(1)}`, { owned_by: 'nobody' })

    expect([created.status, created.body.data.owned_by]).toEqual([200, null])
    expect(patched.status).toBe(200)
    expect(simulator.content.case(uuid(1))?.owned_by).toBe('cw1')
  })

  test('a known owner brings agency and groups, and a former owner is noted', async () => {
    const simulator = await primero({ seed: { cases: [child(1)] } })

    const { body } = await ask(simulator, `PATCH cases/${uuid(1)}`, { owned_by: 'cw2' })

    expect(body.data).toMatchObject({
      owned_by: 'cw2',
      owned_by_agency_id: 'PARTNER_X',
      previously_owned_by: 'cw1',
      associated_user_names: ['cw2'],
    })
  })

  test('without data it makes an empty case', async () => {
    const simulator = await primero({ seed: { cases: [] } })

    const { status } = await ask(simulator, 'POST cases', '{}')

    expect(status).toBe(200)
    expect(simulator.content.cases()).toHaveLength(1)
  })
})

describe('patching a case', () => {
  const stored = {
    unique_id: uuid(501),
    service_type: 'food',
    service_referral_notes: 'a',
    service_implemented: 'not_implemented',
  }
  const start = () => primero({ seed: { cases: [child(1, { services_section: [stored], language: ['language1'] })] } })

  test('trap 9: rows merge by unique_id, a new id is appended with it, a row without id is appended every time', async () => {
    const simulator = await start()
    const services_section = [
      { unique_id: uuid(501), service_referral_notes: 'b' },
      { service_type: 'shelter' },
      { unique_id: uuid(509), service_type: 'wash' },
    ]

    await ask(simulator, `PATCH cases/${uuid(1)}`, { services_section })
    const { body } = await ask(simulator, `PATCH cases/${uuid(1)}`, { services_section })

    const types = body.data.services_section.map((row: Record<string, unknown>) => row.service_type)
    expect(types).toEqual(['food', 'shelter', 'wash', 'shelter'])
    expect(body.data.services_section[0]).toEqual({ ...stored, service_referral_notes: 'b' })
    expect(body.data.services_section[2].unique_id).toBe(uuid(509))
  })

  test('trap 9: an empty list clears no subform, `_destroy` removes one row, null and omission change nothing', async () => {
    const simulator = await start()
    const rows = () => simulator.content.case(uuid(1))?.services_section

    await ask(simulator, `PATCH cases/${uuid(1)}`, { services_section: [] })
    await ask(simulator, `PATCH cases/${uuid(1)}`, { services_section: null })
    const before = rows()
    await ask(simulator, `PATCH cases/${uuid(1)}`, { services_section: [{ unique_id: uuid(501), _destroy: true }] })

    expect(before).toEqual([stored])
    expect(rows()).toEqual([])
  })

  test('trap 9: where nothing is stored the list is stored as sent, `_destroy` included', async () => {
    const simulator = await primero({ seed: { cases: [child(1)] } })

    const services_section = [{ unique_id: uuid(501), _destroy: true }]
    await ask(simulator, `PATCH cases/${uuid(1)}`, { services_section })

    expect(simulator.content.case(uuid(1))?.services_section).toEqual(services_section)
  })

  test('a plain list is replaced, [] clears it, null and a scalar are dropped', async () => {
    const simulator = await start()
    const kept = async (language: unknown) => {
      const { status } = await ask(simulator, `PATCH cases/${uuid(1)}`, { language })
      expect(status).toBe(200)
      return simulator.content.case(uuid(1))?.language
    }

    expect(await kept(null)).toEqual(['language1'])
    expect(await kept('language2')).toEqual(['language1'])
    expect(await kept(['language2', 'language5'])).toEqual(['language2', 'language5'])
    expect(await kept([])).toEqual([])
  })

  test('trap 7: a PATCH that changes nothing moves last_updated_at, and answers only that', async () => {
    const simulator = await start()
    simulator.clock.freeze('2026-05-04T08:00:00Z')
    await ask(simulator, `PATCH cases/${uuid(1)}`, { name_first: 'Abeba' })
    simulator.clock.advance(5000)

    const { status, body } = await ask(simulator, `PATCH cases/${uuid(1)}`, { name_first: 'Abeba' })

    expect(status).toBe(200)
    expect(body.data).toEqual({ id: uuid(1), enabled: true, last_updated_at: '2026-05-04T08:00:05.000Z' })
  })

  test('answers only what changed', async () => {
    const simulator = await start()

    const { body } = await ask(simulator, `PATCH cases/${uuid(1)}`, { name_first: 'Bol', sex: null })

    expect(Object.keys(body.data).sort()).toEqual(
      ['enabled', 'id', 'last_updated_at', 'last_updated_by', 'name', 'name_first', 'sex'].sort(),
    )
  })

  test('trap 26: a new service re-opens a closed case; another change does not', async () => {
    const simulator = await primero({ seed: { cases: [child(1, { status: 'closed', services_section: [stored] })] } })
    const patch = (data: object) => ask(simulator, `PATCH cases/${uuid(1)}`, data)

    await patch({ services_section: [{ unique_id: uuid(501), service_referral_notes: 'b' }] })
    expect(simulator.content.case(uuid(1))?.status).toBe('closed')
    const { body } = await patch({ services_section: [{ unique_id: uuid(502), service_type: 'food' }] })

    expect(body.data).toMatchObject({ status: 'open', case_status_reopened: true, workflow: 'reopened' })
    expect(body.data.reopened_logs[0].reopened_user).toBe('openfn_api')
  })

  test('the identifiers are read-only, without an error', async () => {
    const simulator = await start()
    const before = simulator.content.case(uuid(1))?.case_id

    const { status } = await ask(simulator, `PATCH cases/${uuid(1)}`, { id: uuid(9), case_id: 'x', short_id: 'x' })

    expect(status).toBe(200)
    expect(simulator.content.case(uuid(1))?.case_id).toBe(before)
  })

  test('is 404 for an unknown id, 403 out of scope or without the permission', async () => {
    const simulator = await primero({ seed: { cases: [child(1)] }, account: { visible: 'self' } })
    const reader = await primero({ seed: { cases: [child(1)] }, account: { permissions: ['case:read'] } })

    expect((await ask(simulator, `PATCH cases/${uuid(2)}`, {})).status).toBe(404)
    expect((await ask(simulator, `PATCH cases/${uuid(1)}`, {})).status).toBe(403)
    expect((await ask(reader, `PATCH cases/${uuid(1)}`, {})).status).toBe(403)
  })

  test('DELETE disables', async () => {
    const simulator = await start()

    const { status, body } = await ask(simulator, `DELETE cases/${uuid(1)}`)

    expect([status, body]).toEqual([200, { data: { id: uuid(1) } }])
    expect(simulator.content.case(uuid(1))?.record_state).toBe(false)
  })
})

describe('validation', () => {
  const pointer = async (data: object) => {
    const simulator = await primero({ seed: { cases: [child(1)] } })
    const { status, body } = await ask(simulator, `PATCH cases/${uuid(1)}`, data)
    return status === 422 ? body.errors[0].detail : status
  }

  test.each([
    ['date-shaped text in a text field', { address_current: '2026-05-04' }, ['/address_current']],
    ['a number in a text field', { telephone_current: 251900000000 }, ['/telephone_current']],
    ['a time in a date field', { date_of_birth: '2014-02-11T00:00:00Z' }, ['/date_of_birth']],
    ['a day written otherwise', { date_of_birth: '11/02/2014' }, ['/date_of_birth']],
    ['null in a tick box', { consent_for_services: null }, ['/consent_for_services']],
    ['text in a tick box', { consent_for_services: 'true' }, ['/consent_for_services']],
    ['text in a number', { age: '18' }, ['/age']],
    ['a fraction', { age: 18.5 }, ['/age']],
    ['a module that is not there', { module_id: 'primeromodule-x' }, ['/module_id']],
    ['a status that is not there', { status: 'reopened' }, ['/status']],
    [
      'a day in a date-time field',
      { services_section: [{ service_response_day_time: '2026-05-04' }] },
      ['/services_section/0/service_response_day_time'],
    ],
    [
      'a time without seconds',
      { services_section: [{ service_response_day_time: '2026-05-04T10:00Z' }] },
      ['/services_section/0/service_response_day_time'],
    ],
    [
      'a row id that is no lower-case UUID',
      { services_section: [{ unique_id: 'ABC' }] },
      ['/services_section/0/unique_id'],
    ],
  ])('trap 16: %s is 422 with a pointer', async (_, data, detail) => {
    expect(await pointer(data)).toEqual(detail)
  })

  test.each([
    ['an unknown code', { sex: 'Female' }, ['/sex', '/sex']],
    ['an unknown code in a list', { language: ['language1', 'klingon'] }, ['/language', '/language']],
    [
      'an unknown code in a row',
      { services_section: [{ service_type: 'Alternative Care' }] },
      ['/services_section/0/service_type', '/services_section/0/service_type'],
    ],
  ])('trap 15: %s is 422 on 2.15, the pointer twice', async (_, data, detail) => {
    expect(await pointer(data)).toEqual(detail)
  })

  test('agencies and users are free text', async () => {
    const row = { service_implementing_agency: 'ANY', service_implementing_agency_individual: 'anybody' }

    expect(await pointer({ services_section: [row] })).toBe(200)
  })

  test('a list for a scalar is dropped', async () => {
    expect(await pointer({ sex: ['female'], name_first: { en: 'x' } })).toBe(200)
  })

  test('times are stored in UTC with milliseconds', async () => {
    const simulator = await primero({ seed: { cases: [child(1)] } })

    const services_section = [{ service_response_day_time: '2026-05-04T11:18:55+03:00' }]
    const { body } = await ask(simulator, `PATCH cases/${uuid(1)}`, { services_section })

    expect(body.data.services_section[0].service_response_day_time).toBe('2026-05-04T08:18:55.000Z')
  })

  test('trap 18: a rule of the model names an attribute and lists messages (shape B)', async () => {
    const simulator = await primero({ seed: { cases: [child(1)] } })

    const { status, body } = await ask(simulator, `PATCH cases/${uuid(1)}`, { date_of_birth: '2999-01-01' })

    expect(status).toBe(422)
    expect(body.errors[0]).toMatchObject({ detail: 'date_of_birth', message: ['errors.models.child.date_of_birth'] })
  })

  test('a body without data is 422 (shape C), malformed JSON is 500', async () => {
    const simulator = await primero({ seed: { cases: [child(1)] } })

    const empty = await ask(simulator, `PATCH cases/${uuid(1)}`, '{}')
    const malformed = await ask(simulator, `PATCH cases/${uuid(1)}`, '{"data":')

    expect(empty.status).toBe(422)
    expect(empty.body.errors[0]).toEqual({
      status: 422,
      resource: `/api/v2/cases/${uuid(1)}`,
      message: 'param is missing or the value is empty: data',
    })
    expect(malformed.status).toBe(500)
    expect(malformed.body.errors[0].status).toBe(500)
  })
})
