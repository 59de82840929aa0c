import { once } from 'node:events'
import { connect } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { startServer } from '../../src/trigger/server.ts'
import { administered, as, asAdmin } from './administered.ts'

describe('the admin side behind the listener', () => {
  it('an effect is settled by its URL-encoded key', async () => {
    const { base, store } = await served()
    const key = 'one/referral/INT-1#0a b/1'
    await store.ledger.write({
      key,
      state: 'in_doubt',
      fingerprint: null,
      detail: null,
      updated_at: '2026-01-01T00:00:00.000Z',
    })

    const answer = await fetch(`${base}/api/effects/${encodeURIComponent(key)}/settle`, {
      method: 'POST',
      headers: { ...asAdmin, 'content-type': 'application/json' },
      body: '{"arrived":true}',
    })

    expect(answer.status).toBe(200)
    expect(await store.ledger.find(key)).toMatchObject({ state: 'done' })
  })

  it('a stranger with a large body is answered 401 and his body is not read', async () => {
    const { base } = await served()

    const answer = await fetch(`${base}/api/effects/x/settle`, { method: 'POST', body: 'x'.repeat(200_000) })

    expect(answer.status).toBe(401)
  })

  it('a body over 64 KiB without its length told: 413', async () => {
    const { base } = await served()
    const body = new Blob(['{"arrived":true,"x":"', 'x'.repeat(100_000), '"}']).stream()

    const answer = await fetch(`${base}/api/effects/x/settle`, {
      method: 'POST',
      headers: { ...asAdmin, 'content-type': 'application/json' },
      body,
      duplex: 'half',
    })

    expect(answer.status).toBe(413)
  })

  it('a POST without a body and without its length, as curl -X POST sends it, is answered', async () => {
    const { base } = await served()
    const socket = connect(Number(new URL(base).port), '127.0.0.1')
    socket.end(`POST /api/entries/x/replay HTTP/1.1\r\nhost: x\r\nauthorization: ${asAdmin.authorization}\r\n\r\n`)

    const [first] = await once(socket, 'data')

    expect(String(first)).toMatch(/^HTTP\/1.1 404 /)
  })

  it('guessing the password ends in 429', async () => {
    const { base } = await served()
    const statuses = []

    for (let n = 0; n < 40; n++) {
      statuses.push((await fetch(`${base}/api/runs`, { headers: as('admin', `guess ${n}`) })).status)
    }

    expect(new Set(statuses)).toEqual(new Set([401, 429]))
    expect((await fetch(`${base}/health`)).status).toBe(204)
  })

  it('HEAD is answered as GET without a body', async () => {
    const { base } = await served()

    const answer = await fetch(`${base}/api/runs`, { method: 'HEAD', headers: asAdmin })

    expect([answer.status, await answer.text()]).toEqual([200, ''])
  })
})

async function served() {
  const { admin, store } = await administered()
  const server = await startServer({
    host: '127.0.0.1',
    port: 0,
    behindProxy: false,
    trustedProxies: [],
    inbox: async () => {},
    routes: admin,
  })
  onTestFinished(() => server.close())
  return { base: server.address, store }
}
