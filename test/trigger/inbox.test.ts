import { createReadStream } from 'node:fs'
import { request } from 'node:http'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ExchangeError } from '../../src/errors/ExchangeError.ts'
import { maxBadTokensPerMinute, maxBodyBytes, maxBytesAtOnce, maxMessagesAtOnce } from '../../src/trigger/inbox.ts'
import { type Answer, listening, newToken, send, temporaryStore, token } from './listening.ts'

const message = '{"rows":[{"number":"INT-1"}]}'
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

describe('inbox: what is accepted', () => {
  it('an entry is answered 200 with its id only after the store has it, and the worker is woken', async () => {
    const store = await temporaryStore()
    const { base, seen } = await listening({ store })

    const answer = await send(base, '/i/inbox', message)

    expect(answer.status).toBe(200)
    const { work_order_id: id, ...rest } = JSON.parse(answer.text)
    expect(id).toMatch(uuid)
    expect(rest).toEqual({})
    expect(await store.entries.get(id)).toMatchObject({ workflow: 'inbox', kind: 'webhook', state: 'waiting' })
    expect(seen.wakes).toBe(1)
  })

  it('a run gets the JSON text exactly as it was sent', async () => {
    const store = await temporaryStore()
    const { base } = await listening({ store })
    const text = ' {"b": 1.0,\n "a":"ሰላም 😀 \u202e <b>&amp;"}\r\n'

    await send(base, '/i/inbox', text)

    const claim = await store.entries.claim({ owner: 'test', now: new Date(), leaseMs: 1000 })
    expect(claim?.payload).toBe(text)
  })

  it('a list is accepted as well as an object', async () => {
    const { base } = await listening()

    expect((await send(base, '/i/inbox', '[{"number":"INT-1"}]')).status).toBe(200)
  })

  it('any of the tokens opens the inbox during a rotation', async () => {
    const { base } = await listening()

    expect((await send(base, '/i/inbox', message, { headers: { 'x-api-key': newToken } })).status).toBe(200)
  })

  it('a workflow key may hold spaces, arrows and letters beyond ASCII', async () => {
    const { base } = await listening()

    expect((await send(base, `/i/${encodeURIComponent('in box → äö')}`, message)).status).toBe(200)
  })

  it('a query string changes nothing', async () => {
    const { base } = await listening()

    expect((await send(base, '/i/inbox?x=1', message)).status).toBe(200)
  })

  it('a body of exactly 10,485,760 bytes is accepted, with and without its length told', async () => {
    const { base } = await listening()
    const body = bodyOf(maxBodyBytes)

    expect((await send(base, '/i/inbox', body)).status).toBe(200)
    expect((await send(base, '/i/inbox', body, { headers: { 'transfer-encoding': 'chunked' } })).status).toBe(200)
  })

  it('one text or one list may fill the whole body', async () => {
    const { base } = await listening()

    expect((await send(base, '/i/inbox', `{"note":"${'x'.repeat(5_000_000)}"}`)).status).toBe(200)
    expect((await send(base, '/i/inbox', `[${'1,'.repeat(2_000_000)}1]`)).status).toBe(200)
  })

  it('a sender that asks first is told to continue', async () => {
    const { base } = await listening()

    expect((await send(base, '/i/inbox', message, { headers: { expect: '100-continue' } })).status).toBe(200)
  })

  it('a sender that asks first is refused before it sends anything', async () => {
    const { base } = await listening()

    const { status, continued } = await new Promise<{ status: number; continued: boolean }>((resolve, reject) => {
      let continued = false
      const headers = {
        'x-api-key': 'wrong',
        'content-type': 'application/json',
        expect: '100-continue',
        'content-length': '5000000',
      }
      const outgoing = request(`${base}/i/inbox`, { method: 'POST', headers, agent: false }, (answer) => {
        resolve({ status: answer.statusCode ?? 0, continued })
        outgoing.destroy()
      })
      outgoing.on('continue', () => {
        continued = true
      })
      outgoing.on('error', reject)
      outgoing.flushHeaders()
    })

    expect({ status, continued }).toEqual({ status: 401, continued: false })
  })
})

describe('inbox: the same message again', () => {
  it('has the same id, whatever its spacing and order of keys, and stores nothing', async () => {
    const store = await temporaryStore()
    const { base, lines } = await listening({ store })

    const first = await send(base, '/i/inbox', '{"a":1,"b":{"c":2,"d":[3,4]}}')
    const second = await send(base, '/i/inbox', '{ "b": {"d":[3,4], "c":2}, "a":1 }')

    expect(second.text).toBe(first.text)
    expect(await store.entries.list({})).toHaveLength(1)
    expect(lines.filter((line) => line.includes('"entry repeated"'))).toHaveLength(1)
  })

  it('sent a hundred times at once is one entry', async () => {
    const store = await temporaryStore()
    const { base } = await listening({ store })

    const answers = await Promise.all(Array.from({ length: 100 }, () => send(base, '/i/inbox', message)))

    expect(new Set(answers.map(({ text }) => text)).size).toBe(1)
    expect(await store.entries.list({})).toHaveLength(1)
  })

  it('for another workflow or with the list in another order is another entry', async () => {
    const { base } = await listening()

    const answers = [
      await send(base, '/i/inbox', '[1,2]'),
      await send(base, '/i/inbox', '[2,1]'),
      await send(base, `/i/${encodeURIComponent('in box → äö')}`, '[1,2]'),
    ]

    expect(new Set(answers.map(({ text }) => text)).size).toBe(3)
  })

  it('is a new entry where the domain judges every message anew', async () => {
    const { base } = await listening()

    const first = await send(base, '/i/inbox', '{"decision":"accepted"}')
    const second = await send(base, '/i/inbox', '{"decision":"accepted"}')

    expect(second.status).toBe(200)
    expect(second.text).not.toBe(first.text)
  })

  it('messages that share a lock are worked on one after the other', async () => {
    const store = await temporaryStore()
    const { base } = await listening({
      store,
      describeMessage: () => ({ repeatable: true, locks: ['child 1', 'child 1'] }),
    })
    await send(base, '/i/inbox', '[1]')
    await send(base, '/i/inbox', '[2]')

    const claims = [await claim(), await claim()]

    expect(claims.map((found) => found?.payload)).toEqual(['[1]', undefined])

    function claim() {
      return store.entries.claim({ owner: 'test', now: new Date(), leaseMs: 10_000 })
    }
  })
})

describe('inbox: what is refused', () => {
  const cleanUps: (() => Promise<void>)[] = []
  let base = ''
  let lines: string[] = []
  beforeAll(async () => {
    ;({ base, lines } = await listening({}, (cleanUp) => cleanUps.unshift(cleanUp)))
  })
  afterAll(async () => {
    for (const cleanUp of cleanUps) await cleanUp()
  })
  const unauthorized = { status: 401, text: '{"error":"Unauthorized"}' }
  const notFound = { status: 404, text: '{"error":"Webhook not found"}' }

  it.each([
    ['no token', undefined],
    ['an empty token', ''],
    ['a wrong token', 'wrong'],
    ['all tokens in one', `${token},${newToken}`],
    ['a token with more', `${token}x`],
  ])('%s: 401 with the same body, whether the workflow exists or not', async (_, key) => {
    for (const path of ['/i/inbox', '/i/closed', '/i/hourly', '/i/nothing', '/i/']) {
      expect(await send(base, path, message, { headers: { 'x-api-key': key } })).toMatchObject(unauthorized)
    }
  })

  it('a token in the query string does not count and is not logged', async () => {
    const answer = await send(base, `/i/inbox?x-api-key=${token}`, message, { headers: { 'x-api-key': undefined } })

    expect(answer).toMatchObject(unauthorized)
    expect(lines.join('')).not.toContain(token)
  })

  it.each([
    'nothing',
    'hourly',
    'INBOX',
    '',
    'inbox/',
    'inbox/more',
    '%',
    '%00',
    'toString',
    '__proto__',
    'constructor',
    '..%2fapi',
  ])('/i/%s is no webhook: 404', async (key) => {
    expect(await send(base, `/i/${key}`, message)).toMatchObject(notFound)
  })

  it('401 and 404 come before the body is judged', async () => {
    const huge = { 'content-length': String(maxBodyBytes + 1) }

    expect(await early(base, '/i/inbox', { ...huge, 'x-api-key': 'wrong' })).toMatchObject(unauthorized)
    expect(await early(base, '/i/nothing', huge)).toMatchObject(notFound)
    expect(await send(base, '/i/inbox', 'no json', { headers: { 'x-api-key': 'wrong' } })).toMatchObject(unauthorized)
    expect(await send(base, '/i/nothing', 'no json')).toMatchObject(notFound)
  })

  it('a disabled trigger: 403', async () => {
    const answer = await send(base, '/i/closed', message)

    expect(answer.status).toBe(403)
    expect(JSON.parse(answer.text)).toMatchObject({ error: 'trigger_disabled' })
  })

  it.each(['GET', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'])('%s: 405 and what is allowed', async (method) => {
    const answer = await send(base, '/i/inbox', undefined, { method })

    expect(answer.status).toBe(405)
    expect(answer.headers.allow).toBe('POST')
  })

  it('one byte more than 10 MB: 413 at once where the length is told', async () => {
    expect(await early(base, '/i/inbox', { 'content-length': String(maxBodyBytes + 1) })).toMatchObject({ status: 413 })
  })

  it('one byte more than 10 MB: 413 also where the length is not told, or the sender goes on', async () => {
    const chunked = await send(base, '/i/inbox', bodyOf(maxBodyBytes + 1), {
      headers: { 'transfer-encoding': 'chunked' },
    })
    const told = await send(base, '/i/inbox', bodyOf(3 * maxBodyBytes))

    expect(chunked).toMatchObject({ status: 413 })
    expect(told).toMatchObject({ status: 413 })
    expect(JSON.parse(told.text)).toEqual({ error: 'too_large', message: expect.any(String) })
  })

  it('an endless body is cut off and memory stays flat', async () => {
    const before = process.memoryUsage().rss

    const status = await new Promise<number>((resolve) => {
      const outgoing = request(`${base}/i/inbox`, {
        method: 'POST',
        agent: false,
        headers: { 'x-api-key': token, 'content-type': 'application/json' },
      })
      outgoing.on('response', (answer) => {
        resolve(answer.statusCode ?? 0)
        outgoing.destroy()
      })
      outgoing.on('error', () => undefined)
      createReadStream('/dev/zero').pipe(outgoing)
    })

    expect(status).toBe(413)
    expect(process.memoryUsage().rss - before).toBeLessThan(150 * 1024 * 1024)
  })

  it.each([
    ['text', { 'content-type': 'text/plain' }, 415],
    ['XML', { 'content-type': 'application/xml' }, 415],
    ['no type', { 'content-type': undefined }, 415],
    ['another charset', { 'content-type': 'application/json; charset=latin1' }, 415],
    ['JSON of a kind', { 'content-type': 'application/fhir+json' }, 200],
    ['its charset named', { 'content-type': 'application/json; charset=UTF-8' }, 200],
  ])('%s as content type', async (_, headers, status) => {
    expect((await send(base, '/i/inbox', message, { headers })).status).toBe(status)
  })

  it('a compressed body: 415, and nobody unpacks it', async () => {
    const bomb = gzipSync(Buffer.alloc(50_000_000, 0x20))

    const answer = await send(base, '/i/inbox', bomb, { headers: { 'content-encoding': 'gzip' } })

    expect(answer.status).toBe(415)
  })

  it.each([
    ['not JSON', 'number=INT-1'],
    ['empty', ''],
    ['101 levels deep', `${'['.repeat(101)}${']'.repeat(101)}`],
    ['100,000 levels deep', '{"a":'.repeat(100_000)],
    ['200,001 keys', `[${'{"a":1},'.repeat(200_001)}1]`],
    ['a million keys', `{${Array.from({ length: 600_000 }, (_, n) => `"${n}":1`).join(',')}}`],
    ['a key twice', '{"a":1,"a":2}'],
    ['__proto__', '{"__proto__":{"x":1}}'],
    ['constructor.prototype', '{"constructor":{"prototype":{"x":1}}}'],
    ['1e400', '{"a":1e400}'],
    ['half a surrogate pair', '{"a":"\\ud800"}'],
    ['NUL', '{"a":"\\u0000"}'],
    ['a byte order mark', '\ufeff{}'],
    ['a bare text', '"INT-1"'],
  ])('%s: 400', async (_, body) => {
    const answer = await send(base, '/i/inbox', body)

    expect(answer.status).toBe(400)
    expect(JSON.parse(answer.text)).toEqual({ error: expect.any(String), message: expect.any(String) })
  })

  it.each([
    ['UTF-16', Buffer.from('\ufeff{"a":1}', 'utf16le')],
    ['Latin-1', Buffer.from('{"a":"Zoë"}', 'latin1')],
  ])('%s: 400', async (_, body) => {
    expect((await send(base, '/i/inbox', body)).status).toBe(400)
  })

  it('100 levels and 200,000 keys are accepted', async () => {
    expect((await send(base, '/i/inbox', `${'['.repeat(100)}${']'.repeat(100)}`)).status).toBe(200)
    expect((await send(base, '/i/inbox', `[${'{"a":1},'.repeat(199_999)}{"a":1}]`)).status).toBe(200)
  })

  it('no answer and no log line holds a piece of what was sent', async () => {
    const canary = fc.stringMatching(/^[a-z]{4}Canary[a-z]{4}$/)
    const body = fc
      .tuple(canary, fc.jsonValue(), fc.string())
      .map(([name, value, tail]) => `{"${name}":${JSON.stringify(value)}${tail}`)
    const answers: Answer[] = []

    await fc.assert(
      fc.asyncProperty(body, canary, async (text, key) => {
        answers.push(await send(base, `/i/${key}?${key}`, text))
        answers.push(await send(base, '/i/inbox', text, { headers: { 'x-request': key } }))
      }),
      { numRuns: 150 },
    )

    const told = JSON.stringify(answers.map(({ headers, text }) => [headers, text])) + lines.join('')
    expect(told).not.toMatch(/canary/i)
    expect(lines.every((line) => line.endsWith('\n') && line.indexOf('\n') === line.length - 1)).toBe(true)
  })
})

describe('inbox: when it cannot', () => {
  it('a store that cannot write: 503 with Retry-After, never a 200', async () => {
    const failing = {
      fingerprint: (text: string) => text,
      entries: {
        accept: () => Promise.reject(new ExchangeError('Disk full.', { code: 'STORE_UNAVAILABLE', retry: 'later' })),
      },
    }
    const { base, seen } = await listening({ store: failing })

    const answer = await send(base, '/i/inbox', message)

    expect(answer.status).toBe(503)
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0)
    expect(JSON.parse(answer.text)).toEqual({ error: 'store_unavailable', message: expect.any(String) })
    expect(seen.wakes).toBe(0)
  })

  it('a closed store: 503', async () => {
    const store = await temporaryStore()
    const { base } = await listening({ store })
    await store.close()

    expect((await send(base, '/i/inbox', message)).status).toBe(503)
  })

  it('a bug in describing the message: 500 without its text, and the log names its kind', async () => {
    const { base, lines } = await listening({
      describeMessage: () => {
        throw new TypeError('cannot read Invented Child')
      },
    })

    const answer = await send(base, '/i/inbox', message)

    expect(answer.status).toBe(500)
    expect(answer.text + lines.join('')).not.toContain('Invented')
    expect(lines.join('')).toContain('"error_name":"TypeError"')
  })
})

describe('inbox: more than it can hold', () => {
  it('1,000 messages under way: the next is told 429 and when to come again, and is taken when one is stored', async () => {
    const waiting: (() => void)[] = []
    const { base } = await listening({
      store: {
        fingerprint: (text) => text,
        entries: {
          accept: () => new Promise((resolve) => waiting.push(() => resolve({ id: 'x', runId: 'y', repeated: false }))),
        },
      },
    })
    const underWay = Array.from({ length: maxMessagesAtOnce }, () => send(base, '/i/inbox', message))
    while (waiting.length < maxMessagesAtOnce) await new Promise((resolve) => setTimeout(resolve, 10))

    const refused = await send(base, '/i/inbox', message)
    waiting.pop()?.()
    await Promise.race(underWay)
    const taken = send(base, '/i/inbox', message)
    while (waiting.length < maxMessagesAtOnce) await new Promise((resolve) => setTimeout(resolve, 10))
    for (const release of waiting) release()

    expect(refused.status).toBe(429)
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0)
    expect((await taken).status).toBe(200)
    expect(new Set((await Promise.all(underWay)).map(({ status }) => status))).toEqual(new Set([200]))
  })

  it('128 MiB in bodies that are not finished: the message that brings more is told 429', async () => {
    const { base } = await listening()
    const almostAll = Buffer.alloc(maxBodyBytes - 1, 0x20)
    const statuses: number[] = []
    const uploads = Array.from({ length: Math.ceil(maxBytesAtOnce / almostAll.length) }, () => {
      const headers = { 'x-api-key': token, 'content-type': 'application/json', 'content-length': String(maxBodyBytes) }
      const upload = request(`${base}/i/inbox`, { method: 'POST', agent: false, headers }, (answer) => {
        statuses.push(answer.statusCode ?? 0)
        answer.on('error', () => undefined)
      })
      upload.on('error', () => undefined).write(almostAll)
      return upload
    })
    while (statuses.length === 0) await new Promise((resolve) => setTimeout(resolve, 10))
    for (const upload of uploads) upload.destroy()
    await new Promise((resolve) => setTimeout(resolve, 100))

    expect(statuses).toEqual([429])
    expect((await send(base, '/i/inbox', message)).status).toBe(200)
  })
})

describe('inbox: bad tokens', () => {
  it('1,000 from one address lead to 429 for it; valid tokens are answered 200 all the while, others 401', async () => {
    const { base } = await listening()
    const bad = (from?: string) =>
      send(base, '/i/inbox', message, { headers: { 'x-api-key': 'wrong' }, ...(from && { from }) })

    const first: Answer[] = []
    for (let n = 0; n < maxBadTokensPerMinute; n += 50) {
      first.push(...(await Promise.all(Array.from({ length: 50 }, () => bad()))))
    }
    const next = await bad()
    const elsewhere = await bad('127.0.0.2')
    const good = await send(base, '/i/inbox', message)
    const goodElsewhere = await send(base, '/i/inbox', message, { from: '127.0.0.2' })

    expect(new Set(first.map(({ status }) => status))).toEqual(new Set([401]))
    expect(next.status).toBe(429)
    expect(Number(next.headers['retry-after'])).toBeGreaterThan(0)
    expect(Number(next.headers['retry-after'])).toBeLessThanOrEqual(60)
    expect(JSON.parse(next.text)).toEqual({ error: 'too_many_requests', message: expect.any(String) })
    expect(elsewhere.status).toBe(401)
    expect([good.status, goodElsewhere.status]).toEqual([200, 200])
  })

  it('X-Forwarded-For of somebody who is no trusted proxy does not make an address', async () => {
    const { base, lines } = await listening({ trustedProxies: ['10.0.0.0/8'] })

    await send(base, '/i/inbox', message, { headers: { 'x-api-key': 'wrong', 'x-forwarded-for': '198.51.100.9' } })

    expect(lines.join('')).toContain('"address":"127.0.0.1"')
  })

  it.each([
    ['198.51.100.9', '198.51.100.9'],
    ['203.0.113.1, 198.51.100.9', '198.51.100.9'],
    ['198.51.100.9, 10.1.2.3', '198.51.100.9'],
    ['203.0.113.1, 198.51.100.9,10.1.2.3 , 10.9.9.9', '198.51.100.9'],
    ['2001:db8::7', '2001:db8::7'],
    ['::ffff:198.51.100.9', '198.51.100.9'],
    ['10.1.2.3', '10.1.2.3'],
    ['198.51.100.9, nonsense', '127.0.0.1'],
    ['', '127.0.0.1'],
  ])('behind trusted proxies "%s" is the address %s', async (forwarded, address) => {
    const { base, lines } = await listening({ trustedProxies: ['127.0.0.1', '10.0.0.0/8'] })

    await send(base, '/i/inbox', message, { headers: { 'x-api-key': 'wrong', 'x-forwarded-for': forwarded } })

    expect(lines.join('')).toContain(`"address":"${address}"`)
  })
})

/** A JSON object of exactly this many bytes. */
function bodyOf(bytes: number): Buffer {
  const body = Buffer.alloc(bytes, 0x78)
  body.write('{"note":"')
  body.write('"}', bytes - 2)
  return body
}

/** Sends headers only and takes the answer that comes before any body. */
function early(base: string, path: string, headers: Record<string, string>): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const all = { 'x-api-key': token, 'content-type': 'application/json', ...headers }
    const outgoing = request(`${base}${path}`, { method: 'POST', headers: all, agent: false }, (answer) => {
      let text = ''
      answer.on('data', (chunk: Buffer) => {
        text += chunk.toString()
        if (text.endsWith('}')) {
          resolve({ status: answer.statusCode ?? 0, text })
          outgoing.destroy()
        }
      })
      answer.on('error', () => undefined)
    })
    outgoing.on('error', reject)
    outgoing.flushHeaders()
  })
}
