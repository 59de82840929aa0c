import { rmSync } from 'node:fs'
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Clock } from './clock.ts'
import { loadMsw } from './development.ts'
import type { Faults } from './faults.ts'
import type { JsonObject } from './json.ts'
import { cut, readText, reply, send, takesEffect, toRequest } from './wire.ts'

/** One request as the simulator saw it. `status` is what was answered; absent while open, hung or cut. */
export interface SeenRequest {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  /** Parsed JSON, or the text where it was none; undefined without a body. */
  readonly body: unknown
  readonly at: string
  readonly status?: number
}

export interface ServerTls {
  readonly cert: string
  readonly key: string
  /** Asks every client for a certificate of this authority. */
  readonly ca?: string
}

export interface ListenOptions {
  /** 0: any free port. */
  readonly port?: number
  readonly host?: string
  /** A unix socket instead of a port. */
  readonly socketPath?: string
  readonly tls?: ServerTls
  /** A client without an accepted certificate does not get past the TLS handshake; default: the routes answer it. */
  readonly refuseAtHandshake?: boolean
  readonly latencyMs?: number
  /** Remembers every request with its body (default). Off for long benchmarks, where only the count is kept. */
  readonly keepRequests?: boolean
}

/** Answers a request; what `/_simulator/…` is asked, without faults, latency or a trace in `requests`. */
export interface Routes {
  readonly answer: (request: Request) => Promise<Response>
  readonly control: (request: Request) => Promise<Response>
}

export interface Listening {
  readonly url: string
  readonly requests: readonly SeenRequest[]
  /** Requests since the start by route, ids left out, also when they are not kept. */
  readonly tally: ReadonlyMap<string, number>
  close(): Promise<void>
}

/**
 * A real listener that hands each request to an msw handler and plays the faults that are planted.
 *
 * On a unix socket `url` is `http://localhost` (or https): the client has to be told the socket path.
 */
export async function listen(routes: Routes, faults: Faults, clock: Clock, options: ListenOptions): Promise<Listening> {
  const { http, getResponse } = await loadMsw()
  const handlers = [http.all('*', ({ request }) => routes.answer(request).catch(crashed))]
  const requests: (SeenRequest & { status?: number })[] = []
  const tally = new Map<string, number>()

  const take = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const url = new URL(incoming.url ?? '/', 'http://localhost')
    const method = incoming.method ?? 'GET'
    if (url.pathname.startsWith('/_simulator/')) {
      const request = toRequest(incoming, url, await readText(incoming))
      return send(outgoing, await routes.control(request))
    }

    const seen: Writable<SeenRequest> = {
      method,
      path: url.pathname,
      query: url.searchParams,
      body: undefined,
      at: clock.now().toISOString(),
    }
    const route = `${method} ${url.pathname.replace(uuid, ':id')}`
    tally.set(route, (tally.get(route) ?? 0) + 1)
    if (options.keepRequests !== false) requests.push(seen)
    const mishap = faults.take(seen)
    if (mishap?.kind === 'reset' && mishap.when === 'before-reading') return cut(incoming)

    const body = await readText(incoming)
    seen.body = parsed(body)
    if (options.latencyMs) await sleep(options.latencyMs)
    const answer = takesEffect(mishap) ? await getResponse(handlers, toRequest(incoming, url, body)) : undefined
    const status = await reply(incoming, outgoing, answer, mishap)
    if (status !== undefined) seen.status = status
  }

  const onRequest: RequestListener = (incoming, outgoing) => {
    // Only the connection can fail here: a client that went away.
    take(incoming, outgoing).catch(() => outgoing.destroy())
  }
  const server = options.tls
    ? createTlsServer(
        {
          ...options.tls,
          requestCert: options.tls.ca !== undefined,
          rejectUnauthorized: options.refuseAtHandshake === true,
        },
        onRequest,
      )
    : createServer(onRequest)
  server.keepAliveTimeout = 60_000
  const url = await bind(server, options)

  return {
    url,
    requests,
    tally,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

const uuid = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/gi

type Writable<T> = { -readonly [K in keyof T]: T[K] }

function parsed(body: string): unknown {
  if (body === '') return undefined
  try {
    return JSON.parse(body)
  } catch {
    return body
  }
}

/** msw would answer a failing handler 500, which Primero does too: a bug of the simulator must not look like one. */
function crashed(error: unknown): Response {
  const told = error instanceof Error ? (error.stack ?? error.message) : String(error)
  return new Response(`The simulator failed: ${told}`, { status: 599, headers: { 'content-type': 'text/plain' } })
}

async function bind(server: Server, options: ListenOptions): Promise<string> {
  const scheme = options.tls ? 'https' : 'http'
  const at = options.socketPath
    ? { path: options.socketPath }
    : { port: options.port ?? 0, host: options.host ?? '127.0.0.1' }
  if (options.socketPath) rmSync(options.socketPath, { force: true })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(at, resolve)
  })
  const address = server.address()
  if (!isAddress(address)) return `${scheme}://localhost`
  const host = address.family === 'IPv6' ? `[${address.address}]` : address.address
  return `${scheme}://${host}:${address.port}`
}

function isAddress(address: AddressInfo | string | null): address is AddressInfo {
  return typeof address === 'object' && address !== null
}

/** The tally as JSON: `{ count, routes }`. */
export function countsOf(tally: ReadonlyMap<string, number>): JsonObject {
  return { count: [...tally.values()].reduce((sum, one) => sum + one, 0), routes: Object.fromEntries(tally) }
}
