import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import * as adaptor from '../../src/adaptors/language-primero/operations.ts'
import { startPrimero } from '../../src/simulator/primero/server.ts'
import { configurationFor, failureOf, html, json, list, serve } from './server.ts'

const {
  createCase,
  createReferrals,
  getCases,
  getReferrals,
  http,
  updateCase,
  updateReferral,
  updateReferrals,
  upsertCase,
} = adaptor

const id = '0b6f9f0e-6c5f-4a57-9d0e-1d1f6a1c7b10'
const referralId = '8e72817c-74e6-4df2-b96d-d4bcde47f292'
const child = { module_id: 'primeromodule-cp', name_first: 'Nyakim', unhcr_individual_no: '803-00000001' }

const stateFor = (url: string, data: unknown = {}) => ({
  configuration: { ...configurationFor(url) },
  data,
  references: [] as unknown[],
})

/** Collects the warnings that a piece of work emits. */
async function warningsOf(work: () => Promise<unknown>): Promise<readonly (string | undefined)[]> {
  const codes: (string | undefined)[] = []
  const note = (warning: Error & { code?: string }) => void codes.push(warning.code)
  process.on('warning', note)
  await work()
  await new Promise((resolve) => setImmediate(resolve))
  process.off('warning', note)
  return codes
}

describe('defects of the published adaptor that are absent', () => {
  test.each([
    ['bare', child],
    ['wrapped', { data: child }],
  ])(
    'P1: data was wrapped twice and an empty case was created; %s fields arrive wrapped once',
    async (_, parameters) => {
      const { url, seen } = await serve((one, response) =>
        one.method === 'GET' ? list(response, []) : json(response, { data: { id, status: 'open' } }),
      )

      await createCase(parameters)(stateFor(url))
      await updateCase(id, parameters)(stateFor(url))
      await upsertCase({ externalIds: ['unhcr_individual_no'], data: parameters })(stateFor(url))

      const bodies = seen.filter((one) => one.method !== 'GET').map((one) => JSON.parse(one.body))
      expect(bodies).toEqual([{ data: child }, { data: child }, { data: child }])
    },
  )

  test('P2: updateReferrals with the old names resolved without doing anything; it finds the case and decides', async () => {
    const { url, seen } = await serve((one, response) =>
      one.method === 'GET'
        ? list(response, [{ id, case_id: 'the-case-id' }])
        : json(response, { data: { id: referralId, status: 'accepted' } }),
    )
    const old = { externalId: 'case_id', id: 'the-case-id', referral_id: referralId, data: { status: 'accepted' } }

    const warnings = await warningsOf(() => updateReferrals(old)(stateFor(url)))

    expect(seen.map((one) => `${one.method} ${one.url.split('?')[0]}`)).toEqual([
      'GET /api/v2/cases',
      `PATCH /api/v2/cases/${id}/referrals/${referralId}`,
    ])
    expect(warnings).toContain('PRIMERO_OLD_PARAMETERS')
  })

  test('P2: no such case is an error, not a log line', async () => {
    const { url, seen } = await serve((_, response) => list(response, []))
    const old = { externalId: 'case_id', id: 'unknown', referral_id: referralId, data: { status: 'accepted' } }

    expect(await failureOf(updateReferrals(old)(stateFor(url)))).toMatchObject({ code: 'CASE_UNKNOWN', retry: 'never' })
    expect(seen).toHaveLength(1)
  })

  test('P3, D91: getCases(query, callback) ran the callback before the request; it runs on the answer', async () => {
    const { url } = await serve((_, response) => list(response, [{ id }]))

    let next: Record<string, unknown> = {}
    const warnings = await warningsOf(async () => {
      next = await getCases({ status: 'open' }, (after) => ({ ...after, found: after.data }))(stateFor(url))
    })

    expect(next.found).toEqual([{ id }])
    expect(warnings).toContain('PRIMERO_OLD_PARAMETERS')
  })

  test('P4: createReferrals never settled after success; it leaves the referrals', async () => {
    const { url } = await serve((_, response) => json(response, { data: [{ id: referralId, status: 'in_progress' }] }))

    const next = await createReferrals({ data: { ids: [id], transitioned_to: 'unhcr_cw' } })(stateFor(url))

    expect(next.data).toEqual([{ id: referralId, status: 'in_progress' }])
  })

  test('P4: without ids Primero answers 200 and does nothing; it is refused', async () => {
    const { url, seen } = await serve((_, response) => json(response, { data: [] }))

    const error = await failureOf(createReferrals({ transitioned_to: 'unhcr_cw' })(stateFor(url)))

    expect(error).toMatchObject({ code: 'FIELDS_MISSING', fields: ['ids'] })
    expect(seen).toHaveLength(0)
  })

  test('P5: a login page with status 200 hung the step; it fails', async () => {
    const { url } = await serve((_, response) => html(response))

    expect(await failureOf(getCases()(stateFor(url)))).toMatchObject({ code: 'REMOTE_NONSENSE', retry: 'later' })
  })

  test('P6: an exception in a callback crashed the process; it fails the operation', async () => {
    const { url } = await serve((_, response) => json(response, { data: { id } }))
    const wrong = () => {
      throw new Error('of the job')
    }

    expect((await failureOf(createCase(child, wrong)(stateFor(url)))).message).toBe('of the job')
  })

  test('P7: an id given as a function was sent as its source text; it is called', async () => {
    const { url, seen } = await serve((_, response) => json(response, { data: { id } }))

    await updateCase((state) => String(state.data), { age: () => 7 } as never)(stateFor(url, id))

    expect(seen[0]).toMatchObject({ url: `/api/v2/cases/${id}`, body: '{"data":{"age":7}}' })
  })

  test('P8: updateReferral left {body: {data}}; data is the referral', async () => {
    const { url } = await serve((_, response) => json(response, { data: { id: referralId, status: 'rejected' } }))
    const decision = { caseId: id, id: referralId, data: { status: 'rejected', rejected_reason: 'other' } }

    const next = await updateReferral(decision)(stateFor(url, 'before'))

    expect(next).toMatchObject({ data: { id: referralId, status: 'rejected' }, references: ['before'] })
  })

  test('P9: 20 cases and no more; all pages are read, `per` is a bound and `page` is that page', async () => {
    const all = Array.from({ length: 2345 }, (_, index) => ({ id: `case-${index}` }))
    const { url, seen } = await serve((one, response) => {
      const asked = new URL(one.url, 'http://x').searchParams
      const per = Math.min(Number(asked.get('per') ?? 20), 1000)
      const start = (Number(asked.get('page') ?? 1) - 1) * per
      json(response, { data: all.slice(start, start + per), metadata: { total: all.length, per, page: 1 } })
    })
    const count = async (query?: Record<string, unknown>) => (await getCases(query)(stateFor(url))).data as unknown[]

    expect(await count()).toHaveLength(2345)
    expect(await count({ per: 2000 })).toHaveLength(2000)
    expect(await count({ per: 1 })).toHaveLength(1)
    const before = seen.length
    expect(await count({ per: 100, page: 3 })).toMatchObject([{ id: 'case-200' }, ...Array(99).fill({})])
    expect(seen.length - before).toBe(1)
  })

  test('P10: errors were texts with the whole answer; they are ExchangeErrors without any of it', async () => {
    const { url } = await serve((_, response) => json(response, { errors: [{ message: 'Nyakim Deng' }] }, 500))

    const error = await failureOf(createCase(child)(stateFor(url)))

    expect(error).toMatchObject({ name: 'ExchangeError', code: 'REMOTE_DOWN' })
    expect(`${error.stack}${JSON.stringify(error)}`).not.toContain('Nyakim')
  })

  test('P11, D10: of several matches the first was overwritten; nothing is written', async () => {
    const number = child.unhcr_individual_no
    const rows = [
      { id, unhcr_individual_no: number },
      { id: 'another', unhcr_individual_no: number },
    ]
    const { url, seen } = await serve((_, response) => list(response, rows))

    const error = await failureOf(upsertCase({ externalIds: ['unhcr_individual_no'], data: child })(stateFor(url)))

    expect(error).toMatchObject({ code: 'CASE_AMBIGUOUS', retry: 'never' })
    expect(seen.every((one) => one.method === 'GET')).toBe(true)
  })

  test.each([
    ['no value', { externalIds: ['case_id'], data: child }, ['case_id']],
    ['no id named', { externalIds: [], data: child }, ['externalIds']],
  ])('P11: with %s the first of all cases was overwritten; nothing is asked', async (_, parameters, fields) => {
    const { url, seen } = await serve((_seen, response) => list(response, [{ id }]))

    const error = await failureOf(upsertCase(parameters)(stateFor(url)))

    expect(error).toMatchObject({ code: 'FIELDS_MISSING', fields })
    expect(seen).toHaveLength(0)
  })

  test('P11: a filter that Primero ignores does not lead to a write', async () => {
    const { url, seen } = await serve((_, response) => list(response, [{ id, unhcr_individual_no: '803-00000099' }]))

    const error = await failureOf(upsertCase({ externalIds: ['unhcr_individual_no'], data: child })(stateFor(url)))

    expect(error).toMatchObject({ code: 'FILTER_IGNORED' })
    expect(seen).toHaveLength(1)
  })

  test('P12: any externalId was sent as case_id; the one that is named is used', async () => {
    const { url, seen } = await serve((one, response) =>
      one.url.includes('referrals') ? list(response, []) : list(response, [{ id, unhcr_individual_no: '803-1' }]),
    )

    await getReferrals({ externalId: 'unhcr_individual_no', id: '803-1' })(stateFor(url))
    await getReferrals({ id })(stateFor(url))

    expect(seen[0]?.url).toContain('unhcr_individual_no=803-1')
    expect(seen.map((one) => one.url.split('?')[0]).slice(1)).toEqual(Array(2).fill(`/api/v2/cases/${id}/referrals`))
  })

  test('P13: http.get sent a body and knew Basic only; it has none and works with the token login', async () => {
    const { url, seen } = await serve((one, response) =>
      one.url.endsWith('/tokens')
        ? json(response, { token: 'jwt' })
        : json(response, { data: [], metadata: { total: 0 } }),
    )
    const state = { ...stateFor(url), configuration: { ...configurationFor(url), basicAuth: false } }

    const next = await http.get('cases', { query: { per: 1 }, headers: { 'X-Own': 'yes' } })(state)

    expect(seen[1]).toMatchObject({ url: '/api/v2/cases?per=1', body: '' })
    expect(seen[1]?.headers).toMatchObject({ authorization: 'Bearer jwt', 'x-own': 'yes' })
    expect(next).toMatchObject({
      data: { data: [], metadata: { total: 0 } },
      response: { statusCode: 200, method: 'GET' },
    })
  })

  test('P14: the token lay in the state; no credential is added to it', async () => {
    const { url } = await serve((one, response) =>
      one.url.endsWith('/tokens') ? json(response, { token: 'the-token' }) : list(response, [{ id }]),
    )
    const state = { ...stateFor(url), configuration: { ...configurationFor(url), basicAuth: false } }

    const next = await adaptor.execute(getCases(), (after) => ({ ...after, seen: JSON.stringify(after) }))(state)

    expect(JSON.stringify(next)).not.toContain('the-token')
    expect(Object.keys(next).sort()).toEqual(['configuration', 'data', 'metadata', 'references', 'seen'])
  })

  test('P15: 203 was listed as a success and failed; every 2xx is one', async () => {
    const { url } = await serve((_, response) => json(response, { data: { id } }, 203))

    expect((await updateCase(id, { age: 7 })(stateFor(url))).data).toEqual({ id })
  })

  test('P16: it stood on the deprecated `request`; no such package is depended on', () => {
    const { dependencies } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))

    expect(Object.keys(dependencies)).toContain('undici')
    expect(Object.keys(dependencies)).not.toContain('request')
    expect(Object.keys(dependencies)).not.toContain('@openfn/language-primero')
  })
})

test('every operation that the published adaptor exports is here', () => {
  const names = [
    ...['alterState', 'beta', 'combine', 'createCase', 'createReferrals', 'dataPath', 'dataValue', 'dateFns', 'each'],
    ...[
      'execute',
      'field',
      'fields',
      'fn',
      'fnIf',
      'getCases',
      'getForms',
      'getLocations',
      'getLookups',
      'getReferrals',
    ],
    ...['http', 'lastReferenceValue', 'log', 'merge', 'sourceValue', 'updateCase', 'updateReferral', 'updateReferrals'],
    'upsertCase',
  ]

  expect(Object.keys(adaptor).sort()).toEqual(names.sort())
  expect(Object.values(adaptor).every((value) => value !== undefined)).toBe(true)
  expect(Object.keys(http).sort()).toEqual(['get', 'patch', 'post'])
})

test('data becomes the result, the old data goes to references, everything else stays', async () => {
  const { url } = await serve((_, response) => list(response, [{ id }]))
  const state = { ...stateFor(url, { old: 1 }), references: [{ older: 2 }], cursor: 'kept' }

  const next = await getCases({ status: 'open' })(state)

  expect(next).toEqual({
    configuration: state.configuration,
    cursor: 'kept',
    data: [{ id }],
    metadata: { total: 1, per: 1000, page: 1 },
    references: [{ older: 2 }, { old: 1 }],
  })
  expect(state.references).toEqual([{ older: 2 }])
})

test('parameters may be functions of the state at any depth', async () => {
  const { url, seen } = await serve((_, response) => json(response, { data: { id } }))
  const rows = [{ unique_id: 'u1', service_type: (state: { data?: unknown }) => state.data }]

  await createCase({ ...child, services_section: rows })(stateFor(url, 'food'))
  await createCase((state) => ({ ...child, name_first: String(state.data) }))(stateFor(url, 'Deng'))

  expect(JSON.parse(seen[0]?.body ?? '').data.services_section).toEqual([{ unique_id: 'u1', service_type: 'food' }])
  expect(JSON.parse(seen[1]?.body ?? '').data.name_first).toBe('Deng')
})

test.each([
  ['a filter without value', { case_id: undefined }, 'FIELDS_MISSING'],
  ['an empty list', { associated_user_names: [] }, 'FIELDS_MISSING'],
  ['an open beginning', { last_updated_at: '..2026-01-02T00:00:00Z' }, 'FIELDS_INVALID'],
  ['a single time', { last_updated_at: '2026-01-02T00:00:00Z' }, 'FIELDS_INVALID'],
  ['f[]', { 'sex[]': 'male' }, 'FIELDS_INVALID'],
  ['a quote', { case_id: 'a"b' }, 'FIELDS_INVALID'],
])('%s would give all cases or none; getCases refuses it', async (_, query, code) => {
  const { url, seen } = await serve((_seen, response) => list(response, [{ id }]))

  expect(await failureOf(getCases(query)(stateFor(url)))).toMatchObject({ code, retry: 'never' })
  expect(seen).toHaveLength(0)
})

test('lists are indexed, + is encoded, and identifiers are verified even where `fields` leaves them out', async () => {
  const { url, seen } = await serve((_, response) => list(response, [{ id, case_id: 'other' }]))

  const error = await failureOf(
    getCases({
      case_id: 'x',
      sex: ['male', 'female'],
      last_updated_at: '2026-01-01T00:00:00+03:00..',
      fields: 'status',
    })(stateFor(url)),
  )

  expect(seen[0]?.url).toContain('sex[0]=male&sex[1]=female&last_updated_at=2026-01-01T00:00:00+03:00..')
  expect(seen[0]?.url).toContain('fields=status,case_id')
  expect(error).toMatchObject({ code: 'FILTER_IGNORED', fields: ['case_id'] })
})

test('withReferrals adds them to each case, a few requests at a time, and a failure is not swallowed', async () => {
  let broken = false
  const { url } = await serve((one, response) => {
    if (!one.url.includes('/referrals')) return list(response, [{ id: 'a' }, { id: 'b' }])
    if (broken) return json(response, {}, 403)
    list(response, [{ id: referralId, status: 'in_progress' }])
  })

  const next = await getCases({}, { withReferrals: true })(stateFor(url))
  broken = true
  const error = await failureOf(getCases({}, { withReferrals: true })(stateFor(url)))

  expect(next.data).toMatchObject([
    { id: 'a', referrals: [{ id: referralId }] },
    { id: 'b', referrals: [{}] },
  ])
  expect(error).toMatchObject({ code: 'ACCESS_DENIED' })
})

test('a change of a referral that Primero did not make is an error', async () => {
  const { url } = await serve((_, response) => json(response, { data: { id: referralId, status: 'accepted' } }))

  const error = await failureOf(
    updateReferral({ caseId: id, id: referralId, data: { status: 'rejected' } })(stateFor(url)),
  )

  expect(error).toMatchObject({ code: 'DECISION_NOT_APPLIED', retry: 'never' })
})

test('rows without unique_id are warned about, by the name of their list', async () => {
  const { url } = await serve((_, response) => json(response, { data: { id } }))

  const warnings = await warningsOf(() =>
    updateCase(id, { services_section: [{ service_type: 'food' }] })(stateFor(url)),
  )

  expect(warnings).toEqual(['PRIMERO_ROWS_WITHOUT_ID'])
})

test('http.post and http.patch wrap once and never leave Primero', async () => {
  const { url, seen } = await serve((_, response) => json(response, { data: { id } }))

  await http.post('cases', child)(stateFor(url))
  await http.patch(`/cases/${id}`, { data: { age: 7 } })(stateFor(url))
  const text = await http.get('cases', { parseAs: 'text' })(stateFor(url))
  const error = await failureOf(http.get('https://example.org/cases')(stateFor(url)))

  expect(seen.map((one) => one.body).slice(0, 2)).toEqual([JSON.stringify({ data: child }), '{"data":{"age":7}}'])
  expect(text.data).toBe(JSON.stringify({ data: { id } }))
  expect(error).toMatchObject({ code: 'FIELDS_INVALID' })
})

test('upsertCase creates, then updates the same case in the simulator, by number and by record id', async () => {
  const simulator = await startPrimero({ seed: { cases: [], referrals: [] } })
  const state = { configuration: { url: simulator.url, ...simulator.account }, data: {}, references: [] }
  const upsert = (data: Record<string, unknown>, ...externalIds: string[]) =>
    upsertCase({ externalIds, data })(state).then((next) => next.data as Record<string, unknown>)

  const created = await upsert({ ...child, id }, 'unhcr_individual_no')
  const updated = await upsert({ ...child, name_first: 'Deng' }, 'unhcr_individual_no')
  const byRecord = await upsert({ record_id: id, ...child, name_first: 'Nyadeng' }, 'record_id', 'unhcr_individual_no')
  const conflict = await failureOf(
    upsert({ record_id: id, unhcr_individual_no: '803-2' }, 'record_id', 'unhcr_individual_no'),
  )
  const forms = await adaptor.getForms()(state)
  const lookups = await adaptor.getLookups({ per: 1 })(state)
  const locations = await adaptor.getLocations()(state)

  expect(created).toMatchObject({ id, name_first: 'Nyakim', case_id: expect.any(String) })
  expect([updated.id, byRecord.id]).toEqual([id, id])
  expect(simulator.content.cases()).toHaveLength(1)
  expect(simulator.content.case(id)?.name_first).toBe('Nyadeng')
  expect(conflict).toMatchObject({ code: 'CASE_IDENTITY_CONFLICT' })
  for (const { data } of [forms, locations]) expect((data as unknown[]).length).toBeGreaterThan(1)
  expect(lookups.data).toHaveLength(1)
  await simulator.close()
})

test('upsertCase writes nothing to a disabled case', async () => {
  const rows = [{ id, enabled: false, unhcr_individual_no: child.unhcr_individual_no }]
  const { url, seen } = await serve((_, response) => list(response, rows))

  const error = await failureOf(upsertCase({ externalIds: ['unhcr_individual_no'], data: child })(stateFor(url)))

  expect(error).toMatchObject({ code: 'CASE_DISABLED' })
  expect(seen).toHaveLength(1)
})
