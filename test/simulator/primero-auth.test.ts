import { describe, expect, test } from 'vitest'
import { answerOf, ask, basic, primero } from './ask.ts'

const wrong = { authorization: basic('openfn_api', 'stale') }

describe('logging in', () => {
  test('trap 18: 401 has a body of its own and says Bearer', async () => {
    const simulator = await primero()

    const { status, headers, body } = await ask(simulator, 'GET cases', undefined, wrong)

    expect(status).toBe(401)
    expect(body).toEqual({ error: 'Invalid User name or password.' })
    expect(headers.get('www-authenticate')).toBe('Bearer realm="Primero" charset="UTF8"')
  })

  test('trap 17: the sixth wrong password locks the user for 30 minutes, for the right password too', async () => {
    const simulator = await primero()
    simulator.clock.freeze('2026-05-04T08:00:00Z')

    for (let attempt = 1; attempt <= 5; attempt += 1) await ask(simulator, 'GET cases', undefined, wrong)
    expect(simulator.isLocked('openfn_api')).toBe(false)
    await ask(simulator, 'GET cases', undefined, wrong)

    expect((await ask(simulator, 'GET cases')).status).toBe(401)
    simulator.clock.advance(30 * 60_000 - 1)
    expect((await ask(simulator, 'GET cases')).status).toBe(401)
    simulator.clock.advance(1)
    expect((await ask(simulator, 'GET cases')).status).toBe(200)
  })

  test('a right password in between starts the count again', async () => {
    const simulator = await primero()

    for (let round = 0; round < 2; round += 1) {
      for (let attempt = 1; attempt <= 5; attempt += 1) await ask(simulator, 'GET cases', undefined, wrong)
      expect((await ask(simulator, 'GET cases')).status).toBe(200)
    }
  })

  test('ignores case and spaces in the user name; a disabled or unknown user and no credentials get 401', async () => {
    const simulator = await primero({ users: [{ user_name: 'gone', password: 'once-right', disabled: true }] })
    const as = (authorization: string) => ask(simulator, 'GET cases', undefined, { authorization })

    expect((await as(basic(' OpenFN_API ', 'an-invented-password'))).status).toBe(200)
    expect((await as(basic('gone', 'once-right'))).status).toBe(401)
    expect((await as(basic('nobody', 'x'))).status).toBe(401)
    expect((await as('')).status).toBe(401)
    expect((await as('Bearer something')).status).toBe(401)
  })

  test('POST /tokens is answered 403 on 2.15, and 429 in plain text after six in a minute', async () => {
    const simulator = await primero()
    const login = async () =>
      answerOf(
        await fetch(`${simulator.url}/api/v2/tokens`, {
          method: 'POST',
          body: JSON.stringify({ user: { user_name: 'openfn_api', password: 'an-invented-password' } }),
        }),
      )

    const answers = []
    for (let attempt = 1; attempt <= 7; attempt += 1) answers.push(await login())

    expect(answers[0]?.status).toBe(403)
    expect(answers[6]).toMatchObject({ status: 429, body: 'Retry later\n' })
    expect(answers[6]?.headers.get('retry-after')).toBeNull()
  })

  test('trap 33: while a configuration is applied every authenticated request is 503 with Retry-After, after 401', async () => {
    const simulator = await primero()
    simulator.content.configurationLocked = true

    const { status, headers, body } = await ask(simulator, 'GET cases')
    const unauthorized = await ask(simulator, 'GET cases', undefined, wrong)
    const health = await fetch(`${simulator.url}/health/api`)

    expect(status).toBe(503)
    expect(headers.get('retry-after')).toBe('60')
    expect(body.errors[0]).toMatchObject({ status: 503, message: 'Service Unavailable', detail: 'Retry-After: 60' })
    expect(unauthorized.status).toBe(401)
    expect(health.status).toBe(503)
  })

  test('/health is public and empty, and an unknown route is no JSON', async () => {
    const simulator = await primero()

    const health = await fetch(`${simulator.url}/health`)
    const unknown = await ask(simulator, 'GET nonsense')

    expect([health.status, await health.text()]).toEqual([204, ''])
    expect(unknown.status).toBe(404)
    expect(unknown.headers.get('content-type')).toContain('html')
  })
})

describe('the directory', () => {
  test('finds one user by name, without a password in the answer', async () => {
    const simulator = await primero()

    const { body } = await ask(simulator, 'GET users?user_name=openfn_api')

    expect(body.metadata).toMatchObject({ total: 1, per: 20, page: 1 })
    expect(body.data[0]).toMatchObject({ user_name: 'openfn_api' })
    expect(JSON.stringify(body)).not.toContain('an-invented-password')
  })

  test('pages users, caps them at 1000, and refuses a role that may not read them', async () => {
    const users = Array.from({ length: 30 }, (_, n) => ({ user_name: `user${n}` }))
    const simulator = await primero({ users })
    const limited = await primero({ account: { permissions: ['case:read'] } })

    const second = await ask(simulator, 'GET users?per=10&page=2')
    const capped = await ask(simulator, 'GET users?per=100000')
    const refused = await ask(limited, 'GET users')

    expect(second.body.data).toHaveLength(10)
    expect(capped.body.metadata.per).toBe(1000)
    expect(refused.status).toBe(403)
    expect(refused.body.errors[0]).toEqual({ status: 403, resource: '/api/v2/users', message: 'Forbidden' })
  })

  test('shows forms with nested ones, lookups, locations (100 a page), agencies, settings and the version', async () => {
    const simulator = await primero()

    const forms = await ask(simulator, 'GET forms')
    const lookups = await ask(simulator, 'GET lookups?per=1000')
    const locations = await ask(simulator, 'GET locations?hierarchy=true')
    const agencies = await ask(simulator, 'GET agencies')
    const settings = await ask(simulator, 'GET system_settings')
    const contact = await ask(simulator, 'GET contact_information')

    const services = forms.body.data.find((one: { unique_id: string }) => one.unique_id === 'services')
    const nested = forms.body.data.find((one: { id: number }) => one.id === services.fields[0].subform_section_id)
    expect(nested.fields.map((one: { name: string }) => one.name)).toContain('progres_interventionnumber')
    const types = lookups.body.data.find((one: { unique_id: string }) => one.unique_id === 'lookup-service-type')
    expect(types.values).toContainEqual({ id: 'food', display_text: { en: 'Family Reunification Service' } })
    expect(locations.body.metadata.per).toBe(100)
    expect(locations.body.data.at(-1)).toMatchObject({ code: 'ET1202', hierarchy: 'ET.ET12.ET1202' })
    expect(agencies.body.data.map((one: { unique_id: string }) => one.unique_id)).toContain('UNHCR')
    expect(settings.body.data.auto_populate_list[0].field_key).toBe('name')
    expect(contact.body.data.system_version).toMatch(/^2\.15/)
  })
})
