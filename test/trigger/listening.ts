import { createHash, randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { request } from 'node:http'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { createLog } from '../../src/log/log.ts'
import { createMetrics } from '../../src/log/metrics.ts'
import type { Project, Workflow } from '../../src/project/types.ts'
import { openStore } from '../../src/store/open.ts'
import type { Store } from '../../src/store/types.ts'
import type { DescribeMessage } from '../../src/trigger/entry.ts'
import { createGuard } from '../../src/trigger/guard.ts'
import { createInbox } from '../../src/trigger/inbox.ts'
import { type Routes, startServer } from '../../src/trigger/server.ts'

export const token = 'inbox-token-of-the-tests'
export const newToken = 'next-token-of-the-tests'

const workflow = (key: string, trigger: Workflow['trigger']): Workflow => ({
  key,
  name: key,
  trigger,
  jobs: {},
  edges: [],
})

export const workflows: Project['workflows'] = {
  inbox: workflow('inbox', { key: 'webhook', type: 'webhook', enabled: true }),
  'in box → äö': workflow('in box → äö', { key: 'webhook', type: 'webhook', enabled: true }),
  closed: workflow('closed', { key: 'webhook', type: 'webhook', enabled: false }),
  hourly: workflow('hourly', { key: 'cron', type: 'cron', enabled: true, cron: '0 * * * *' }),
}

interface Options {
  readonly store?: Parameters<typeof createInbox>[0]['store']
  readonly tls?: { readonly cert: string; readonly key: string }
  readonly routes?: Routes
  readonly trustedProxies?: readonly string[]
  readonly describeMessage?: DescribeMessage
  readonly guard?: Partial<Parameters<typeof createGuard>[0]>
}

type Later = (cleanUp: () => Promise<void>) => void

/** A store in a folder of its own, closed and removed after the test. */
export async function temporaryStore(later: Later = onTestFinished): Promise<Store> {
  const dataDir = await mkdtemp(join(tmpdir(), 'exchange-http-'))
  const store = await openStore({ dataDir, dataKeys: [{ id: 'one', key: randomBytes(32) }] })
  later(async () => {
    await store.close()
    await rm(dataDir, { recursive: true, force: true })
  })
  return store
}

/** A running listener with an inbox; what it logged and how often it woke the worker. */
export async function listening(options: Options = {}, later: Later = onTestFinished) {
  const store = options.store ?? (await temporaryStore(later))
  const lines: string[] = []
  const log = createLog({ level: 'debug', write: (line) => lines.push(line) })
  const seen = { wakes: 0 }
  let guard = createGuard({ tokenDigests: [token, newToken].map(digest), ...options.guard })
  const inbox = createInbox({
    workflows,
    guard: () => guard,
    store,
    describeMessage: options.describeMessage ?? describeMessage,
    wake: () => seen.wakes++,
    log,
    metrics: createMetrics(),
  })
  const server = await startServer({
    host: '127.0.0.1',
    port: 0,
    behindProxy: false,
    trustedProxies: options.trustedProxies ?? [],
    ...(options.tls === undefined ? {} : { tls: options.tls }),
    inbox,
    routes: options.routes ?? (() => new Response('{"error":"not_found"}', { status: 404 })),
  })
  later(() => server.close())
  const { port } = new URL(server.address)
  return {
    server,
    base: server.address,
    port: Number(port),
    lines,
    seen,
    /** As the exchange does when the file of the tokens changes. */
    change: (keepers: Parameters<typeof createGuard>[0]) => {
      guard = createGuard(keepers)
    },
  }
}

export const digest = (text: string): string => createHash('sha256').update(text).digest('hex')

const describeMessage: DescribeMessage = (_, body) => ({
  repeatable: !(typeof body === 'object' && body !== null && 'decision' in body),
  locks: [],
})

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly text: string
}

/** One request on a connection of its own; JSON with the token unless told otherwise. A header set to undefined is left out. */
export function send(
  base: string,
  path: string,
  body: string | Buffer | undefined,
  {
    method = 'POST',
    headers = {},
    from,
  }: { method?: string; headers?: Record<string, string | undefined>; from?: string } = {},
): Promise<Answer> {
  const all = { 'x-api-key': token, 'content-type': 'application/json', ...headers }
  const sent = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined))
  return new Promise((resolve, reject) => {
    const outgoing = request(
      `${base}${path}`,
      { method, headers: sent, agent: false, localAddress: from },
      (answer) => {
        const chunks: Buffer[] = []
        answer.on('data', (chunk: Buffer) => chunks.push(chunk))
        answer.on('end', () =>
          resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text: Buffer.concat(chunks).toString() }),
        )
      },
    )
    outgoing.on('error', reject)
    outgoing.end(body)
  })
}

/** What a raw socket hears until the other side closes it, and after how long that was. */
export function rawTalk(port: number, texts: readonly string[], { everyMs = 0, repeatLast = false } = {}) {
  const startedAt = performance.now()
  return new Promise<{ heard: string; closedAfterMs: number }>((resolve) => {
    const socket = connect(port, '127.0.0.1')
    let heard = ''
    let next = 0
    const write = () => {
      const text = texts[next] ?? (repeatLast ? texts.at(-1) : undefined)
      next++
      if (text !== undefined && socket.writable) socket.write(text)
    }
    const timer = everyMs > 0 ? setInterval(write, everyMs) : undefined
    socket.on('connect', () => {
      if (timer === undefined) for (const text of texts) socket.write(text)
      else write()
    })
    socket.on('data', (chunk) => {
      heard += chunk.toString()
    })
    socket.on('error', () => undefined)
    socket.on('close', () => {
      clearInterval(timer)
      resolve({ heard, closedAfterMs: performance.now() - startedAt })
    })
  })
}
