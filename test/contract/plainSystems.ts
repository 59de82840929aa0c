import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Row } from './messages.ts'
import { services } from './systems.ts'

/** How a system that somebody else wrote in an afternoon differs from what Primero and DTP really do. */
export interface Manners {
  /** Beside `data` in lists. */
  readonly metadata: (total: number) => Row | undefined
  readonly contentType: string | undefined
  readonly created: 200 | 201 | 204
  /** Of a PATCH: the whole record, what was sent, or nothing. */
  readonly patched: 'whole' | 'sent' | 'nothing'
  readonly dtp: { readonly status: number; readonly body: string; readonly contentType?: string }
}

export interface PlainSystems {
  readonly primeroUrl: string
  readonly dtpUrl: string
  readonly cases: Map<string, Row>
  readonly referrals: Map<string, Row[]>
  /** Bodies that DTP got. */
  readonly received: readonly Row[]
  behave(manners: Manners): void
  close(): Promise<void>
}

/**
 * A Primero without `fields=`, sorting, pages, roles or lookups, that knows one user, and a DTP that says yes to
 * everything. Both are far simpler than ours in src/simulator, and on purpose not made from it.
 */
export async function startPlainSystems(user: Row, manners: Manners): Promise<PlainSystems> {
  let current = manners
  const cases = new Map<string, Row>()
  const referrals = new Map<string, Row[]>()
  const received: Row[] = []

  const primero = createServer(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost')
    const [, , , resource, id = '', sub, subId] = pathname.split('/')
    const { data = {} } = (await bodyOf(request)) as { data?: Row }
    const say = (status: number, body?: unknown) => answer(response, status, body, current.contentType)
    const list = (rows: readonly Row[]) => say(200, { data: rows, metadata: current.metadata(rows.length) })

    if (resource === 'users') return list([user])
    if (resource !== 'cases') return say(404, { errors: [] })
    if (sub === 'referrals' && request.method === 'GET') return say(200, { data: referrals.get(id) ?? [] })
    if (sub === 'referrals') {
      const changed = (referrals.get(id) ?? []).map((one) => (one.id === subId ? { ...one, ...data } : one))
      referrals.set(id, changed)
      return say(200, { data: changed.find((one) => one.id === subId) })
    }
    if (request.method === 'POST') {
      const made = save(cases, String(data.id ?? randomUUID()), data)
      return say(current.created, current.created === 204 ? undefined : { data: made })
    }
    const found = cases.get(id)
    if (id === '') return list([...cases.values()].filter((row) => matches(row, searchParams)))
    if (found === undefined) return say(404, { errors: [{ status: 404 }] })
    if (request.method === 'GET') return say(200, { data: found })
    const saved = save(cases, id, data)
    if (current.patched === 'nothing') return say(204)
    return say(200, { data: current.patched === 'whole' ? saved : { ...data, id } })
  })

  const dtp = createServer(async (request, response) => {
    received.push((await bodyOf(request)) as Row)
    const { status, body, contentType } = current.dtp
    response.writeHead(status, contentType === undefined ? {} : { 'content-type': contentType }).end(body)
  })

  const [primeroUrl, dtpUrl] = await Promise.all([listen(primero), listen(dtp)])
  return {
    primeroUrl,
    dtpUrl,
    cases,
    referrals,
    received,
    behave: (next) => {
      current = next
    },
    close: async () => {
      for (const server of [primero, dtp]) {
        server.close()
        server.closeAllConnections()
      }
    },
  }
}

/** Merges rows by `unique_id`, keeps the rest. */
export function save(cases: Map<string, Row>, id: string, data: Row): Row {
  const before = cases.get(id) ?? { id, case_id: randomUUID(), status: 'open', enabled: true }
  const sent = new Map(services(data).map((row) => [String(row.unique_id ?? randomUUID()), row]))
  const kept: readonly Row[] = services(before).map((row) => ({ ...row, ...sent.get(String(row.unique_id)) }))
  const known = new Set(kept.map(({ unique_id }) => unique_id))
  const added = [...sent].filter(([key]) => !known.has(key)).map(([key, row]) => ({ ...row, unique_id: key }))
  const whole = {
    ...before,
    ...data,
    id,
    services_section: [...kept, ...added],
    last_updated_at: new Date().toISOString(),
  }
  cases.set(id, whole)
  return whole
}

function matches(row: Row, query: URLSearchParams): boolean {
  for (const [key, value] of query) {
    const field = key.replace(/\[\d+\]$/, '')
    if (['fields', 'per', 'page', 'order', 'order_by'].includes(field)) continue
    const held = row[field]
    if (field === 'last_updated_at') {
      const [from = '', to = ''] = value.split('..')
      const second = String(held).slice(0, 19)
      if (second < from.slice(0, 19) || (to !== '' && second > to.slice(0, 19))) return false
    } else if (!(Array.isArray(held) ? held : [held]).map(String).includes(value)) return false
  }
  return true
}

function answer(response: ServerResponse, status: number, body: unknown, contentType: string | undefined): void {
  response.writeHead(status, contentType === undefined ? {} : { 'content-type': contentType })
  response.end(body === undefined ? undefined : JSON.stringify(body))
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  return chunks.length === 0 ? {} : JSON.parse(Buffer.concat(chunks).toString('utf8'))
}

function listen(server: Server): Promise<string> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      resolve(`http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`)
    })
  })
}
