import { X509Certificate } from 'node:crypto'
import { Agent, request } from 'node:http'
import { request as secureRequest } from 'node:https'
import { connect } from 'node:net'
import { connect as secureConnect } from 'node:tls'
import { describe, expect, it, onTestFinished } from 'vitest'
import { makeCertificates } from '../../src/simulator/certificates.ts'
import { bodyGraceMs } from '../../src/trigger/body.ts'
import { headersTimeoutMs, maxFailuresPerMinute, maxHeaderBytes, startServer } from '../../src/trigger/server.ts'
import { listening, rawTalk, send, temporaryStore, token } from './listening.ts'

const head = (length: number) =>
  `POST /i/inbox HTTP/1.1\r\nhost: x\r\nx-api-key: ${token}\r\ncontent-type: application/json\r\ncontent-length: ${length}\r\n\r\n`

describe('listener: slow and broken senders', () => {
  it('50 senders of slow headers and 10 of a slow body are cut off, and a good one does not notice', async () => {
    const { base, port } = await listening({ routes: async (incoming) => new Response(await incoming.text()) })
    const slowHeaders = Array.from({ length: 50 }, () =>
      rawTalk(port, ['POST /i/inbox HTTP/1.1\r\n', 'x-a: b\r\n'], { everyMs: 300, repeatLast: true }),
    )
    const silent = Array.from({ length: 10 }, () => rawTalk(port, []))
    const slowBodies = Array.from({ length: 10 }, () =>
      rawTalk(port, [head(1000), '{', ' '], { everyMs: 300, repeatLast: true }),
    )

    const slowRoute = rawTalk(port, [head(1000).replace('/i/inbox', '/api/x'), ' '], { everyMs: 300, repeatLast: true })

    const times: number[] = []
    for (let n = 0; n < 100; n++) {
      const startedAt = performance.now()
      expect((await send(base, '/i/inbox', `[${n}]`)).status).toBe(200)
      times.push(performance.now() - startedAt)
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    const median = times.sort((one, other) => one - other)[50]

    expect(median).toBeLessThan(100)
    for (const { heard, closedAfterMs } of await Promise.all([...slowHeaders, ...silent])) {
      expect(heard === '' || heard.startsWith('HTTP/1.1 408 ')).toBe(true)
      expect(closedAfterMs).toBeGreaterThan(headersTimeoutMs - 100)
      expect(closedAfterMs).toBeLessThan(headersTimeoutMs + 4_000)
    }
    for (const { heard, closedAfterMs } of await Promise.all(slowBodies)) {
      expect(heard).toMatch(/^HTTP\/1\.1 408 .*"error":"too_slow"/s)
      expect(closedAfterMs).toBeGreaterThan(bodyGraceMs - 100)
      expect(closedAfterMs).toBeLessThan(bodyGraceMs + 6_000)
    }
    expect((await slowRoute).closedAfterMs).toBeLessThan(bodyGraceMs + 6_000)
  }, 40_000)

  it('a body shorter than its told length is no message', async () => {
    const store = await temporaryStore()
    const { port } = await listening({ store })

    const socket = connect(port, '127.0.0.1')
    socket.write(`${head(100)}{"a":1}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
    await new Promise((resolve) => socket.on('close', resolve).destroy())
    await new Promise((resolve) => setTimeout(resolve, 50))

    expect(await store.entries.list({})).toEqual([])
  })

  it('what follows a body that is longer than its told length is not taken for a part of it', async () => {
    const store = await temporaryStore()
    const { port } = await listening({ store })

    const { heard } = await rawTalk(port, [`${head(7)}{"a":1},"b":2}\r\n\r\n`])

    expect(heard).toMatch(/^HTTP\/1\.1 200 OK/)
    expect(await store.entries.list({})).toHaveLength(1)
  })

  it.each([
    ['no HTTP at all', '\x16\x03\x01 hello\r\n\r\n', 400],
    [
      'two ways to tell the length',
      `${head(7).slice(0, -2)}transfer-encoding: chunked\r\n\r\n7\r\n{"a":1}\r\n0\r\n\r\n`,
      400,
    ],
    ['two different lengths', `${head(7).slice(0, -2)}content-length: 8\r\n\r\n{"a":1}`, 400],
    ['a length that is no number', head(7).replace(': 7', ': 7a'), 400],
    [
      'a chunk that lies',
      `${head(7).replace('content-length: 7', 'transfer-encoding: chunked')}zz\r\n{"a":1}\r\n0\r\n\r\n`,
      400,
    ],
    ['headers over 16 KiB', `POST /i/inbox HTTP/1.1\r\nhost: x\r\nx-a: ${'a'.repeat(maxHeaderBytes)}\r\n\r\n`, 431],
    ['100,000 headers', `POST /i/inbox HTTP/1.1\r\nhost: x\r\n${'a: b\r\n'.repeat(100_000)}\r\n`, 431],
  ])('%s', async (_, text, status) => {
    const { base, port } = await listening()

    const { heard } = await rawTalk(port, [text])

    expect(heard).toMatch(new RegExp(`^(HTTP/1\\.1 ${status} |$)`))
    expect((await send(base, '/i/inbox', '{"a":1}')).status).toBe(200)
  })

  it('headers of just under 16 KiB pass', async () => {
    const { base } = await listening()

    const answer = await send(base, '/i/inbox', '{}', { headers: { 'x-long': 'a'.repeat(maxHeaderBytes - 400) } })

    expect(answer.status).toBe(200)
  })

  it('several messages on one connection are answered in order', async () => {
    const { base } = await listening()
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    onTestFinished(() => agent.destroy())

    const statuses = await Promise.all(
      ['{"a":1}', 'nonsense', '{"a":2}', '{"a":3}'].map(
        (body) =>
          new Promise((resolve, reject) => {
            const headers = { 'x-api-key': token, 'content-type': 'application/json' }
            const outgoing = request(`${base}/i/inbox`, { method: 'POST', headers, agent }, (answer) => {
              answer.resume().on('end', () => resolve(answer.statusCode))
            })
            outgoing.on('error', reject).end(body)
          }),
      ),
    )

    expect(statuses).toEqual([200, 400, 200, 200])
  })
})

describe('listener: everything that is not a message', () => {
  it('goes to the routes with the address of the sender', async () => {
    const { base } = await listening({
      routes: async (incoming, { address }) =>
        Response.json({ path: new URL(incoming.url).pathname, body: await incoming.text(), address }),
    })

    expect(JSON.parse((await send(base, '/api/x', 'hello')).text)).toEqual({
      path: '/api/x',
      body: 'hello',
      address: '127.0.0.1',
    })
    expect(JSON.parse((await send(base, '/i', 'hello')).text)).toMatchObject({ path: '/i' })
  })

  it('wrong credentials on them lead to 429 for that address; who shows none is not counted', async () => {
    const { base } = await listening({ routes: () => new Response('{}', { status: 401 }) })
    const attempt = (from?: string) =>
      send(base, '/api/runs', undefined, {
        method: 'GET',
        headers: { authorization: 'Basic eDp5' },
        ...(from && { from }),
      })
    for (let n = 0; n < maxFailuresPerMinute * 2; n++) await send(base, '/', undefined, { method: 'GET' })

    for (let n = 0; n < maxFailuresPerMinute; n++) expect((await attempt()).status).toBe(401)
    const blocked = await attempt()

    expect(blocked.status).toBe(429)
    expect(Number(blocked.headers['retry-after'])).toBeGreaterThan(0)
    expect((await attempt('127.0.0.2')).status).toBe(401)
    expect((await send(base, '/i/inbox', '{}')).status).toBe(200)
  })
})

describe('listener: closing', () => {
  it('takes no new connection and lets a request under way finish', async () => {
    let release = () => {}
    const held = new Promise<void>((resolve) => {
      release = resolve
    })
    const { server, base } = await listening({
      routes: async () => {
        await held
        return new Response('done')
      },
    })
    const underWay = send(base, '/slow', undefined, { method: 'GET' })
    await new Promise((resolve) => setTimeout(resolve, 100))

    const closed = server.close()
    await expect(send(base, '/i/inbox', '{}')).rejects.toThrow()
    release()

    expect((await underWay).text).toBe('done')
    await closed
  })

  it('does not wait for connections that only stay open', async () => {
    const { server, base } = await listening()
    const agent = new Agent({ keepAlive: true })
    onTestFinished(() => agent.destroy())
    await new Promise((resolve) =>
      request(`${base}/x`, { agent }, (answer) => answer.resume().on('end', resolve)).end(),
    )
    const startedAt = performance.now()

    await server.close()

    expect(performance.now() - startedAt).toBeLessThan(2_000)
  })
})

describe('listener: TLS', () => {
  it('serves https with the given certificate, TLS 1.2 or later', async () => {
    const { ca, server } = await makeCertificates()
    const { base, port } = await listening({ tls: server })

    const status = await new Promise((resolve, reject) => {
      const headers = { 'x-api-key': token, 'content-type': 'application/json' }
      secureRequest(`${base}/i/inbox`, { ca, method: 'POST', headers, agent: false }, (answer) => {
        resolve(answer.resume().statusCode)
      })
        .on('error', reject)
        .end('{"a":1}')
    })
    const old = await new Promise((resolve) => {
      const socket = secureConnect({
        port,
        host: '127.0.0.1',
        ca,
        minVersion: 'TLSv1',
        maxVersion: 'TLSv1.1',
        ciphers: 'DEFAULT@SECLEVEL=0',
      })
      socket.on('secureConnect', () => resolve(socket.getProtocol())).on('error', () => resolve('refused'))
    })

    expect(base).toMatch(/^https:/)
    expect([status, old]).toEqual([200, 'refused'])
  })

  it('shows a renewed certificate to whoever connects from now on', async () => {
    const [before, after] = await Promise.all([makeCertificates(), makeCertificates()])
    const { server, port } = await listening({ tls: before.server })
    const shown = () =>
      new Promise<string>((resolve, reject) => {
        const socket = secureConnect({ port, host: '127.0.0.1', rejectUnauthorized: false }, () => {
          resolve(socket.getPeerCertificate().fingerprint256)
          socket.destroy()
        }).on('error', reject)
      })
    const first = await shown()

    server.renew(after.server)

    expect(first).toBe(new X509Certificate(before.server.cert).fingerprint256)
    expect(await shown()).toBe(new X509Certificate(after.server.cert).fingerprint256)
  })

  it.each([
    ['0.0.0.0', false],
    ['192.0.2.1', false],
    ['::', false],
    ['exchange.example.org', false],
    ['127.0.0.1.example.org', false],
  ])('plain http on %s without a proxy is refused', async (host, behindProxy) => {
    const inbox = async () => {}
    const routes = () => new Response()

    const starting = startServer({ host, port: 0, behindProxy, trustedProxies: [], inbox, routes })

    await expect(starting).rejects.toMatchObject({ code: 'CONFIGURATION' })
  })

  it.each([
    ['127.0.0.1', false],
    ['localhost', false],
    ['0.0.0.0', true],
  ])('plain http on %s is served (behind a proxy: %s)', async (host, behindProxy) => {
    const server = await startServer({
      host,
      port: 0,
      behindProxy,
      trustedProxies: [],
      inbox: async () => {},
      routes: () => new Response(),
    })

    await server.close()

    expect(server.address).toMatch(new RegExp(`^http://${host}:\\d+$`))
  })

  it('a port that is taken is an error in words', async () => {
    const { port } = await listening()
    const options = {
      host: '127.0.0.1',
      port,
      behindProxy: false,
      trustedProxies: [],
      inbox: async () => {},
      routes: () => new Response(),
    }

    await expect(startServer(options)).rejects.toMatchObject({
      code: 'CONFIGURATION',
      message: expect.stringContaining(String(port)),
    })
  })

  it.each(['10.0.0.0/33', 'proxy.example.org', '10.0.0.0/8/8', '10.0.0.0/', ''])(
    'TRUSTED_PROXIES "%s" is refused by name',
    async (range) => {
      const options = {
        host: '127.0.0.1',
        port: 0,
        behindProxy: true,
        inbox: async () => {},
        routes: () => new Response(),
      }

      await expect(startServer({ ...options, trustedProxies: [range] })).rejects.toMatchObject({
        code: 'CONFIGURATION',
      })
    },
  )
})
