import { afterAll, beforeAll, expect, test } from 'vitest'
import { lookAtDtp } from '../../src/cli/doctor/lookAtDtp.ts'
import { type Certificates, makeCertificates } from '../../src/simulator/certificates.ts'
import { type DtpSimulator, startDtp } from '../../src/simulator/dtp/server.ts'

let own: Certificates
let other: Certificates
let gateway: DtpSimulator

beforeAll(async () => {
  own = await makeCertificates()
  other = await makeCertificates()
  gateway = await startDtp({ tls: { ...own.server, ca: own.ca }, refuseAtHandshake: true })
})
afterAll(() => gateway.close())

const look = (url: string, tls: { readonly cert?: string; readonly key?: string; readonly ca?: string }) =>
  lookAtDtp({ dtp: { url, subscriptionKey: 'none', concurrency: 1, tls }, remoteTimeoutMs: 5_000 })

test('a gateway that takes the client certificate is reached, and hears not one request', async () => {
  const { dtp, dtpHost } = await look(gateway.url, { ...own.client, ca: own.ca })

  expect(dtp).toMatchObject({
    connected: true,
    how: expect.stringMatching(/^TLSv1\.3, its certificate is good until 20/),
  })
  expect(dtpHost).toMatch(/:\d+$/)
  expect(gateway.requests).toEqual([])
})

test.each([
  ['a client certificate of another authority', () => ({ ...other.client, ca: own.ca })],
  ['no client certificate', () => ({ ca: own.ca })],
])('%s is found out without a request, although TLS 1.3 tells it late', async (_, tls) => {
  expect((await look(gateway.url, tls())).dtp).toMatchObject({ connected: false })
  expect(gateway.requests).toEqual([])
})

test('a gateway that nobody who is trusted has signed is not believed', async () => {
  expect((await look(gateway.url, { ...own.client, ca: other.ca })).dtp).toMatchObject({
    connected: false,
    reason: expect.stringContaining('certificate'),
  })
})

test('nobody listens: the row says so', async () => {
  expect(await look('https://127.0.0.1:1/primero', own.client)).toEqual({
    dtpHost: '127.0.0.1:1',
    dtp: { connected: false, reason: 'connection refused' },
  })
})
