import { createHmac, randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { createGuard } from '../../src/trigger/guard.ts'
import { toleranceMs } from '../../src/trigger/signature.ts'
import { digest, listening, newToken, send, temporaryStore, token } from './listening.ts'

const message = '{"rows":[{"number":"INT-1"}]}'
const secrets = [randomBytes(32), randomBytes(24)] as const
const seconds = () => Math.floor(Date.now() / 1000)

interface Signed {
  readonly id?: string
  readonly at?: number
  readonly key?: Uint8Array
  readonly body?: string
}

function signed({ id = 'msg_1', at = seconds(), key = secrets[0], body = message }: Signed = {}) {
  const signature = createHmac('sha256', key).update(`${id}.${at}.${body}`).digest('base64')
  return { 'webhook-id': id, 'webhook-timestamp': String(at), 'webhook-signature': `v1,${signature}` }
}

describe('inbox: tokens', () => {
  it('changed while it serves, the new one is good at once, the old one is not, and no good request was refused', async () => {
    const { base, change } = await listening({ guard: { tokenDigests: [digest(token)] } })
    const post = (key: string) => send(base, '/i/inbox', message, { headers: { 'x-api-key': key } })
    expect((await post(newToken)).status).toBe(401)

    change({ tokenDigests: [digest(newToken), digest(token)] })
    const during = await Promise.all([post(token), post(newToken), post(token), post(newToken)])
    change({ tokenDigests: [digest(newToken)] })

    expect(during.map(({ status }) => status)).toEqual([200, 200, 200, 200])
    expect((await post(token)).status).toBe(401)
    expect((await post(newToken)).status).toBe(200)
  })

  it('a digest is no token', async () => {
    const { base } = await listening()

    expect((await send(base, '/i/inbox', message, { headers: { 'x-api-key': digest(token) } })).status).toBe(401)
  })

  it('takes as long to refuse a token that is wrong in its first letter as one that is wrong in its last', () => {
    const right = randomBytes(32).toString('base64url')
    const { isToken } = createGuard({ tokenDigests: [digest(right)] })
    const wrong = [`!${right.slice(1)}`, `${right.slice(0, -1)}!`] as const

    const differs = () => Math.abs(welch(...interleaved(wrong, isToken, 30_000))) > 4.5

    // A leak is there every time, an interruption of the machine is not.
    expect(differs() && differs() && differs()).toBe(false)
  })
})

describe('inbox: allowed addresses', () => {
  const allowed = { allowedAddresses: ['127.0.0.2', '10.0.0.0/8', 'fd00::/8'] }

  it('from another address a message is refused, whatever its token, and the body is not read', async () => {
    const { base, lines } = await listening({ guard: allowed })

    const answer = await send(base, '/i/inbox', message)

    expect(answer.status).toBe(403)
    expect(JSON.parse(answer.text)).toEqual({ error: 'address_not_allowed', message: expect.any(String) })
    expect((await send(base, '/i/inbox', message, { headers: { 'x-api-key': 'wrong' } })).text).toBe(answer.text)
    expect((await send(base, '/i/inbox', message, { from: '127.0.0.2' })).status).toBe(200)
    expect(lines.filter((line) => line.includes('address_not_allowed'))).toHaveLength(2)
  })

  it('behind a trusted proxy the address is the one that the proxy saw', async () => {
    const { base } = await listening({ guard: allowed, trustedProxies: ['127.0.0.1'] })
    const from = (forwarded: string) =>
      send(base, '/i/inbox', message, { headers: { 'x-forwarded-for': forwarded } }).then(({ status }) => status)

    expect(await from('10.1.2.3')).toBe(200)
    expect(await from('192.0.2.1')).toBe(403)
    expect(await from('10.1.2.3, 192.0.2.1')).toBe(403)
  })

  it.each([
    ['10.255.0.1', true],
    ['11.0.0.1', false],
    ['fd12::1', true],
    ['fe80::1', false],
    ['127.0.0.2', true],
    ['', false],
    ['nonsense', false],
  ])('%s: %s', (address, expected) => {
    expect(createGuard({ tokenDigests: [], ...allowed }).isAllowed(address)).toBe(expected)
  })

  it('without a list every address is allowed', () => {
    expect(createGuard({ tokenDigests: [] }).isAllowed('192.0.2.1')).toBe(true)
  })
})

describe('inbox: signed messages', () => {
  const guard = { signingSecrets: secrets }

  it('a signature by either secret is accepted, also beside others', async () => {
    const { base } = await listening({ guard })
    const foreign = signed({ key: randomBytes(32) })['webhook-signature']
    const second = signed({ key: secrets[1], id: 'msg_2' })
    const both = { ...second, 'webhook-signature': `v1a,xyz ${foreign} ${second['webhook-signature']}` }

    expect((await send(base, '/i/inbox', message, { headers: signed() })).status).toBe(200)
    expect((await send(base, '/i/inbox', message, { headers: both })).status).toBe(200)
  })

  it('is the one of the published example', async () => {
    const { isSigned } = await import('../../src/trigger/signature.ts')
    const secret = Buffer.from('MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'base64')
    const claim = { id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', timestamp: '1614265330' }
    const signatures = [Buffer.from('g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=', 'base64')]

    expect(isSigned([secret], { ...claim, signatures }, Buffer.from('{"test": 2432232314}'))).toBe(true)
  })

  it.each<[string, Record<string, string | undefined>, string]>([
    ['no signature', {}, 'signature_missing'],
    ['no id', { ...signed(), 'webhook-id': undefined }, 'signature_missing'],
    ['five minutes and a second old', signed({ at: seconds() - toleranceMs / 1000 - 1 }), 'signature_stale'],
    ['from the future', signed({ at: seconds() + toleranceMs / 1000 + 30 }), 'signature_stale'],
    ['a time that is none', { ...signed(), 'webhook-timestamp': '1e9' }, 'signature_stale'],
    ['another secret', signed({ key: randomBytes(32) }), 'signature_wrong'],
    ['another body', signed({ body: message.replace('1', '2') }), 'signature_wrong'],
    ['another id', { ...signed(), 'webhook-id': 'msg_2' }, 'signature_wrong'],
    ['another time', { ...signed(), 'webhook-timestamp': String(seconds() - 7) }, 'signature_wrong'],
    ['half a signature', { ...signed(), 'webhook-signature': 'v1,AAAA' }, 'signature_wrong'],
    ['a signature of another kind', { ...signed(), 'webhook-signature': 'v2,AAAA' }, 'signature_wrong'],
  ])('%s: 401', async (_, headers, error) => {
    const { base } = await listening({ guard })

    const answer = await send(base, '/i/inbox', message, { headers })

    expect(answer.status).toBe(401)
    expect(JSON.parse(answer.text)).toEqual({ error, message: expect.any(String) })
  })

  it('a signature is asked for beside the token, not instead of it', async () => {
    const { base } = await listening({ guard })

    const answer = await send(base, '/i/inbox', message, { headers: { ...signed(), 'x-api-key': undefined } })

    expect(answer).toMatchObject({ status: 401, text: '{"error":"Unauthorized"}' })
  })

  it('a recorded message sent a hundred times is one entry, also a decision, which is otherwise judged anew', async () => {
    const store = await temporaryStore()
    const { base } = await listening({ guard, store })
    const decision = '{"decision":"accepted"}'
    const headers = signed({ body: decision })

    const answers = await Promise.all(Array.from({ length: 100 }, () => send(base, '/i/inbox', decision, { headers })))
    const next = await send(base, '/i/inbox', decision, { headers: signed({ body: decision, id: 'msg_2' }) })

    expect(new Set(answers.map(({ text }) => text)).size).toBe(1)
    expect(next.status).toBe(200)
    expect(await store.entries.list({})).toHaveLength(2)
  })
})

/** Nanoseconds that each of two calls took, in turns. */
function interleaved(
  inputs: readonly [string, string],
  call: (input: string) => unknown,
  times: number,
): readonly [number[], number[]] {
  const taken: readonly [number[], number[]] = [[], []]
  for (let n = 0; n < times; n++) {
    for (const which of n % 2 === 0 ? ([0, 1] as const) : ([1, 0] as const)) {
      const before = process.hrtime.bigint()
      call(inputs[which])
      taken[which].push(Number(process.hrtime.bigint() - before))
    }
  }
  return taken
}

/** Welch's t of two samples without their slowest tenth: interruptions of the machine. */
function welch(one: readonly number[], other: readonly number[]): number {
  const of = (sample: readonly number[]) => {
    const kept = [...sample].sort((a, b) => a - b).slice(0, Math.floor(sample.length * 0.9))
    const mean = kept.reduce((sum, value) => sum + value, 0) / kept.length
    const variance = kept.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (kept.length - 1)
    return { mean, error: variance / kept.length }
  }
  const [a, b] = [of(one), of(other)]
  return (a.mean - b.mean) / Math.sqrt(a.error + b.error)
}
