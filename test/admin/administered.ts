import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { createAdminApp } from '../../src/admin/app.ts'
import type { Readiness } from '../../src/admin/types.ts'
import { hashPassword } from '../../src/admin/users/password.ts'
import { changeUsers, type User } from '../../src/admin/users/usersFile.ts'
import { createLog } from '../../src/log/log.ts'
import { createMetrics } from '../../src/log/metrics.ts'
import type { Project, Workflow } from '../../src/project/types.ts'
import { openStore } from '../../src/store/open.ts'
import type { Fate, OpenRecord, RunRecord, Store } from '../../src/store/types.ts'

const workflow = (key: string, trigger: Workflow['trigger']): Workflow => ({
  key,
  name: key,
  trigger,
  jobs: {},
  edges: [],
})

const workflows: Project['workflows'] = {
  inbox: workflow('inbox', { key: 'webhook', type: 'webhook', enabled: true }),
  poll: workflow('poll', { key: 'cron', type: 'cron', enabled: true, cron: '0 * * * *' }),
  'odd → key': workflow('odd → key', { key: 'cron', type: 'cron', enabled: false, cron: '0 * * * *' }),
}

/** `ä:` because a password may hold anything. */
export const password = 'pass:wörd of the tests'
const basic = (pair: string) => `Basic ${Buffer.from(pair).toString('base64')}`
export const asAdmin = { authorization: basic(`admin:${password}`) }
export const as = (user: string, secret: string) => ({ authorization: basic(`${user}:${secret}`) })

interface Options {
  readonly metricsToken?: string
  /** A user of each role, named after it, and one who has expired. */
  readonly users?: true
  readonly secure?: boolean
  readonly ready?: () => Promise<Readiness>
  readonly store?: (real: Store) => Store
}

/** The admin side over a store of its own; requests need no server. */
export async function administered(options: Options = {}) {
  const dataDir = await mkdtemp(join(tmpdir(), 'exchange-admin-'))
  const store = await openStore({ dataDir, dataKeys: [{ id: 'one', key: randomBytes(32) }] })
  onTestFinished(async () => {
    await store.close()
    await rm(dataDir, { recursive: true, force: true })
  })
  const lines: string[] = []
  const seen = { wakes: 0 }
  const metrics = createMetrics()
  const usersFile = join(dataDir, 'users.json')
  if (options.users === true) await changeUsers(usersFile, async () => await oneOfEachRole())
  const app = createAdminApp({
    workflows,
    store: options.store?.(store) ?? store,
    password,
    usersFile,
    secure: options.secure ?? false,
    metricsToken: options.metricsToken,
    ready: options.ready ?? (() => Promise.resolve({ ready: true })),
    wake: () => seen.wakes++,
    metrics,
    log: createLog({ level: 'debug', write: (line) => lines.push(line) }),
    now: () => new Date(),
    mapping: () => ({
      country: 'somewhere',
      version: 'v3',
      hash: 'abc',
      draft: false,
      next: null,
      files_changed_at: null,
    }),
  })

  const admin = (request: Request, env: { address: string } = { address: '192.0.2.1' }) => app.fetch(request, env)
  const ask = async (
    method: string,
    path: string,
    headers: Record<string, string> = asAdmin,
    body?: string,
    address = '192.0.2.1',
  ) =>
    admin(
      new Request(`http://exchange.example.org${path}`, {
        method,
        headers: { host: 'exchange.example.org', ...headers },
        ...(body === undefined ? {} : { body }),
      }),
      { address },
    )
  return { app, admin, usersFile, store, metrics, lines, seen, ask }
}

/** Accepts a message and runs it to this fate; its ids. */
export async function entryWith(store: Store, fate: Fate, records: readonly RunRecord[] = [], workflow = 'inbox') {
  const now = new Date()
  const { id, runId } = await store.entries.accept({
    workflow,
    kind: 'webhook',
    payload: '{"name":"Canary"}',
    locks: [],
    now,
  })
  const claim = await store.entries.claim({ owner: 'test', now, leaseMs: 10_000, id })
  if (claim === undefined) throw new Error('the entry could not be claimed')
  await store.entries.settle(claim, { state: 'success', records, fate, now, mappingVersion: 'v1' })
  return { id, runId }
}

/** Runs a cron workflow that leaves these records open. */
export async function keptRecords(store: Store, keep: readonly OpenRecord[], workflow = 'poll') {
  const now = new Date()
  const { id } = await store.entries.accept({ workflow, kind: 'manual', locks: [], now })
  const claim = await store.entries.claim({ owner: 'test', now, leaseMs: 10_000, id })
  if (claim === undefined) throw new Error('the entry could not be claimed')
  await store.entries.settle(claim, { state: 'success', records: [], fate: done, now, mappingVersion: 'v1', keep })
}

export const stuck: Fate = { state: 'stuck', code: 'CREDENTIALS_REFUSED', payload: '{"name":"Canary"}' }
export const done: Fate = { state: 'done' }

export const users = { password: 'the one password of all of them', bootstrap: password }

/** Cheap to check, as the file itself says: the cost of a guess is part of each hash. */
const cheap = { ln: 2, r: 1, p: 1 }

async function oneOfEachRole(): Promise<readonly User[]> {
  const hash = await hashPassword(users.password, cheap)
  const user = (name: string, role: User['role'], expires = '2999-12-31'): User => ({
    name,
    role,
    expires,
    password: hash,
  })
  return [
    user('viewer', 'viewer'),
    user('operator', 'operator'),
    user('administrator', 'administrator'),
    user('expired', 'administrator', '2020-01-31'),
  ]
}

type Administered = Awaited<ReturnType<typeof administered>>

/** A session of whoever these credentials are of; undefined: the sign-in was refused. */
export async function signedIn({ ask }: Pick<Administered, 'ask'>, credentials: Record<string, string>) {
  const pair = Buffer.from(credentials.authorization?.replace('Basic ', '') ?? '', 'base64').toString('utf8')
  const [name = '', ...rest] = pair.split(':')
  const body = new URLSearchParams({ name, password: rest.join(':') }).toString()
  const answer = await ask('POST', '/login', { 'content-type': 'application/x-www-form-urlencoded' }, body)
  if (answer.status !== 303) return undefined
  const cookie = answer.headers
    .getSetCookie()
    .map((one) => one.split(';')[0])
    .join('; ')
  const csrf = /name="csrf" value="([^"]+)"/.exec(await (await ask('GET', '/', { cookie })).text())?.[1] ?? ''
  return { cookie, csrf, setCookies: answer.headers.getSetCookie() }
}
