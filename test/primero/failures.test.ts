import { createServer } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { primero } from '../../src/adaptors/language-primero/client.ts'
import { makeCertificates } from '../../src/simulator/certificates.ts'
import { configurationFor, failureOf, html, json, list, serve } from './server.ts'

const uuid = '0b6f9f0e-6c5f-4a57-9d0e-1d1f6a1c7b10'

test.each([
  [400, 'REMOTE_REFUSED', 'never', 'refused'],
  [403, 'ACCESS_DENIED', 'never', 'refused'],
  [404, 'REMOTE_REFUSED', 'never', 'refused'],
  [405, 'REMOTE_REFUSED', 'never', 'refused'],
  [414, 'REMOTE_REFUSED', 'never', 'refused'],
  [422, 'PRIMERO_REJECTED', 'never', 'refused'],
  [408, 'REMOTE_DOWN', 'later', 'unsure'],
  [425, 'REMOTE_DOWN', 'later', 'unsure'],
  [429, 'REMOTE_DOWN', 'later', 'not_reached'],
  [500, 'REMOTE_DOWN', 'later', 'unsure'],
  [502, 'REMOTE_DOWN', 'later', 'unsure'],
  [503, 'REMOTE_DOWN', 'later', 'not_reached'],
  [504, 'REMOTE_DOWN', 'later', 'unsure'],
] as const)('%i is %s, retried %s, %s, with JSON or HTML', async (status, code, retry, reach) => {
  for (const answerWith of ['json', 'html']) {
    const errors = [{ status, resource: '/api/v2/cases', message: "Couldn't save Nyakim Deng" }]
    const { url, seen } = await serve((_, response) =>
      answerWith === 'json' ? json(response, { errors }, status) : html(response, status),
    )

    const error = await failureOf(primero(configurationFor(url)).patchCase(uuid, { age: 7 }))

    expect(error).toMatchObject({ name: 'ExchangeError', code, retry, reach, status })
    expect(seen).toHaveLength(1)
  }
})

test('a 422 names the fields, whichever shape it has, and none of the text around them', async () => {
  const details = [['/services_section/0/service_type', '/sex', '/sex'], 'transitioned_to', undefined]
  const found: unknown[] = []
  for (const detail of details) {
    const message = ['Nyakim Deng is not valid']
    const { url } = await serve((_, response) => json(response, { errors: [{ status: 422, detail, message }] }, 422))

    const error = await failureOf(primero(configurationFor(url)).patchCase(uuid, {}))

    found.push(error.fields)
    expect(error.message).not.toMatch(/Nyakim/)
  }

  expect(found).toEqual([['services_section.service_type', 'sex'], ['transitioned_to'], []])
})

test.each([
  ['Retry-After: 60 with the JSON of a configuration being applied', { 'retry-after': '60' }, undefined, 60_000],
  ['only the detail of the JSON', {}, 'Retry-After: 60', 60_000],
  ['a day', { 'retry-after': '86400' }, undefined, 3_600_000],
  ['garbage', { 'retry-after': 'soon' }, undefined, undefined],
])('a 503 waits as asked: %s', async (_, headers, detail, expected) => {
  const errors = [{ status: 503, message: 'Service Unavailable', detail }]
  const { url } = await serve((_seen, response) => json(response, { errors }, 503, { ...headers }))

  const error = await failureOf(primero(configurationFor(url)).getReferrals(uuid))

  expect(error.retryAfterMs).toBe(expected)
})

test.each([
  ['HTML', (response: Parameters<typeof html>[0]) => html(response)],
  ['nothing', (response: Parameters<typeof html>[0]) => json(response.writeHead(200), undefined)],
  [
    'half a JSON',
    (response: Parameters<typeof html>[0]) => {
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"data":[{"id"')
    },
  ],
  ['a list that is none', (response: Parameters<typeof html>[0]) => json(response, { data: 'x' })],
  ['rows without id', (response: Parameters<typeof html>[0]) => json(response, { data: [{}] })],
])('P5: a login page with status 200 hung the job; %s is REMOTE_NONSENSE', async (_, answer) => {
  const { url } = await serve((_seen, response) => {
    if (_ === 'nothing') response.writeHead(200, { 'content-type': 'application/json' }).end()
    else answer(response)
  })

  const error = await failureOf(primero(configurationFor(url)).getReferrals(uuid))

  expect(error).toMatchObject({ code: 'REMOTE_NONSENSE', retry: 'later', reach: 'unsure' })
})

test('an answer that breaks off after its headers is REMOTE_NONSENSE', async () => {
  const { url } = await serve((_, response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': 1000 })
    response.write('{"data":', () => response.destroy())
  })

  const error = await failureOf(primero(configurationFor(url)).getReferrals(uuid))

  expect(error).toMatchObject({ code: 'REMOTE_NONSENSE', retry: 'later', reach: 'unsure' })
})

test('a redirect is not followed', async () => {
  const { url, seen } = await serve((_, response) => response.writeHead(302, { location: '/elsewhere' }).end())

  const error = await failureOf(primero(configurationFor(url)).getReferrals(uuid))

  expect(error).toMatchObject({ code: 'REMOTE_REFUSED', retry: 'never', status: 302 })
  expect(seen).toHaveLength(1)
})

test('a refused connection and an unknown host were not reached; nothing was sent', async () => {
  const free = createServer()
  await new Promise<void>((resolve) => free.listen(0, '127.0.0.1', resolve))
  const { port } = free.address() as { port: number }
  await new Promise((resolve) => free.close(resolve))

  const refused = await failureOf(primero(configurationFor(`http://127.0.0.1:${port}`)).patchCase(uuid, {}))
  const unknown = await failureOf(primero(configurationFor('https://primero.invalid')).patchCase(uuid, {}))

  expect(refused).toMatchObject({ code: 'REMOTE_DOWN', retry: 'later', reach: 'not_reached' })
  expect(refused.hint).toMatch(/tried again by itself.*look at its address/)
  expect(unknown).toMatchObject({ code: 'REMOTE_DOWN', retry: 'later', reach: 'not_reached' })
})

test('no answer in time is unsure, and those that waited behind it fail at once instead of one after the other', async () => {
  const { url, seen } = await serve(() => {})
  const client = primero(configurationFor(url, { timeoutMs: 300 }))
  const begun = performance.now()

  const errors = await Promise.all([1, 2, 3, 4, 5].map(() => failureOf(client.patchCase(uuid, {}))))

  expect(errors.map((error) => error.reach)).toEqual(['unsure', ...Array(4).fill('not_reached')])
  expect(errors.every((error) => error.code === 'REMOTE_DOWN' && error.retry === 'later')).toBe(true)
  expect(performance.now() - begun).toBeLessThan(2000)
  expect(seen).toHaveLength(1)
})

test('a body that drips for ever is given up after twice the time-out', async () => {
  const { url } = await serve((_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' })
    const drip = setInterval(() => response.write(' '), 50)
    response.on('close', () => clearInterval(drip))
  })
  const begun = performance.now()

  const error = await failureOf(primero(configurationFor(url, { timeoutMs: 300 })).getReferrals(uuid))

  expect(error).toMatchObject({ code: 'REMOTE_DOWN', retry: 'later', reach: 'unsure' })
  expect(performance.now() - begun).toBeLessThan(2000)
})

test('a GET whose connection was reset is asked once more at once; a write never is', async () => {
  let left = 1
  const { url, seen } = await serve((one, response, incoming) => {
    if (one.method === 'PATCH' || left-- > 0) return void incoming.socket.resetAndDestroy()
    list(response, [])
  })
  const client = primero(configurationFor(url))

  const referrals = await client.getReferrals(uuid)
  const error = await failureOf(client.patchCase(uuid, { age: 7 }))

  expect(referrals).toEqual([])
  expect(error).toMatchObject({ code: 'REMOTE_DOWN', retry: 'later', reach: 'unsure' })
  expect(seen.map((one) => one.method)).toEqual(['GET', 'GET', 'PATCH'])
})

test('a GET that is reset twice is not asked a third time', async () => {
  const { url, seen } = await serve((_, _response, incoming) => void incoming.socket.resetAndDestroy())

  const error = await failureOf(primero(configurationFor(url)).getReferrals(uuid))

  expect(error).toMatchObject({ code: 'REMOTE_DOWN', reach: 'unsure' })
  expect(seen).toHaveLength(2)
})

test('an aborted request ends at once: unsure when under way, not reached when it waited', async () => {
  const { url, seen } = await serve(() => {})
  const client = primero(configurationFor(url, { timeoutMs: 5000 }))
  const stop = new AbortController()
  const both = [1, 2].map(() => failureOf(client.patchCase(uuid, {}, { signal: stop.signal })))
  while (seen.length === 0) await new Promise((resolve) => setTimeout(resolve, 10))

  stop.abort()

  expect((await Promise.all(both)).map((error) => error.reach)).toEqual(['unsure', 'not_reached'])
  expect(await failureOf(client.patchCase(uuid, {}, { signal: stop.signal }))).toMatchObject({ reach: 'not_reached' })
})

test.each([
  ['expired', 'has expired'],
  ['not-yet-valid', 'is not valid yet'],
  ['other-authority', 'comes from an authority that is not known here'],
] as const)('a server certificate that is %s is said in words, and nothing is sent', async (server, words) => {
  const certificates = await makeCertificates({ server })
  const { url, seen } = await serve((_, response) => list(response, []), certificates.server)

  const error = await failureOf(primero(configurationFor(url, { tls: { ca: certificates.ca } })).getReferrals(uuid))

  expect(error).toMatchObject({ code: 'REMOTE_DOWN', retry: 'later', reach: 'not_reached' })
  expect(error.message).toBe(`The certificate of Primero ${words}.`)
  expect(seen).toHaveLength(0)
})

test('a certificate for another host name is said in words', async () => {
  const { ca, server } = await makeCertificates()
  const { url } = await serve((_, response) => list(response, []), server)
  const tls = { ca, servername: 'primero.example.org' }

  const error = await failureOf(primero(configurationFor(url, { tls })).getReferrals(uuid))

  expect(error.message).toBe('The certificate of Primero was made for another host name.')
})

test('https with a known authority works, and TLS below 1.2 does not', async () => {
  const { ca, server } = await makeCertificates()
  const good = await serve((_, response) => list(response, []), server)
  const old = await serve((_, response) => list(response, []), { ...server, maxVersion: 'TLSv1.1' } as typeof server)

  const referrals = await primero(configurationFor(good.url, { tls: { ca } })).getReferrals(uuid)
  const error = await failureOf(primero(configurationFor(old.url, { tls: { ca } })).getReferrals(uuid))

  expect(referrals).toEqual([])
  expect(error).toMatchObject({ code: 'REMOTE_DOWN', reach: 'not_reached' })
})

test.each([
  ['plain http to another machine', { url: 'http://primero.example.org' }],
  ['no URL', { url: 'primero.example.org' }],
  ['a password in the URL', { url: 'https://user:secret@primero.example.org' }],
  ['certificates not verified', { url: 'https://primero.example.org', tls: { rejectUnauthorized: false } }],
  ['no password', { url: 'https://primero.example.org', password: '' }],
])('%s is refused before anything is sent, and no value is quoted', async (_, wrong) => {
  const error = await failureOf((async () => primero({ ...configurationFor(''), ...wrong }))())

  expect(error).toMatchObject({ code: 'CONFIGURATION', retry: 'never' })
  expect(`${error.message}${error.hint}`).not.toMatch(/secret|example\.org|invented/)
})

test('a unix socket is reached through tls.socketPath, with plain http', async () => {
  const { mkdtemp, rm } = await import('node:fs/promises')
  const { createServer: createHttp } = await import('node:http')
  const folder = await mkdtemp('/tmp/primero-test-')
  const socketPath = `${folder}/primero.sock`
  const server = createHttp((_, response) => list(response, [{ id: 'r', status: 'in_progress' }])).listen(socketPath)
  onTestFinished(async () => {
    server.closeAllConnections()
    server.close()
    await rm(folder, { recursive: true })
  })

  const referrals = await primero(configurationFor('http://primero.example.org', { tls: { socketPath } })).getReferrals(
    uuid,
  )

  expect(referrals).toHaveLength(1)
})

test('P10: errors held the whole answer; nothing of request, answer or credential reaches an error', async () => {
  const canaries = ['Nyakim', '803-00000001', 'openfn_api', 'an-invented-password', 'Canary-Header']
  const errors = [{ status: 500, resource: '/x', message: 'PG::Error Nyakim Deng 803-00000001', detail: 'Nyakim Deng' }]
  for (const status of [401, 403, 404, 409, 422, 429, 500, 503]) {
    const { url } = await serve((_, response) => json(response, { errors }, status, { 'x-canary': 'Canary-Header' }))

    const error = await failureOf(primero(configurationFor(url)).casesWhere('unhcr_individual_no', '803-00000001'))

    const text = [error.message, error.stack, JSON.stringify(error), JSON.stringify(Object.entries(error))].join(' ')
    for (const canary of canaries) expect(text).not.toContain(canary)
    expect(error.cause).toBeUndefined()
  }
})

test('a request line that the proxy would cut is refused here', async () => {
  const { url, seen } = await serve((_, response) => list(response, []))
  const fields = Array.from({ length: 100 }, (_, index) => `some_long_field_${index}`)

  const error = await failureOf(primero(configurationFor(url)).getCase(uuid, { fields }))

  expect(error).toMatchObject({ code: 'CONFIGURATION', retry: 'never' })
  expect(seen).toHaveLength(0)
})
