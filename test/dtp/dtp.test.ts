import { createServer } from 'node:net'
import { expect, test, vi } from 'vitest'
import { postToDtp } from '../../src/operations/dtp.ts'
import { makeCertificates } from '../../src/simulator/certificates.ts'
import { failureOf, html, json, serve } from '../primero/server.ts'

const referral = {
  request_type: 'ReceiveIncomingReferral',
  progres_givenname: 'Nyakim',
  progres_dateofbirth: '2014-02-11',
}

function stateFor(baseUrl: string, more: Record<string, unknown> = {}) {
  return {
    configuration: { baseUrl, subscriptionKey: 'invented-subscription-key', timeoutMs: 400, concurrency: 8, ...more },
  }
}

test('the body arrives as it is, at the operation, with the subscription key', async () => {
  const { url, seen } = await serve((_, response) => response.writeHead(202).end())

  await postToDtp(stateFor(`${url}/primero-uat/`), 'ReceiveIncomingReferral', {
    ...referral,
    languages: ['Nuer', 'Anyuak'],
  })

  expect(seen).toHaveLength(1)
  expect(seen[0]).toMatchObject({ method: 'POST', url: '/primero-uat/ReceiveIncomingReferral' })
  expect(seen[0]?.headers['ocp-apim-subscription-key']).toBe('invented-subscription-key')
  expect(seen[0]?.headers['content-type']).toMatch(/^application\/json/)
  expect(JSON.parse(seen[0]?.body ?? '')).toEqual({ ...referral, languages: ['Nuer', 'Anyuak'] })
})

test.each(['empty', 'JSON', 'HTML', 'broken JSON', 'no content type', 'broken off'])(
  'a 2xx is accepted whatever its body: %s',
  async (body) => {
    const { url } = await serve((_, response) => {
      if (body === 'empty') response.writeHead(200).end()
      else if (body === 'JSON') json(response, { ok: true })
      else if (body === 'HTML') html(response)
      else if (body === 'no content type') response.writeHead(200, {}).end('x'.repeat(1000))
      else if (body === 'broken JSON') response.writeHead(200, { 'content-type': 'application/json' }).end('{')
      else {
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': 1000 })
        response.write('{', () => response.destroy())
      }
    })

    await expect(postToDtp(stateFor(url), 'ReceiveIncomingReferral', referral)).resolves.toBeUndefined()
  },
)

test.each([
  [400, 'REMOTE_REFUSED', 'never', 'refused'],
  [401, 'ACCESS_REFUSED', 'never', 'refused'],
  [403, 'ACCESS_REFUSED', 'never', 'refused'],
  [404, 'REMOTE_REFUSED', 'never', 'refused'],
  [409, 'REMOTE_REFUSED', 'never', 'refused'],
  [422, 'REMOTE_REFUSED', 'never', 'refused'],
  [408, 'REMOTE_DOWN', 'later', 'unsure'],
  [425, 'REMOTE_DOWN', 'later', 'unsure'],
  [429, 'REMOTE_DOWN', 'later', 'not_reached'],
  [500, 'REMOTE_DOWN', 'later', 'unsure'],
  [502, 'REMOTE_DOWN', 'later', 'unsure'],
  [503, 'REMOTE_DOWN', 'later', 'not_reached'],
  [504, 'REMOTE_DOWN', 'later', 'unsure'],
  [499, 'REMOTE_REFUSED', 'never', 'refused'],
  [520, 'REMOTE_DOWN', 'later', 'unsure'],
  [302, 'REMOTE_REFUSED', 'never', 'refused'],
  [307, 'REMOTE_REFUSED', 'never', 'refused'],
  [304, 'REMOTE_REFUSED', 'never', 'refused'],
] as const)('%i is %s, retried %s, %s', async (status, code, retry, reach) => {
  const { url, seen } = await serve((_, response) =>
    response.writeHead(status, { 'content-type': 'application/json', location: '/elsewhere' }).end('{"error":"Nyakim"'),
  )

  const error = await failureOf(postToDtp(stateFor(url), 'ReceiveDecisionOutgoingReferral', referral))

  expect(error).toMatchObject({ name: 'ExchangeError', code, retry, reach, status })
  expect(seen).toHaveLength(1)
})

test.each([
  ['30', 30_000],
  ['garbage', undefined],
])('a 429 that asks to wait %s is obeyed', async (header, expected) => {
  const { url } = await serve((_, response) => response.writeHead(429, { 'retry-after': header }).end())

  const error = await failureOf(postToDtp(stateFor(url), 'ReceiveIncomingReferral', referral))

  expect(error.retryAfterMs).toBe(expected)
})

test('a time-out and a reset after sending are unsure and sent once; a refused connection and an unknown host are not reached', async () => {
  const hung = await serve(() => {})
  const reset = await serve((_, _response, incoming) => void incoming.socket.resetAndDestroy())
  const closed = await serve((_, _response, incoming) => void incoming.socket.end())
  const free = createServer()
  await new Promise<void>((resolve) => free.listen(0, '127.0.0.1', resolve))
  const { port } = free.address() as { port: number }
  await new Promise((resolve) => free.close(resolve))
  const tls = { cert: 'unused', key: 'unused', socketPath: '/tmp/there-is-no-such-socket' }
  const post = (state: ReturnType<typeof stateFor>) => failureOf(postToDtp(state, 'ReceiveIncomingReferral', referral))

  const errors = await Promise.all([
    post(stateFor(hung.url)),
    post(stateFor(reset.url)),
    post(stateFor(closed.url)),
    post(stateFor(`http://127.0.0.1:${port}`)),
    post(stateFor('http://dtp.example.org', { tls })),
  ])

  expect(errors.every((error) => error.code === 'REMOTE_DOWN' && error.retry === 'later')).toBe(true)
  expect(errors.map((error) => error.reach)).toEqual(['unsure', 'unsure', 'unsure', 'not_reached', 'not_reached'])
  expect([hung, reset, closed].map(({ seen }) => seen.length)).toEqual([1, 1, 1])
})

test('when one runs out of time, those that wait fail with it', async () => {
  const { url, seen } = await serve(() => {})
  const begun = performance.now()

  const errors = await Promise.all(
    Array.from({ length: 12 }, () =>
      failureOf(postToDtp(stateFor(url, { concurrency: 2 }), 'ReceiveIncomingReferral', referral)),
    ),
  )

  expect(errors.filter((error) => error.reach === 'unsure')).toHaveLength(2)
  expect(errors.filter((error) => error.reach === 'not_reached')).toHaveLength(10)
  expect(performance.now() - begun).toBeLessThan(3000)
  expect(seen).toHaveLength(2)
})

test('no more than `concurrency` posts to one address are in flight', async () => {
  let now = 0
  let most = 0
  const { url } = await serve((_, response) => {
    most = Math.max(most, ++now)
    setTimeout(() => {
      now -= 1
      response.writeHead(200).end()
    }, 10)
  })

  await Promise.all(
    Array.from({ length: 20 }, () => postToDtp(stateFor(url, { concurrency: 3 }), 'ReceiveIncomingReferral', referral)),
  )

  expect(most).toBe(3)
})

test('the client certificate of the credential is shown', async () => {
  const { ca, server, client } = await makeCertificates()
  const names: unknown[] = []
  const { url } = await serve(
    (_, response, incoming) => {
      names.push(
        'getPeerCertificate' in incoming.socket && (incoming.socket as import('node:tls').TLSSocket).authorized,
      )
      response.writeHead(200).end()
    },
    { ...server, ca, requestCert: true, rejectUnauthorized: true },
  )

  await postToDtp(stateFor(url, { tls: { ...client, ca } }), 'ReceiveIncomingReferral', referral)

  expect(names).toEqual([true])
})

test('without a client certificate nothing is sent, and the words say what is missing', async () => {
  const { ca, server } = await makeCertificates()
  const { url, seen } = await serve((_, response) => response.writeHead(200).end(), {
    ...server,
    ca,
    requestCert: true,
  })

  for (const tls of [undefined, { ca }, { ca, cert: server.cert }]) {
    const error = await failureOf(
      postToDtp(stateFor(url, tls === undefined ? {} : { tls }), 'ReceiveIncomingReferral', referral),
    )

    expect(error).toMatchObject({ code: 'CONFIGURATION', retry: 'never', fields: ['tls.cert', 'tls.key'] })
    expect(error.message).toBe('DTP is reached with a client certificate, and none is configured. Nothing was sent.')
    expect(error.hint).toMatch(/DTP_CLIENT_CERT/)
  }
  expect(seen).toHaveLength(0)
})

test('a certificate and a key that do not belong together are said in words', async () => {
  const { ca, server, client } = await makeCertificates()
  const { url } = await serve((_, response) => response.writeHead(200).end(), server)
  const wrong = [
    { cert: client.cert, key: server.key, ca },
    { cert: 'no PEM', key: 'no PEM', ca },
  ]

  for (const tls of wrong) {
    const error = await failureOf(postToDtp(stateFor(url, { tls }), 'ReceiveIncomingReferral', referral))

    expect(error).toMatchObject({ code: 'CONFIGURATION', retry: 'never' })
    expect(error.message).toMatch(/certificate and key for DTP/)
  }
})

test.each([
  ['expired', 'The certificate of DTP has expired.'],
  ['other-authority', 'The certificate of DTP comes from an authority that is not known here.'],
] as const)('a certificate of DTP that is %s is said in words and tried later', async (state, message) => {
  const { ca, server, client } = await makeCertificates({ server: state })
  const { url, seen } = await serve((_, response) => response.writeHead(200).end(), server)

  const error = await failureOf(
    postToDtp(stateFor(url, { tls: { ...client, ca } }), 'ReceiveIncomingReferral', referral),
  )

  expect(error).toMatchObject({ message, code: 'REMOTE_DOWN', retry: 'later', reach: 'not_reached' })
  expect(seen).toHaveLength(0)
})

test.each([
  ['plain http to another machine', { baseUrl: 'http://dtp.example.org' }],
  ['no subscription key', { subscriptionKey: '' }],
  ['certificates not verified', { tls: { cert: 'x', key: 'y', rejectUnauthorized: false } }],
])('%s is refused before anything is sent', async (_, wrong) => {
  const error = await failureOf(
    postToDtp(stateFor('https://dtp.example.org', wrong), 'ReceiveIncomingReferral', referral),
  )

  expect(error).toMatchObject({ code: 'CONFIGURATION', retry: 'never' })
  expect(`${error.message}${error.hint}`).not.toMatch(/invented|example\.org/)
})

test('D73: body, key and answer stayed in the error; nothing of them is in ours, in the state or on the console', async () => {
  const { url } = await serve((_, response) =>
    json(response, { echo: 'Nyakim', key: 'Canary-Answer' }, 500, { 'x-canary': 'Canary-Header' }),
  )
  const state = stateFor(url)
  const before = structuredClone(state)
  const printed: string[] = []
  const print = (...values: unknown[]) => void printed.push(values.join(' '))
  const spies = [
    vi.spyOn(console, 'log').mockImplementation(print),
    vi.spyOn(console, 'error').mockImplementation(print),
  ]

  const error = await failureOf(postToDtp(state, 'ReceiveIncomingReferral', referral))

  for (const spy of spies) spy.mockRestore()
  const text = [error.message, error.stack, JSON.stringify(error), ...printed].join(' ')
  for (const canary of ['Nyakim', 'Canary-', 'invented-subscription-key', '2014-02-11'])
    expect(text).not.toContain(canary)
  expect(error.cause).toBeUndefined()
  expect(state).toEqual(before)
})
