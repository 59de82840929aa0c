import { afterAll, describe, expect, test } from 'vitest'
import { ask } from './ask.ts'
import { decision, newChild, referrals } from './messages.ts'
import { startSite } from './site.ts'
import { casesOf, referredChild, rows, told, writes } from './systems.ts'
import { until } from './until.ts'

const secondToken = 'the-token-of-the-next-quarter-0001'
const site = await startSite({ env: { INBOX_TOKENS: `the-token-of-this-quarter-000001,${secondToken}` } })
afterAll(() => site.close())

const address = (workflow = 'dtp-inbox') => `${site.exchange.address}/i/${workflow}`
const json = { 'content-type': 'application/json' }
const post = (body: string | Buffer, headers: Readonly<Record<string, string>> = {}, workflow?: string) =>
  ask(address(workflow), { method: 'POST', headers: { ...json, 'x-api-key': site.token, ...headers }, body })
const secret = 'Canary Nyamal'

describe('the HTTP table', () => {
  test('a message is answered 200 with a work_order_id; the run follows', async () => {
    const child = newChild()

    const answer = await post(JSON.stringify(child.message()), { 'content-type': 'application/json; charset=utf-8' })

    expect(answer.status).toBe(200)
    const body = JSON.parse(answer.text)
    expect(Object.keys(body)).toEqual(['work_order_id'])
    expect(body.work_order_id).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
    await site.settled(body.work_order_id, 'done')
    expect(rows(site.primero, child.number)).toHaveLength(1)
  })

  test('each of several tokens opens the inbox', async () => {
    const { status } = await post(JSON.stringify(newChild().message()), { 'x-api-key': secondToken })

    expect(status).toBe(200)
  })

  test('no token and a wrong one are answered alike, before the body and the workflow are judged', async () => {
    const wrong = { ...json, 'x-api-key': 'wrong' }
    const answers = await Promise.all([
      ask(address(), { method: 'POST', headers: json, body: '{}' }),
      ask(address(), { method: 'POST', headers: wrong, body: '{}' }),
      ask(address(), { method: 'POST', headers: { ...wrong, 'content-type': 'text/plain' }, body: 'no JSON' }),
      ask(address('no-such-workflow'), { method: 'POST', headers: wrong, body: '{' }),
      ask(address(), { method: 'POST', headers: { ...wrong, 'content-length': '99999999' } }),
    ])

    for (const { status, text } of answers)
      expect({ status, text }).toEqual({ status: 401, text: '{"error":"Unauthorized"}' })
  })

  test.each(['no-such-workflow', 'send-decisions', 'constructor', '%zz'])(
    'workflow %s, unknown or not a webhook, is 404 before the body is judged',
    async (workflow) => {
      const { status, text } = await post('no JSON', { 'content-type': 'text/plain' }, workflow)

      expect({ status, text }).toEqual({ status: 404, text: '{"error":"Webhook not found"}' })
    },
  )

  const nested = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`
  const keys = (count: number) => `{${Array.from({ length: count }, (_, index) => `"${index}":0`).join(',')}}`
  const bytes = (length: number) => {
    const frame = '{"request_type":"none","a":""}'
    return frame.replace('""', `"${'a'.repeat(length - frame.length)}"`)
  }

  test.each([
    ['10,485,760 bytes', bytes(10_485_760), 200],
    ['a byte more', bytes(10_485_761), 413],
    ['100 levels', nested(100), 200],
    ['101 levels', nested(101), 400],
    ['200,000 keys', keys(200_000), 200],
    ['200,001 keys', keys(200_001), 400],
    ['a string of 5 MB', `{"a":"${'ß'.repeat(2_500_000)}"}`, 200],
    ['a list of 100,000', JSON.stringify({ a: Array.from({ length: 100_000 }, () => 1) }), 200],
    ['no JSON', `{"name":"${secret}"`, 400],
    ['nothing', '', 400],
    ['a key twice', `{"a":"${secret}","b":{"c":1,"c":2}}`, 400],
    ['a key twice, once escaped', `{"a":"${secret}","\\u0061":2}`, 400],
  ])('pinned 22: a body of %s', async (_, body, expected) => {
    const { status, text } = await post(body)

    expect(status).toBe(expected)
    if (expected === 200) return
    expect(JSON.parse(text)).toEqual({ error: expect.any(String), message: expect.any(String) })
    expect(text).not.toContain('Canary')
  })

  test.each(['text/plain', 'application/xml', 'application/x-www-form-urlencoded'])('%s is 415', async (type) => {
    const { status, text } = await post(JSON.stringify({ name: secret }), { 'content-type': type })

    expect(status).toBe(415)
    expect(JSON.parse(text)).toEqual({ error: expect.any(String), message: expect.any(String) })
    expect(text).not.toContain('Canary')
  })

  test('pinned 22: headers may have 16 KiB', async () => {
    const answer = (length: number) => post('{"request_type":"none","n":2}', { 'x-padding': 'a'.repeat(length) })

    expect((await answer(15_000)).status).toBe(200)
    expect((await answer(17_000)).status).toBe(431)
  })

  test('pinned 22: a thousand bad tokens within a minute block their address, and nobody with a valid one', async () => {
    const from = '127.0.0.9'
    const bad = () => ask(address(), { method: 'POST', headers: { ...json, 'x-api-key': 'guess' }, body: '{}', from })
    for (let sent = 0; sent < 1_000; sent += 100) {
      const answers = await Promise.all(Array.from({ length: 100 }, bad))
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([401]))
    }

    const blocked = await bad()
    const sameAddress = await ask(address(), {
      method: 'POST',
      headers: { ...json, 'x-api-key': site.token },
      body: JSON.stringify(newChild().message()),
      from,
    })
    const elsewhere = await ask(address(), { method: 'POST', headers: { ...json, 'x-api-key': 'guess' }, body: '{}' })

    expect(blocked.status).toBe(429)
    expect(Number(blocked.headers['retry-after'])).toBeGreaterThan(0)
    expect(sameAddress.status).toBe(200)
    expect(elsewhere.status).toBe(401)
  })

  test('health and readiness are open, metrics are the administrator’s', async () => {
    const admin = `Basic ${Buffer.from(`admin:${site.env.ADMIN_PASSWORD}`).toString('base64')}`
    const at = (path: string, headers = {}) => ask(`${site.exchange.address}${path}`, { headers })

    expect((await at('/health')).status).toBe(204)
    expect((await at('/ready')).status).toBe(204)
    expect((await at('/metrics')).status).toBe(401)
    const metrics = await at('/metrics', { authorization: admin })
    expect(metrics.status).toBe(200)
    expect(metrics.headers['content-type']).toMatch(/^text\/plain/)
    expect(metrics.text).toMatch(/^# HELP /m)
  })
})

describe('pinned 11: the same message again', () => {
  const reordered = (message: Readonly<Record<string, unknown>>) => {
    const { interventions, ...rest } = message as { interventions: readonly Readonly<Record<string, unknown>>[] }
    const turned = interventions.map((row) => Object.fromEntries(Object.entries(row).toReversed()))
    return JSON.stringify({ ...rest, interventions: turned }, null, 3)
  }
  const idOf = ({ text }: { readonly text: string }): string => JSON.parse(text).work_order_id

  test('pinned 11: while the first is under way and after it was delivered it is the same entry, without a second effect', async () => {
    const child = newChild()
    site.primero.faults.add({ match: { method: 'POST', path: '/cases' }, what: { kind: 'delay', delayMs: 300 } })
    const text = JSON.stringify(child.message())

    const together = await Promise.all(Array.from({ length: 5 }, () => post(text)))
    const whileRunning = await post(reordered(child.message()))
    await site.settled(idOf(whileRunning), 'done')
    const [writesBefore, toldBefore] = [writes(site.primero.requests).length, told(site.dtp, child.number).length]
    const afterwards = await post(reordered(child.message()))
    await site.restart()
    const afterRestart = await post(text)

    const ids = [...together, whileRunning, afterwards, afterRestart].map(idOf)
    expect(new Set(ids).size).toBe(1)
    expect(writes(site.primero.requests)).toHaveLength(writesBefore)
    expect(toldBefore).toBe(1)
    expect(told(site.dtp, child.number)).toHaveLength(1)
    expect(await site.entry(idOf(afterRestart))).toMatchObject({ state: 'done' })
  })

  test('pinned 11: after a refusal the same message is a new entry, and a corrected one is delivered', async () => {
    const child = newChild()
    const bad = child.message({ 'interventiontype.progres_description': 'Cash Assistance' })

    const first = await site.deliver(bad)
    const again = await site.deliver(bad)
    const corrected = await site.deliver(child.message())

    expect(first).toMatchObject({ state: 'done', records: { [child.number]: 'refused SERVICE_TYPE_NOT_AGREED' } })
    expect(again.id).not.toBe(first.id)
    expect(corrected).toMatchObject({ state: 'done', records: { [child.number]: 'delivered DELIVERED' } })
    expect(told(site.dtp, child.number).map(({ status }) => status)).toEqual([
      'Delivery Fail',
      'Pending Acknowledgement',
    ])
  })

  test('pinned 11: while it is stuck it is the same entry; after a discard it is a new one', async () => {
    const unknown = { request_type: 'nobody-knows', number: newChild().number }

    const first = await site.deliver(unknown)
    const again = await site.post(unknown)
    await site.api('POST', `/api/entries/${first.id}/discard`)
    const afterwards = await site.post(unknown)

    expect(first).toMatchObject({ state: 'stuck', code: 'MESSAGE_UNRECOGNISED' })
    expect(again).toBe(first.id)
    expect(afterwards).not.toBe(first.id)
  })

  test('pinned 11: a repeated decision message is a new entry, judged against the referral that is open now', async () => {
    await site.run('send-referrals')
    const { referral, referralId, child, service } = referredChild(site.primero, site.settings.unhcr_user)
    await site.run('send-referrals')
    const message = decision(referralId)

    const first = await site.deliver(message)
    const again = await site.deliver(message)
    const second = site.primero.people.refer(child.id, String(service.unique_id), site.settings.unhcr_user)
    const third = await site.deliver(message)

    expect(first).toMatchObject({ state: 'done', records: { [referralId]: 'delivered DELIVERED' } })
    expect(again).toMatchObject({ state: 'done', records: { [referralId]: 'unchanged ALREADY_DECIDED' } })
    expect(third).toMatchObject({ state: 'done', records: { [referralId]: 'delivered DELIVERED' } })
    expect(new Set([first.id, again.id, third.id]).size).toBe(3)
    expect(site.primero.content.referral(referral.id)?.status).toBe('accepted')
    expect(site.primero.content.referral(second.id)?.status).toBe('accepted')
  })
})

test('a message that was answered 200 survives kill -9', async () => {
  const child = newChild()

  const id = await site.post(referrals(child.row()))
  await site.kill()
  await site.start()

  await site.settled(id, 'done')
  await until('the case', () => (casesOf(site.primero, child.individualNo).length === 1 ? true : undefined))
  expect(told(site.dtp, child.number)).toHaveLength(1)
})
