import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { root } from '../flows/stage.ts'

interface Plan {
  readonly plan: readonly {
    system: string
    method: string
    record: string
    fields: readonly { field: string; before: unknown; after: unknown }[]
  }[]
  readonly records: readonly { key: string; outcome: string; code: string }[]
}

const message = 'fixtures/progres/referral-v7-production-like.json'

describe('exchange run --dry-run', { timeout: 60_000 }, () => {
  it('sends no byte to the systems that the variables name, for any workflow', async () => {
    const listener = await countBytes()
    const temporary = await mkdtemp(join(tmpdir(), 'dry-run-test-'))
    onTestFinished(() => rm(temporary, { recursive: true, force: true }))
    const env = {
      PRIMERO_URL: listener.url,
      PRIMERO_USERNAME: 'someone',
      PRIMERO_PASSWORD: 'something',
      DTP_URL: listener.url,
      DTP_SUBSCRIPTION_KEY: 'key',
      HTTP_PROXY: listener.url,
      TMPDIR: temporary,
    }

    const runs = [
      await exchange(['run', 'dtp-inbox', '--dry-run', '--json', '--input', message], env),
      await exchange(['run', 'send-referrals', '--dry-run', '--json'], env),
      await exchange(['run', 'send-decisions', '--dry-run', '--json'], env),
    ]

    for (const { text } of runs) expect((JSON.parse(text) as Plan).plan.length).toBeGreaterThan(0)
    expect(listener.received()).toEqual({ connections: 0, bytes: 0 })
    expect(await readdir(temporary)).not.toContainEqual(expect.stringMatching(/^exchange-dry-run-/))
  })

  it('shows each write field by field, before and after, with personal values masked', async () => {
    const { code, text } = await exchange(['run', 'dtp-inbox', '--dry-run', '--input', message])

    expect(code).toBe(0)
    expect(text).toContain('POST primero cases/')
    expect(text).toContain('name_first: (empty) → •••')
    expect(text).toContain('module_id: (empty) → primeromodule-cp')
    expect(text).toContain('POST dtp ReceiveDecisionOutgoingReferral')
    expect(text).toMatch(/delivered {2}990-26-PRTITV-0000108 {2}DELIVERED/)
    for (const personal of ['Nyamal', 'Chuol', '2016-02-29', '+251900000018', '990-00000108'])
      expect(text).not.toContain(personal)
  })

  it('shows what a referral changes on a case that exists, and values when asked', async () => {
    const { code, text } = await exchange([
      'run',
      'dtp-inbox',
      '--dry-run',
      '--show-values',
      '--json',
      '--input',
      'fixtures/progres/decision-rejected.json',
    ])

    const { plan } = JSON.parse(text) as Plan
    expect(code).toBe(0)
    expect(plan).toMatchObject([
      {
        system: 'primero',
        method: 'PATCH',
        fields: [{ field: 'status', after: 'rejected' }, { field: 'rejected_reason' }],
      },
    ])
  })

  it('says what is missing instead of guessing', async () => {
    expect(await exchange(['run', 'dtp-inbox', '--dry-run'])).toMatchObject({
      code: 1,
      errors: expect.stringContaining('--input FILE'),
    })
    expect(await exchange(['run', 'dtp-inbx', '--dry-run'])).toMatchObject({
      code: 1,
      errors: expect.stringContaining('Did you mean: dtp-inbox?'),
    })
    expect(await exchange(['run', 'send-referrals', '--dry-run', '--fixtures', 'docs'])).toMatchObject({
      code: 1,
      errors: expect.stringContaining('has no primero/*.json'),
    })
  })
})

function exchange(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<{ code: number; text: string; errors: string }> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      ['bin/exchange.js', ...args],
      { cwd: root, env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env } },
      (_, text, errors) => {
        resolve({ code: child.exitCode ?? -1, text, errors })
      },
    )
  })
}

async function countBytes() {
  const seen = { connections: 0, bytes: 0 }
  const server = createServer((socket) => {
    seen.connections += 1
    socket.on('data', (chunk) => {
      seen.bytes += chunk.length
    })
    socket.on('error', () => {})
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, received: () => seen }
}
