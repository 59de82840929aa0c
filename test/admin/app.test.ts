import { describe, expect, it } from 'vitest'
import { administered, as, asAdmin, entryWith, password, stuck } from './administered.ts'

describe('who may come in', () => {
  const paths = [
    '/metrics',
    '/api',
    '/api/runs',
    '/api/entries',
    '/api/effects',
    '/api/records',
    '/api/openapi.json',
    '/api/nothing',
  ]

  it.each(paths)('%s asks for a user', async (path) => {
    const { ask } = await administered()

    const answer = await ask('GET', path, {})

    expect(answer.status).toBe(401)
    expect(answer.headers.get('www-authenticate')).toMatch(/^Basic realm=/)
    expect(await answer.json()).toEqual({ error: 'unauthorized', message: expect.any(String) })
  })

  it.each([
    ['a wrong password', as('admin', 'wrong')],
    ['another user', as('root', password)],
    ['no user', as('', password)],
    ['no password', as('admin', '')],
    ['the user in capitals', as('Admin', password)],
    ['a bearer token', { authorization: `Bearer ${password}` }],
    ['no base64', { authorization: 'Basic ***' }],
    ['nothing after Basic', { authorization: 'Basic' }],
  ])('%s: 401', async (_, headers) => {
    const { ask, lines } = await administered()

    expect((await ask('GET', '/api/runs', headers)).status).toBe(401)
    expect(lines.join('')).toContain('"access refused"')
    expect(lines.join('')).not.toContain(password)
  })

  it('no request of a stranger changes anything', async () => {
    const { ask, store } = await administered()
    const { id } = await entryWith(store, stuck)

    const answers = [
      await ask('POST', `/api/entries/${id}/replay`, {}),
      await ask('POST', `/api/entries/${id}/discard`, as('admin', 'wrong')),
      await ask('POST', '/api/workflows/poll/runs', {}),
    ]

    expect(answers.map(({ status }) => status)).toEqual([401, 401, 401])
    expect(await store.entries.list({})).toMatchObject([{ id, state: 'stuck' }])
  })

  it('health and readiness need nobody', async () => {
    const { ask } = await administered()

    expect((await ask('GET', '/health', {})).status).toBe(204)
    expect((await ask('GET', '/ready', {})).status).toBe(204)
  })
})

describe('requests from other sites', () => {
  it.each<[Record<string, string>, number]>([
    [{}, 202],
    [{ 'sec-fetch-site': 'same-origin', origin: 'http://exchange.example.org' }, 202],
    [{ 'sec-fetch-site': 'none' }, 202],
    [{ origin: 'https://exchange.example.org' }, 202],
    [{ 'sec-fetch-site': 'cross-site' }, 403],
    [{ 'sec-fetch-site': 'same-site' }, 403],
    [{ origin: 'https://evil.example.org' }, 403],
    [{ origin: 'http://exchange.example.org:81' }, 403],
    [{ origin: 'null' }, 403],
  ])('a change with %o: %s', async (headers, status) => {
    const { ask } = await administered()

    expect((await ask('POST', '/api/workflows/poll/runs', { ...asAdmin, ...headers })).status).toBe(status)
  })

  it('may read, which shows them nothing', async () => {
    const { ask } = await administered()

    const answer = await ask('GET', '/api/runs', { ...asAdmin, origin: 'https://evil.example.org' })

    expect(answer.status).toBe(200)
    expect(answer.headers.get('access-control-allow-origin')).toBeNull()
  })
})

describe('readiness', () => {
  it('503 with the reason', async () => {
    const { ask } = await administered({
      ready: () => Promise.resolve({ ready: false, reason: 'The worker stands still.' }),
    })

    const answer = await ask('GET', '/ready', {})

    expect(answer.status).toBe(503)
    expect(await answer.json()).toEqual({ error: 'not_ready', message: 'The worker stands still.' })
  })
})

describe('metrics', () => {
  it('are Prometheus text with entries by state and what was counted', async () => {
    const { ask, store, metrics } = await administered()
    await entryWith(store, stuck)
    await entryWith(store, stuck)
    metrics.records.inc({ workflow: 'inbox', outcome: 'delivered', code: 'DELIVERED' })

    const answer = await ask('GET', '/metrics')

    const text = await answer.text()
    expect(answer.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/)
    expect(text).toContain('entries{state="stuck"} 2\n')
    expect(text).toContain('entries{state="waiting"} 0\n')
    expect(text).toContain('records_total{workflow="inbox",outcome="delivered",code="DELIVERED"} 1\n')
  })

  it('are given without numbers of the store when it cannot be read', async () => {
    const { ask } = await administered({
      store: (real) => ({ ...real, entries: { ...real.entries, list: () => Promise.reject(new Error('gone')) } }),
    })

    const answer = await ask('GET', '/metrics')

    expect(answer.status).toBe(200)
    const text = await answer.text()
    expect(text).not.toContain('entries{state')
    expect(text).toContain('process_cpu_seconds_total')
  })

  it('with METRICS_TOKEN: the token as bearer or the administrator, nobody else', async () => {
    const { ask } = await administered({ metricsToken: 'metrics-token' })

    const status = async (headers: Record<string, string>) => (await ask('GET', '/metrics', headers)).status

    expect(await status({ authorization: 'Bearer metrics-token' })).toBe(200)
    expect(await status(asAdmin)).toBe(200)
    expect(await status({ authorization: 'Bearer wrong' })).toBe(401)
    expect(await status({})).toBe(401)
    expect((await ask('GET', '/api/runs', { authorization: 'Bearer metrics-token' })).status).toBe(401)
  })
})

describe('the page', () => {
  it('shows counts and the latest activity, every value escaped', async () => {
    const { ask, store } = await administered()
    await entryWith(store, stuck)
    await store.activity.add({
      at: '2026-01-01T00:00:00.000Z',
      level: 'alert',
      what: '<script>alert(1)</script>',
      workflow: 'a&b',
      entry: null,
      run: null,
      record: '"><img>',
    })

    const answer = await ask('GET', '/')

    const text = await answer.text()
    expect(answer.status).toBe(200)
    expect(answer.headers.get('content-type')).toBe('text/html; charset=UTF-8')
    expect(text).toMatch(/>stuck<\/a><\/dt><dd>1<\/dd>/)
    expect(text).toContain('&lt;script&gt;')
    expect(text).toContain('a&amp;b')
    expect(text).not.toMatch(/<script|<img/)
  })

  it.each(['/', '/api/runs', '/health', '/nothing'])(
    '%s carries the headers that keep a browser from harm',
    async (path) => {
      const { ask } = await administered()

      const { headers } = await ask('GET', path)

      expect(headers.get('content-security-policy')).toContain("default-src 'none'")
      expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'")
      expect(headers.get('x-content-type-options')).toBe('nosniff')
      expect(headers.get('x-frame-options')).toBe('DENY')
      expect(headers.get('referrer-policy')).toBe('same-origin')
      expect(headers.get('cache-control')).toBe('no-store')
    },
  )

  it('anything else is 404', async () => {
    const { ask } = await administered()

    expect((await ask('GET', '/favicon.ico', {})).status).toBe(404)
    expect((await ask('POST', '/', asAdmin)).status).toBe(404)
  })
})
