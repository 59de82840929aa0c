import { afterAll, describe, expect, test } from 'vitest'
import { ask } from './ask.ts'
import { newChild, referrals } from './messages.ts'
import { type EntryRow, type RunRow, startSite } from './site.ts'
import { referredChild } from './systems.ts'
import { until } from './until.ts'

const site = await startSite()
afterAll(() => site.close())

const unknownId = '00000000-0000-4000-8000-00000000dead'
const basic = (password: string, user = 'admin') =>
  ({ authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` }) as const
const at = (path: string, headers = {}) => ask(`${site.exchange.address}${path}`, { headers })

// A few of everything: three delivered, one that waits for Primero, one stuck, cron runs.
await site.run('send-referrals')
const delivered = [newChild(), newChild(), newChild()]
const ids: string[] = []
for (const child of delivered) ids.push((await site.deliver(child.message())).id)
const waitingChild = newChild()
site.primero.faults.add({
  match: ({ query }) => query.get('unhcr_individual_no') === waitingChild.individualNo,
  times: Number.POSITIVE_INFINITY,
  what: { kind: 'answer', status: 503, headers: { 'retry-after': '600' } },
})
const waiting = await site.post(waitingChild.message())
await site.settled(waiting, 'waiting')
const stuck = (await site.deliver({ request_type: 'nobody-knows' })).id
const all = [...ids, waiting, stuck].toReversed()

describe('who may come in', () => {
  test.each(['/api/entries', '/api/runs', '/api/effects', '/api/records', '/api/openapi.json', '/metrics'])(
    '%s is for the administrator',
    async (path) => {
      const password = String(site.env.ADMIN_PASSWORD)
      const tried = [{}, basic('wrong'), basic(password, 'root'), { 'x-api-key': site.token }]
      for (const headers of tried) expect((await at(path, headers)).status).toBe(401)

      expect((await at(path, basic(password))).status).toBe(200)
    },
  )

  test('pinned 21: the page takes HTTP Basic, and leads who has none to the sign-in', async () => {
    const password = String(site.env.ADMIN_PASSWORD)
    const stranger = await at('/')

    expect([stranger.status, stranger.headers.location]).toEqual([303, '/login'])
    expect((await at('/login')).status).toBe(200)
    expect((await at('/', basic(password))).status).toBe(200)
    const refused = await at('/', basic('wrong'))
    expect(refused.status).toBe(401)
    expect(refused.headers['www-authenticate']).toMatch(/^Basic /)
  })

  test('the OpenAPI document describes every path of the contract', async () => {
    const { paths } = await site.get<{ paths: Readonly<Record<string, Readonly<Record<string, unknown>>>> }>(
      '/api/openapi.json',
    )

    const described = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    )
    expect(described).toEqual(
      expect.arrayContaining([
        'POST /api/workflows/{workflow}/runs',
        'GET /api/runs',
        'GET /api/runs/{id}',
        'GET /api/entries',
        'POST /api/entries/{id}/replay',
        'POST /api/entries/{id}/discard',
        'GET /api/effects',
        'POST /api/effects/{key}/settle',
        'GET /api/records',
      ]),
    )
  })
})

describe('pinned 1: lists', () => {
  test('pinned 1: entries are the messages of the inbox, newest first, with the id that the inbox answered', async () => {
    const { entries } = await site.get<{ entries: EntryRow[] }>('/api/entries')

    expect(entries.map(({ id }) => id)).toEqual(all)
    for (const entry of entries) {
      expect(Object.keys(entry).toSorted()).toEqual(['code', 'id', 'received_at', 'state', 'workflow'])
      expect(entry.received_at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d.*Z$/)
    }
    expect(entries[0]).toMatchObject({ workflow: 'dtp-inbox', state: 'stuck', code: 'MESSAGE_UNRECOGNISED' })
    expect(entries[1]).toMatchObject({ state: 'waiting', code: 'REMOTE_DOWN' })
    expect(entries[2]).toMatchObject({ state: 'done', code: null })
  })

  test.each(['entries', 'runs'] as const)(
    'pinned 1: %s can be turned page by page with ?limit= and ?before=, each once',
    async (list) => {
      const whole = await site.get<Record<string, { id: string }[]>>(`/api/${list}?limit=500`)
      const seen: string[] = []
      for (let before = ''; ; before = `&before=${seen.at(-1)}`) {
        const page = (await site.get<Record<string, { id: string }[]>>(`/api/${list}?limit=2${before}`))[list] ?? []
        if (page.length === 0) break
        expect(page.length).toBeLessThanOrEqual(2)
        seen.push(...page.map(({ id }) => id))
      }

      expect(seen).toEqual(whole[list]?.map(({ id }) => id))
      expect(seen.length).toBeGreaterThan(4)
    },
  )

  test('pinned 1: ?state= chooses', async () => {
    const of = async (state: string) =>
      (await site.get<{ entries: EntryRow[] }>(`/api/entries?state=${state}`)).entries.map(({ id }) => id)

    expect(await of('stuck')).toEqual([stuck])
    expect(await of('waiting')).toEqual([waiting])
    expect(await of('running')).toEqual([])
    expect(await of('done')).toEqual(ids.toReversed())
    const { runs } = await site.get<{ runs: RunRow[] }>('/api/runs?state=success&limit=500')
    expect(runs.length).toBeGreaterThan(4)
    expect(new Set(runs.map(({ state }) => state))).toEqual(new Set(['success']))
  })

  test('pinned 4: a run has the shape of the contract, and is a success when it reached its end, whatever its records', async () => {
    const { runs } = await site.get<{ runs: RunRow[] }>('/api/runs?limit=500')
    const last = runs.find(({ records }) => records[0]?.key === waitingChild.number)

    expect(last).toEqual({
      id: expect.any(String),
      workflow: 'dtp-inbox',
      state: 'success',
      started_at: expect.stringMatching(/Z$/),
      finished_at: expect.stringMatching(/Z$/),
      mapping_version: expect.stringMatching(/gambella.*v1/),
      records: [{ key: waitingChild.number, outcome: 'waiting', code: 'REMOTE_DOWN' }],
    })
    expect(await site.get(`/api/runs/${last?.id}`)).toEqual(last)
  })

  test.each([
    'entries?state=lost',
    'entries?limit=0',
    'runs?state=waiting',
    'runs?limit=many',
    'effects?state=x',
    'records?outcome=x',
  ])('/api/%s is 400 and says why', async (query) => {
    const { status, body } = await site.api('GET', `/api/${query}`)

    expect(status).toBe(400)
    expect(body).toEqual({ error: expect.any(String), message: expect.any(String) })
  })

  test('what is not there is 404', async () => {
    for (const path of [`runs/${unknownId}`, `entries/${unknownId}`, 'nothing'])
      expect((await site.api('GET', `/api/${path}`)).status).toBe(404)
  })
})

describe('replay and discard', () => {
  test.each(['replay', 'discard'])(
    'pinned 1: %s is 404 for an unknown entry, 409 for one that is not stuck',
    async (verb) => {
      expect((await site.api('POST', `/api/entries/${unknownId}/${verb}`)).status).toBe(404)
      expect((await site.api('POST', `/api/entries/${ids[0]}/${verb}`)).status).toBe(409)
      expect((await site.api('POST', `/api/entries/${waiting}/${verb}`)).status).toBe(409)
    },
  )

  test('pinned 1: a stuck entry is replayed, and stuck again where nothing was mended; a discarded one is done', async () => {
    const replayed = await site.api('POST', `/api/entries/${stuck}/replay`)
    const again = await site.settled(stuck, 'stuck')
    const discarded = await site.api('POST', `/api/entries/${stuck}/discard`)
    const after = await site.entry(stuck)
    const late = await site.api('POST', `/api/entries/${stuck}/replay`)

    expect(replayed.status).toBe(200)
    expect(again.code).toBe('MESSAGE_UNRECOGNISED')
    expect(discarded.status).toBe(200)
    expect(after).toMatchObject({ state: 'done', code: 'DISCARDED' })
    expect(late.status).toBe(409)
  })

  test('pinned 1: a done entry is never executed again', async () => {
    const [done = ''] = ids
    const { runs: before } = await site.get<{ runs: RunRow[] }>('/api/runs?limit=500')
    const requests = site.primero.requests.length + site.dtp.requests.length

    await site.api('POST', `/api/entries/${done}/replay`)
    expect(await site.post(delivered[0]?.message())).toBe(done)
    await site.restart()
    await site.deliver({ request_type: 'nobody-knows', n: 3 })

    const { runs: after } = await site.get<{ runs: RunRow[] }>('/api/runs?limit=500')
    expect(after.length).toBe(before.length + 1)
    expect(site.primero.requests.length + site.dtp.requests.length).toBe(requests)
  })
})

describe('runs asked for', () => {
  test('an unknown workflow is 404, one that starts with a message is 409', async () => {
    expect((await site.api('POST', '/api/workflows/send-everything/runs')).status).toBe(404)
    expect((await site.api('POST', '/api/workflows/dtp-inbox/runs')).status).toBe(409)
  })

  test('pinned 4: a second run asked for while one is under way is queued', async () => {
    site.primero.faults.add({ match: { path: /\/cases$/ }, what: { kind: 'delay', delayMs: 500 } })

    const asked = [await site.api('POST', '/api/workflows/send-referrals/runs')]
    await until('the first run', () => (site.primero.requests.at(-1)?.status === undefined ? true : undefined))
    asked.push(await site.api('POST', '/api/workflows/send-referrals/runs'))
    const [one, other] = await Promise.all(
      asked.map(({ status, body }) => {
        expect(status).toBe(202)
        const { run_id } = body as { run_id: string }
        return until('its end', async () => {
          const run = await site.get<RunRow>(`/api/runs/${run_id}`)
          return run.finished_at === null ? undefined : run
        })
      }),
    )

    expect(one?.state).toBe('success')
    expect(other?.state).toBe('success')
    expect(Date.parse(String(other?.started_at))).toBeGreaterThanOrEqual(Date.parse(String(one?.finished_at)))
  })
})

describe('effects and records', () => {
  test('an effect in doubt is listed and settled once, by its key', async () => {
    const { referral } = referredChild(site.primero, site.settings.unhcr_user)
    site.dtp.faults.add({ what: { kind: 'answer', status: 504 } })
    await site.run('send-referrals')
    const { effects } = await site.get<{ effects: { key: string; state: string }[] }>('/api/effects?state=in_doubt')
    const key = `dtp/referral/${referral.id}`
    const settle = (of: string, body: unknown) =>
      site.api('POST', `/api/effects/${encodeURIComponent(of)}/settle`, body)

    expect(effects).toEqual([{ key, state: 'in_doubt', updated_at: expect.any(String) }])
    expect((await settle(key, { arrived: 'yes' })).status).toBe(400)
    expect((await settle('dtp/referral/none', { arrived: true })).status).toBe(404)
    expect((await settle(key, { arrived: true })).status).toBe(200)
    expect((await settle(key, { arrived: true })).status).toBe(409)
    expect((await site.get<{ effects: unknown[] }>('/api/effects?state=in_doubt')).effects).toEqual([])
    const done = await site.get<{ effects: { key: string }[] }>('/api/effects?state=done&limit=500')
    expect(done.effects.map((effect) => effect.key)).toContain(key)
  })

  test('records of cron runs that wait or were refused are listed by outcome', async () => {
    const { referral } = referredChild(site.primero, site.settings.unhcr_user, { fields: { sex: '' } })
    await site.run('send-referrals')

    const { records } = await site.get<{ records: readonly unknown[] }>('/api/records?outcome=refused')

    expect(records).toContainEqual(
      expect.objectContaining({
        workflow: 'send-referrals',
        key: referral.id,
        outcome: 'refused',
        code: 'MINIMUM_DATA_MISSING',
      }),
    )
    expect((await site.get<{ records: unknown[] }>('/api/records?outcome=waiting')).records).toEqual([])
  })
})

test('pinned 2: a message of which one referral is refused, one delivered and one was there before is done', async () => {
  const [bad, good] = [newChild(), newChild()]
  const before = delivered[0] as (typeof delivered)[number]

  const { state, records } = await site.deliver(
    referrals(bad.row({ 'individuals.progres_givenname': '' }), good.row(), before.row()),
  )

  expect(state).toBe('done')
  expect(records).toMatchObject({
    [bad.number]: 'refused FIELDS_MISSING',
    [good.number]: 'delivered DELIVERED',
    [before.number]: 'unchanged ALREADY_DELIVERED',
  })
})
