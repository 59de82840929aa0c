import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { startChildExchange } from '../../src/cli/childExchange.ts'
import { intervention, referralMessage } from '../flows/stage.ts'
import { repository } from '../project/folder.ts'

test('D89: the inbox answered before anything was safe, took everything twice and looked at nothing; what it answered 200 is there after a kill, once, and what is no message is refused', {
  timeout: 60_000,
}, async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'exchange-d89-'))
  onTestFinished(() => rm(dataDir, { recursive: true, force: true }))
  const start = () => startChildExchange(variables(dataDir), repository)
  const message = referralMessage(intervention(1))

  const killed = await start()
  const first = await post(killed.address, JSON.stringify(message))
  killed.process.kill('SIGKILL')
  await once(killed.process, 'exit')
  const again = await start()
  const repeated = await post(again.address, JSON.stringify(message, null, 2))
  const refused = [
    await post(again.address, '{"interventions": [', 400),
    await post(again.address, 'text', 415, 'text/plain'),
  ]
  const { body } = await again.api('GET', '/api/entries')
  await again.stop()

  expect(repeated).toEqual(first)
  expect(body).toMatchObject({ entries: [{ id: first.work_order_id, workflow: 'dtp-inbox' }] })
  expect(refused.every(({ error }) => typeof error === 'string')).toBe(true)
})

/** Nothing listens at Primero's and DTP's addresses, so that the message is still there to be seen. */
function variables(dataDir: string): Record<string, string> {
  return {
    PRIMERO_URL: 'http://127.0.0.1:9',
    PRIMERO_USERNAME: 'exchange',
    PRIMERO_PASSWORD: 'an-invented-password',
    DTP_URL: 'http://127.0.0.1:9/primero-uat',
    DTP_SUBSCRIPTION_KEY: 'an-invented-subscription-key',
    INBOX_TOKENS: 'an-invented-inbox-token',
    ADMIN_PASSWORD: 'an-invented-admin-password',
    DATA_KEYS: keys,
    DATA_DIR: dataDir,
    PORT: '0',
  }
}

const keys = `one:${randomBytes(32).toString('base64')}`

async function post(address: string, body: string, status = 200, type = 'application/json') {
  const answer = await fetch(`${address}/i/dtp-inbox`, {
    method: 'POST',
    headers: { 'x-api-key': 'an-invented-inbox-token', 'content-type': type },
    body,
  })
  expect(answer.status).toBe(status)
  return (await answer.json()) as { readonly work_order_id?: string; readonly error?: string }
}
