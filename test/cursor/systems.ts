import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { CaseRow, ReferralRow, World } from './world.ts'

/** What becomes of one request. `applied`: DTP takes the message all the same, which its sender cannot tell. */
export type Mishap =
  | {
      readonly kind: 'answer'
      readonly status: 429 | 500 | 502 | 503
      readonly retryAfterS?: number
      applied?: boolean
    }
  | { readonly kind: 'hang' | 'reset'; readonly applied?: boolean }
  | { readonly kind: 'half' }

/** Both systems behind one loopback address. What they hold may be exchanged under them. */
export interface Systems {
  readonly primeroUrl: string
  readonly dtpUrl: string
  /** Answers from now on from this world, and asks before each answer what is to happen. */
  serve(world: World, before: (request: { readonly isDtp: boolean }) => Mishap | undefined): void
  /** Requests that will never be answered. */
  readonly hung: () => number
  readonly requests: () => number
  /** Cuts what hangs. */
  cutHung(): void
  close(): Promise<void>
}

/**
 * A double of Primero's lists and of DTP for runs by the thousand: six times faster than the simulators, and only what the
 * cron flows ask. That it answers like the simulator is a test of its own.
 */
export async function startSystems(): Promise<Systems> {
  let served: { world: World; before: Parameters<Systems['serve']>[1] } | undefined
  let requests = 0
  const hung = new Set<IncomingMessage>()

  const server = createServer(async (incoming, outgoing) => {
    requests += 1
    const url = new URL(incoming.url ?? '/', 'http://localhost')
    const body = incoming.method === 'POST' ? await textOf(incoming) : ''
    if (served === undefined) return void outgoing.writeHead(503).end()
    const { world, before } = served
    const isDtp = url.pathname.startsWith('/dtp/')
    const mishap = before({ isDtp })
    const takes = mishap === undefined || mishap.kind === 'half' || mishap.applied === true
    const taken = {
      operation: url.pathname.slice('/dtp/'.length),
      body: isDtp ? JSON.parse(body) : {},
      answered: false,
    }
    if (isDtp && takes) world.taken.push(taken)

    if (mishap?.kind === 'hang') {
      hung.add(incoming)
      incoming.socket.once('close', () => hung.delete(incoming))
      return
    }
    if (mishap?.kind === 'reset') return void incoming.socket.resetAndDestroy()
    if (mishap?.kind === 'answer') {
      const wait = mishap.retryAfterS === undefined ? {} : { 'retry-after': String(mishap.retryAfterS) }
      return void outgoing.writeHead(mishap.status, wait).end()
    }
    taken.answered = true
    const answer = isDtp ? { message: 'Received' } : primeroAnswer(world, url)
    const text = JSON.stringify(answer ?? { errors: [{ status: 404 }] })
    send(outgoing, answer === undefined ? 404 : 200, mishap?.kind === 'half' && !isDtp ? half(text) : text, world)
  })
  server.keepAliveTimeout = 60_000
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo

  const cutHung = () => {
    for (const incoming of hung) incoming.socket.destroy()
    hung.clear()
  }
  return {
    primeroUrl: `http://127.0.0.1:${port}/primero`,
    dtpUrl: `http://127.0.0.1:${port}/dtp`,
    serve: (world, before) => {
      served = { world, before }
    },
    hung: () => hung.size,
    requests: () => requests,
    cutHung,
    close: () =>
      new Promise((resolve) => {
        cutHung()
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function send(outgoing: ServerResponse, status: number, text: string, world: World): void {
  const headers = {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
    date: new Date(world.now()).toUTCString(),
  }
  outgoing.writeHead(status, headers).end(text)
}

const half = (text: string) => text.slice(0, text.length >> 1)

async function textOf(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk)
  return Buffer.concat(chunks).toString('utf8')
}

/** @source docs/systems.md §Primero/lists, §Primero/referrals, §Primero/users */
export function primeroAnswer(world: World, url: URL): object | undefined {
  const [id, part] = url.pathname.replace(/^.*\/api\/v2\/\w+\/?/, '').split('/')
  if (url.pathname.endsWith('/api/v2/users')) return userNamed(url.searchParams.get('user_name') ?? '')
  if (id === undefined || id === '') return listOf(world, url.searchParams)
  const found = world.find(id)
  if (found === undefined) return undefined
  if (part === 'referrals') return { data: world.referralsOf(id) satisfies readonly ReferralRow[] }
  return { data: shown(found, url.searchParams) }
}

/** Whole seconds, both ends inclusive; rows with equal times in another order each time. */
function listOf(world: World, query: URLSearchParams): object {
  const [from = '', to = ''] = (query.get('last_updated_at') ?? '').split('..')
  const users = [...query].filter(([key]) => key.startsWith('associated_user_names')).map(([, name]) => name)
  const found = world
    .visible()
    .filter((row) => from === '' || second(row) >= Date.parse(from))
    .filter((row) => to === '' || second(row) <= Date.parse(to))
    .filter((row) => users.length === 0 || users.some((name) => associated(row).includes(name)))
  const per = Math.min(Number(query.get('per') ?? 20), 1000)
  const page = Number(query.get('page') ?? 1)
  const data = inOrder(found)
    .slice((page - 1) * per, page * per)
    .map((row) => shown(row, query))
  return { data, metadata: { total: found.length, per, page } }
}

const second = (row: CaseRow) => Math.floor(Date.parse(row.last_updated_at) / 1000) * 1000
const associated = (row: CaseRow): readonly unknown[] =>
  Array.isArray(row.associated_user_names) ? row.associated_user_names : []

let shuffles = 0

/** Rows with one time have no order of their own. */
function inOrder(rows: readonly CaseRow[]): readonly CaseRow[] {
  shuffles += 1
  const rank = (row: CaseRow) => (Math.sin(Number(row.id.slice(-4)) * 12.9898 + shuffles * 78.233) * 43_758.5453) % 1
  return rows.toSorted((a, b) => compare(a.last_updated_at, b.last_updated_at) || rank(a) - rank(b))
}

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)

function shown(row: CaseRow, query: URLSearchParams): object {
  const fields = query.get('fields')?.split(',')
  const { id, enabled, last_updated_at, ...rest } = row
  const wanted = fields === undefined ? rest : Object.fromEntries(fields.map((name) => [name, rest[name]]))
  return { ...wanted, id, enabled, last_updated_at }
}

function userNamed(name: string): object {
  const user = {
    id: 1,
    user_name: name,
    full_name: 'Case Worker One',
    position: 'Case worker',
    email: 'cw1@example.org',
    phone: '+251900000000',
  }
  return { data: [user], metadata: { total: 1, per: 20, page: 1 } }
}
