import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { intervention, referralMessage } from '../../flows/stage.ts'

const root = fileURLToPath(new URL('../../../', import.meta.url))
const token = 'an-invented-token-of-the-tests'

test('an entry is answered 200 only after the kernel has put its journal on the disk', {
  timeout: 120_000,
}, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'exchange-durable-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const trace = join(folder, 'trace')

  const address = await startTraced(trace, join(folder, 'data'))
  const answer = await fetch(`${address}/i/dtp-inbox`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': token },
    body: JSON.stringify(referralMessage(intervention(1))),
  })

  expect(answer.status).toBe(200)
  const calls = readFileSync(trace, 'utf8').split('\n')
  const asked = calls.findIndex((call) => call.includes('"POST /i/dtp-inbox'))
  const answered = calls.findIndex((call, index) => index > asked && call.includes('"HTTP/1.1 200 OK'))
  const synced = calls
    .slice(asked, answered)
    .filter((call) => /f(data)?sync\(\d+<[^>]*exchange\.db-wal>\)/.test(call) && call.endsWith('= 0'))
  expect(asked).toBeGreaterThan(0)
  expect(answered).toBeGreaterThan(asked)
  expect(synced.length).toBeGreaterThan(0)
})

/** The exchange under strace, with two systems that nobody answers for. */
async function startTraced(trace: string, dataDir: string): Promise<string> {
  const calls = 'trace=read,write,writev,fsync,fdatasync'
  const command = ['-f', '-y', '-s', '40', '-e', calls, '-o', trace, process.execPath, 'bin/exchange.js', 'start']
  const child = spawn('strace', command, {
    cwd: root,
    env: {
      PATH: process.env.PATH,
      PRIMERO_URL: 'http://127.0.0.1:1',
      PRIMERO_USERNAME: 'nobody',
      PRIMERO_PASSWORD: 'an-invented-password',
      DTP_URL: 'http://127.0.0.1:1',
      DTP_SUBSCRIPTION_KEY: 'an-invented-key',
      INBOX_TOKENS: token,
      ADMIN_PASSWORD: 'an-invented-password',
      DATA_KEYS: `test:${Buffer.alloc(32, 1).toString('base64')}`,
      DATA_DIR: dataDir,
      PORT: '0',
    },
    detached: true,
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  // strace lets go of what it traces when it is told to end, so both are killed.
  onTestFinished(async () => {
    process.kill(-(child.pid ?? 0), 'SIGKILL')
    await once(child, 'exit')
  })
  for await (const line of createInterface({ input: child.stdout })) {
    const address = /^exchange serves .* at (http\S+)$/.exec(line)?.[1]
    if (address !== undefined) return address
  }
  throw new Error('The exchange did not start.')
}
