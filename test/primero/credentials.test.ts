import { expect, test } from 'vitest'
import { credentialsRefused, primero, resetPrimero } from '../../src/adaptors/language-primero/client.ts'
import { startPrimero } from '../../src/simulator/primero/server.ts'
import { configurationFor, failureOf, html, json, list, serve } from './server.ts'

const uuid = '0b6f9f0e-6c5f-4a57-9d0e-1d1f6a1c7b10'
const refused = { code: 'CREDENTIALS_REFUSED', retry: 'never', status: 401 }

test('a wrong password costs one login, however much is asked at once, and the account is not locked', async () => {
  const simulator = await startPrimero()
  const wrong = configurationFor(simulator.url, { user: simulator.account.user, password: 'a-stale-password' })
  const client = primero(wrong)

  const errors = await Promise.all(Array.from({ length: 20 }, () => failureOf(client.getReferrals(uuid))))
  const later = await failureOf(client.serverTime())

  for (const error of [...errors, later]) expect(error).toMatchObject(refused)
  expect(simulator.requests).toHaveLength(1)
  expect(simulator.isLocked(simulator.account.user)).toBe(false)
  expect(credentialsRefused(wrong)).toBe(true)
  await simulator.close()
})

test('a password changed while we work: at most the requests in flight are refused, and none follows', async () => {
  let valid = true
  const { url, seen } = await serve((_, response) =>
    setTimeout(() => (valid ? list(response, []) : json(response, { error: 'Invalid' }, 401)), 20),
  )
  const configuration = configurationFor(url, { concurrency: 9 })
  const client = primero(configuration)
  await client.getReferrals(uuid)

  valid = false
  const errors = await Promise.all(Array.from({ length: 30 }, () => failureOf(client.getReferrals(uuid))))

  for (const error of errors) expect(error).toMatchObject(refused)
  expect(seen.length - 1).toBe(5)
})

test('after resetPrimero it asks again; other credentials were never stopped', async () => {
  let valid = false
  const { url, seen } = await serve((_, response) => (valid ? list(response, []) : html(response, 401)))
  const configuration = configurationFor(url)
  await failureOf(primero(configuration).getReferrals(uuid))
  valid = true

  const other = await primero(configurationFor(url, { password: 'another-password' })).getReferrals(uuid)
  const stopped = await failureOf(primero({ ...configuration }).getReferrals(uuid))
  await resetPrimero(configuration)
  const again = await primero(configuration).getReferrals(uuid)

  expect([other, again]).toEqual([[], []])
  expect(stopped).toMatchObject(refused)
  expect(seen).toHaveLength(3)
  expect(credentialsRefused(configuration)).toBe(false)
})

test('no more than `concurrency` requests are in flight, and they share connections', async () => {
  let now = 0
  let most = 0
  const sockets = new Set<unknown>()
  const { url } = await serve((_, response, incoming) => {
    sockets.add(incoming.socket)
    most = Math.max(most, ++now)
    setTimeout(() => {
      now -= 1
      list(response, [])
    }, 10)
  })
  const client = primero(configurationFor(url, { concurrency: 3 }))

  await Promise.all(Array.from({ length: 24 }, () => client.getReferrals(uuid)))

  expect(most).toBe(3)
  expect(sockets.size).toBeLessThanOrEqual(3)
})

test('HTTP Basic is what is used when nothing is said', async () => {
  const { url, seen } = await serve((_, response) => list(response, []))

  await primero(configurationFor(url)).getReferrals(uuid)

  expect(seen[0]?.headers.authorization).toBe(`Basic ${btoa('openfn_api:an-invented-password')}`)
})

test('F10: releases up to 2.10: one login for many requests, renewed once when the token is refused', async () => {
  let token = 1
  const { url, seen } = await serve((one, response) => {
    if (one.url.endsWith('/tokens')) return json(response, { id: 12, user_name: 'openfn_api', token: `jwt-${token}` })
    if (one.headers.authorization === `Bearer jwt-${token}`) return list(response, [])
    json(response, { error: 'Signature has expired' }, 401)
  })
  const client = primero(configurationFor(url, { basicAuth: false }))
  await client.getReferrals(uuid)
  token = 2

  await Promise.all([1, 2, 3].map(() => client.getReferrals(uuid)))

  expect(seen.filter((one) => one.url.endsWith('/tokens'))).toHaveLength(2)
  expect(JSON.parse(seen[0]?.body ?? '')).toEqual({
    user: { user_name: 'openfn_api', password: 'an-invented-password' },
  })
})

test('token login: a new token that is refused as well stops everything', async () => {
  const { url, seen } = await serve((one, response) =>
    one.url.endsWith('/tokens') ? json(response, { token: 'jwt' }) : json(response, { error: 'no' }, 401),
  )
  const configuration = configurationFor(url, { basicAuth: false })

  expect(await failureOf(primero(configuration).getReferrals(uuid))).toMatchObject(refused)
  expect(await failureOf(primero(configuration).getReferrals(uuid))).toMatchObject(refused)
  expect(seen).toHaveLength(4)
})

test.each([
  ['answers without a token', (url: string) => url.length > 0 && 200],
  ['asks for a CSRF token', () => 403],
])('a release from 2.11 on that %s is told to be used with HTTP Basic', async (_, statusOf) => {
  const { url } = await serve((one, response) =>
    json(response, { id: 12, user_name: 'openfn_api' }, statusOf(one.url) || 500),
  )

  const error = await failureOf(primero(configurationFor(url, { basicAuth: false })).getReferrals(uuid))

  expect(error).toMatchObject({
    code: 'CONFIGURATION',
    retry: 'never',
    hint: 'Set basicAuth to true in the credential.',
  })
})

test('F11: a throttled login (429, plain text) is tried later, and a wrong password at login stops everything', async () => {
  let status = 429
  const { url, seen } = await serve((_, response) =>
    response.writeHead(status, { 'content-type': 'text/plain' }).end('Retry later\n'),
  )
  const client = primero(configurationFor(url, { basicAuth: false }))

  const throttled = await failureOf(client.getReferrals(uuid))
  status = 401
  const wrong = await failureOf(client.getReferrals(uuid))
  const after = await failureOf(client.getReferrals(uuid))

  expect(throttled).toMatchObject({ code: 'REMOTE_DOWN', retry: 'later', reach: 'not_reached' })
  expect([wrong, after]).toMatchObject([refused, refused])
  expect(seen).toHaveLength(2)
})

test('works with the simulator of 2.6 through the token login and with both releases through Basic', async () => {
  for (const [profile, basicAuth] of [
    ['2.6', false],
    ['2.6', true],
    ['2.15', true],
  ] as const) {
    const simulator = await startPrimero({ profile })
    const configuration = { url: simulator.url, ...simulator.account, basicAuth }

    const time = await primero(configuration).serverTime()

    expect(time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
    await resetPrimero(configuration)
    await simulator.close()
  }
})
