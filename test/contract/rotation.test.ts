import { randomBytes } from 'node:crypto'
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeCertificates } from '../../src/simulator/certificates.ts'
import { exchange } from '../cli/exchange.ts'
import { newChild, type Row } from './messages.ts'
import { newDataKey, type Site, startSite } from './site.ts'
import { until } from './until.ts'

/*
 * Secrets that are replaced while the exchange runs. It starts with a client certificate that UNHCR's side does not know;
 * the entry that is stuck because of it goes through all of it.
 */

const folder = mkdtempSync(join(tmpdir(), 'exchange-rotation-'))
const token = randomBytes(24).toString('base64url')
const next = randomBytes(24).toString('base64url')
const [k1, k2] = [newDataKey('k1'), newDataKey('k2')]
const certificates = await makeCertificates()
const stranger = await makeCertificates()
let site: Site
let stuck = ''

beforeAll(async () => {
  site = await startSite({
    dtp: { tls: { ...certificates.server, ca: certificates.ca } },
    env: {
      DTP_CA: certificates.ca,
      DTP_CLIENT_CERT_FILE: put('cert.pem', stranger.client.cert),
      DTP_CLIENT_KEY_FILE: put('key.pem', stranger.client.key),
      INBOX_TOKENS: '',
      INBOX_TOKENS_FILE: put('tokens', token),
      DATA_KEYS: '',
      DATA_KEYS_FILE: put('keys', k1),
    },
  })
  stuck = (await post(newChild().message(), token)).id
  expect(await site.settled(stuck, 'stuck')).toMatchObject({ code: 'ACCESS_REFUSED' })
})
afterAll(async () => {
  await site?.close()
  rmSync(folder, { recursive: true })
})

test('tokens: the new one is good within a second of being added, the old one bad within a second of being removed', async () => {
  expect((await post(newChild().message(), next)).status).toBe(401)

  await replaced(() => put('tokens', `${token},${next}`))
  expect((await post(newChild().message(), next)).status).toBe(200)
  expect((await post(newChild().message(), token)).status).toBe(200)

  await replaced(() => put('tokens', next))
  expect((await post(newChild().message(), token)).status).toBe(401)
})

test('data keys: one that is still needed is not dropped; in three steps the old one goes, and nothing stops meanwhile', async () => {
  put('keys', k2)
  await until('refusal', async () => (site.log().includes('"reason":"DATA_KEY_MISSING"') ? true : undefined))
  expect((await post(newChild().message(), next)).status).toBe(200)

  await replaced(() => put('keys', `${k1},${k2}`))
  await replaced(() => put('keys', `${k2},${k1}`))
  const list = await exchange(['keys', 'data', 'list'], { env: { ...site.env } })
  expect(list.out).toMatch(
    /^k2 {2}wraps \d+ keys of \d+ payloads; encrypts\nk1 {2}wraps 0 keys of 0 payloads; may be removed from DATA_KEYS\n$/,
  )
  await replaced(() => put('keys', k2))

  const missing = await exchange(['keys', 'data', 'list', '--json'], {
    env: { ...site.env, DATA_KEYS: k1, DATA_KEYS_FILE: '' },
  })
  expect(missing.code).toBe(1)
  expect(JSON.parse(missing.out)).toContainEqual(expect.objectContaining({ id: 'k2', state: 'missing' }))
  expect(
    (await exchange(['inbox', 'list'], { env: { ...site.env, DATA_KEYS: k1, DATA_KEYS_FILE: '' } })).err,
  ).toContain('"k2"')
})

test('client certificate: replaced, it is shown with the next message, and what was stuck goes through', async () => {
  put('cert.pem', certificates.client.cert)
  await replaced(() => put('key.pem', certificates.client.key))

  await site.api('POST', `/api/entries/${stuck}/replay`)

  expect(await site.settled(stuck, 'done')).toMatchObject({ code: null })
})

test('the keys of a store are wrapped again by command, and from then on the old data key opens nothing', async () => {
  const run = (keys: string, ...args: readonly string[]) =>
    exchange(args, { env: { DATA_DIR: join(folder, 'store'), DATA_KEYS: keys } })
  expect((await run(k1, 'inbox', 'list')).code).toBe(0)

  expect((await run(`${k2},${k1}`, 'keys', 'data', 'wrap')).out).toBe('1 key wrapped again with k2.\n')

  expect(await run(k2, 'keys', 'data', 'list')).toMatchObject({
    code: 0,
    out: 'k2  wraps 1 key of 0 payloads; encrypts\n',
  })
  expect(await run(k1, 'inbox', 'list')).toMatchObject({
    code: 1,
    err: expect.stringContaining('The data key "k2" is not in DATA_KEYS; the store itself needs it.'),
  })
})

function put(name: string, text: string): string {
  const path = join(folder, name)
  writeFileSync(`${path}.new`, text, { mode: 0o600 })
  renameSync(`${path}.new`, path)
  return path
}

async function replaced(replace: () => void): Promise<void> {
  const count = () => site.log().split('"fact":"secrets reloaded"').length
  const before = count()
  replace()
  await until('reload', async () => (count() > before ? true : undefined))
}

async function post(message: Row, key: string): Promise<{ status: number; id: string }> {
  const answer = await fetch(`${site.exchange.address}/i/dtp-inbox`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': key },
    body: JSON.stringify(message),
  })
  const body = (await answer.json()) as { work_order_id?: string }
  return { status: answer.status, id: body.work_order_id ?? '' }
}
