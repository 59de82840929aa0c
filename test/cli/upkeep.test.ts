import { chmodSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { generate } from 'selfsigned'
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { createExpiryWatch } from '../../src/cli/expiry.ts'
import { createReload } from '../../src/cli/reload.ts'
import { isReminded, remindOfPayloads } from '../../src/cli/remind.ts'
import { createLog } from '../../src/log/log.ts'
import { createMetrics } from '../../src/log/metrics.ts'
import { expiryOf } from '../../src/project/certificates.ts'
import type { StartEnvironment } from '../../src/project/environment.ts'
import { message } from '../store/conformance/words.ts'
import { temporaryStore } from '../trigger/listening.ts'

const hourMs = 3_600_000
const dayMs = 24 * hourMs
const from = new Date('2026-06-01T00:00:00Z')
const later = (ms: number) => new Date(from.getTime() + ms)

function said() {
  const lines: string[] = []
  const log = createLog({ level: 'info', write: (line) => lines.push(line) })
  const facts = () => lines.map((line) => JSON.parse(line))
  return { log, facts, metrics: createMetrics() }
}

describe('reminders of kept payloads', () => {
  it('a stuck payload is reminded of 72 hours after it came, and every 24 hours from then on, once for all processes', async () => {
    const store = await temporaryStore()
    const { log, metrics, facts } = said()
    const { id: kept } = await store.entries.accept(message({ now: from }))
    const { id: erased } = await store.entries.accept(message({ now: from }))
    await stuck(store, kept, '{"open":1}')
    await stuck(store, erased)
    const look = (hours: number) => remindOfPayloads({ store, log, metrics, now: later(hours * hourMs) })

    for (const hours of [1, 71, 72.1, 72.2, 80, 96.1]) await Promise.all([look(hours), look(hours)])

    expect(facts().filter(({ code }) => code === 'PAYLOAD_WAITS')).toMatchObject([{ entry: kept }, { entry: kept }])
    expect((await store.activity.list({ level: 'alert' })).map(({ at, entry }) => [at, entry])).toEqual([
      [later(96.1 * hourMs).toISOString(), kept],
      [later(72.1 * hourMs).toISOString(), kept],
    ])
    const text = await metrics.registry.metrics()
    expect(text).toContain('alerts_total{code="PAYLOAD_WAITS"} 2')
    expect(text).toContain('payloads_kept_over_72h 1')

    await store.entries.discard(kept, later(97 * hourMs))
    await look(121)
    expect(await metrics.registry.metrics()).toContain('payloads_kept_over_72h 0')
  })

  it.each([
    ['never looked before, 71 h', undefined, 71, false],
    ['never looked before, 72 h', undefined, 72, true],
    ['never looked before, 200 h', undefined, 200, true],
    ['looked at 71 h', 71, 72, true],
    ['looked at 72 h', 72, 73, false],
    ['looked at 72 h, a day later', 72, 96, true],
    ['looked at 72 h, a week later', 72, 240, true],
    ['looked before it came', -5, 1, false],
  ])('%s', (_, lookedAt, now, expected) => {
    expect(isReminded(0, lookedAt === undefined ? undefined : lookedAt * hourMs, now * hourMs)).toBe(expected)
  })
})

describe('expiry of the client certificate', () => {
  const validTo = new Date('2026-12-31T12:00:00Z')
  const daysBefore = (days: number) => new Date(validTo.getTime() - days * dayMs)

  it.each([
    [61, undefined],
    [60, 60],
    [31, 60],
    [30, 30],
    [8, 30],
    [7, 7],
    [0.5, 7],
    [-0.1, 0],
  ])('%d days before its end: %s', (days, warning) => {
    expect(expiryOf(validTo, daysBefore(days)).warning).toBe(warning)
  })

  it('is said at 60, 30 and 7 days and at the end, once each, in log, activity and metrics', async () => {
    const store = await temporaryStore()
    const { log, metrics, facts } = said()
    const { cert } = await generate([{ name: 'commonName', value: 'exchange' }], {
      keyType: 'ec',
      notBeforeDate: new Date('2026-01-01'),
      notAfterDate: validTo,
    })
    const processes = [createExpiryWatch({ store, log, metrics }), createExpiryWatch({ store, log, metrics })]
    const look = (days: number) => Promise.all(processes.map((watch) => watch(cert, daysBefore(days))))

    for (const days of [61, 60, 59, 31, 30, 20, 20, 7, 6, 1, -1, -2]) await look(days)

    const alerts = facts().filter(({ code }) => code === 'CERTIFICATE_EXPIRES')
    expect(alerts.map(({ count }) => count)).toEqual([60, 30, 7, -1])
    expect(await store.activity.list({ level: 'alert' })).toHaveLength(4)
    expect(facts().filter(({ fact }) => fact === 'certificate expires')).toHaveLength(20)
    expect(await metrics.registry.metrics()).toContain(
      `client_certificate_expires_timestamp_seconds ${validTo.getTime() / 1000}`,
    )
  })
})

describe('secrets that are replaced while the exchange runs', () => {
  const names = ['DTP_CLIENT_CERT', 'DTP_CLIENT_KEY', 'INBOX_TOKENS', 'DATA_KEYS'] as const
  type Pair = { readonly cert: string; readonly private: string }
  let pairs: readonly Pair[] = []
  beforeAll(async () => {
    const make = () =>
      generate([{ name: 'commonName', value: 'exchange' }], { keyType: 'ec', notAfterDate: new Date('2099-01-01') })
    pairs = await Promise.all([make(), make()])
  })
  const [first, second] = [1, 2].map((byte) => `k${byte}:${Buffer.alloc(32, byte).toString('base64')}`)

  function watched(refuse?: () => Error | undefined) {
    const folder = mkdtempSync(join(tmpdir(), 'exchange-secrets-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const put = (name: (typeof names)[number], text = '') => {
      const path = join(folder, name)
      writeFileSync(`${path}.new`, text)
      chmodSync(`${path}.new`, 0o600)
      renameSync(`${path}.new`, path)
    }
    put('DTP_CLIENT_CERT', pairs[0]?.cert)
    put('DTP_CLIENT_KEY', pairs[0]?.private)
    put('INBOX_TOKENS', 'an-invented-first-token')
    put('DATA_KEYS', first)
    const applied: StartEnvironment[] = []
    const { log, facts } = said()
    const look = createReload({
      env: {
        PRIMERO_URL: 'https://primero.example.org',
        PRIMERO_USERNAME: 'exchange',
        PRIMERO_PASSWORD: 'an-invented-password',
        DTP_URL: 'https://gateway.example.org',
        DTP_SUBSCRIPTION_KEY: 'an-invented-key',
        ADMIN_PASSWORD: 'an-invented-admin-password',
        ...Object.fromEntries(names.map((name) => [`${name}_FILE`, join(folder, name)])),
      },
      log,
      apply: async (environment) => {
        const error = refuse?.()
        if (error !== undefined) throw error
        applied.push(environment)
      },
      now: () => new Date(),
    })
    return { put, look, applied, facts }
  }

  it('are taken over when the file changed, and nothing is done while none did', async () => {
    const { put, look, applied } = watched()
    await look()
    put('INBOX_TOKENS', 'an-invented-second-token')
    put('DATA_KEYS', `${second},${first}`)
    await look()
    await look()

    expect(applied).toHaveLength(1)
    expect(applied[0]?.dataKeys.map(({ id }) => id)).toEqual(['k2', 'k1'])
  })

  it('a certificate whose key has not been replaced yet waits for it; that is said once', async () => {
    const { put, look, applied, facts } = watched()
    put('DTP_CLIENT_CERT', pairs[1]?.cert)
    for (let n = 0; n < 3; n++) await look()
    expect(applied).toEqual([])
    put('DTP_CLIENT_KEY', pairs[1]?.private)
    await look()

    expect(applied[0]?.dtp.tls).toMatchObject({ cert: pairs[1]?.cert.trim() })
    expect(facts().map(({ fact, reason }) => [fact, reason])).toEqual([
      ['secrets not reloaded', 'DTP_CLIENT_KEY'],
      ['secrets reloaded', undefined],
    ])
  })

  it('what cannot be taken over is tried again, and the log says why', async () => {
    let isRefused = true
    const { put, look, applied, facts } = watched(() => (isRefused ? new Error('no') : undefined))
    put('DATA_KEYS', second)
    await look()
    expect(facts()).toMatchObject([{ fact: 'secrets not reloaded', reason: 'UNFORESEEN' }])
    isRefused = false
    await look()

    expect(applied).toHaveLength(1)
  })
})

async function stuck(store: Awaited<ReturnType<typeof temporaryStore>>, id: string, payload?: string): Promise<void> {
  const claim = await store.entries.claim({ owner: store.owner, now: from, leaseMs: 1000, id })
  if (claim === undefined) throw new Error('There was nothing to claim.')
  await store.entries.settle(claim, {
    state: 'success',
    records: [],
    fate: { state: 'stuck', code: 'OWNER_UNKNOWN', ...(payload === undefined ? {} : { payload }) },
    now: from,
    mappingVersion: 'v1',
  })
}
