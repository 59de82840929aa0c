import { rmSync } from 'node:fs'
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { type AddressInfo, Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { TLSSocket } from 'node:tls'
import type { Clock } from './clock.ts'
import type { Faults, Mishap } from './faults.ts'
import type { JsonObject } from './json.ts'
import { loadMsw } from './msw.ts'

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

/** Carries the state of the client's certificate from the connection to the routes: `ok`, `none`, or why not. */
export const certificateHeader = 'x-simulator-client-certificate'

/**
 * A real listener that hands each request to an msw handler and plays the faults that are planted.
 *
 * On a unix socket `url` is `http://localhost` (or https): the client has to be told the socket path.
 */
export async function listen(routes: Routes, faults: Faults, clock: Clock, options: ListenOptions): Promise<Listening> {
  const { http, getResponse } = await loadMsw()
  const handlers = [http.all('*', ({ request }) => routes.answer(request))]
  const requests: (SeenRequest & { status?: number })[] = []
  const tally = new Map<string, number>()

  const take = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const url = new URL(incoming.url ?? '/', 'http://localhost')
    const method = incoming.method ?? 'GET'
    if (url.pathname.startsWith('/_simulator/')) {
      const request = toRequest(incoming, url, await readBody(incoming))
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

    const body = await readBody(incoming)
    seen.body = parsed(body)
    if (options.latencyMs) await sleep(options.latencyMs)
    const wanted = mishap === undefined || takesEffect(mishap)
    const request = toRequest(incoming, url, body)
    const answer = wanted ? await getResponse(handlers, request) : undefined
    await reply(incoming, outgoing, seen, answer, mishap)
  }

  const onRequest: RequestListener = (incoming, outgoing) => {
    take(incoming, outgoing).catch((error: unknown) => {
      // A client that goes away mid-body is no fault of ours; anything else is a bug of the simulator: say it in the answer.
      if (outgoing.headersSent || incoming.destroyed) outgoing.destroy()
      else outgoing.writeHead(599, { 'content-type': 'text/plain' }).end(`Simulator failed: ${String(error)}`)
    })
  }
  const server = options.tls
    ? createTlsServer(
        { ...options.tls, requestCert: options.tls.ca !== undefined, rejectUnauthorized: false },
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

function takesEffect(mishap: Mishap): boolean {
  if (mishap.kind === 'delay' || mishap.kind === 'truncate') return true
  if (mishap.kind === 'reset' && mishap.when === 'while-answering') return true
  return mishap.applied === true
}

async function reply(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  seen: Writable<SeenRequest>,
  answer: Response | undefined,
  mishap: Mishap | undefined,
): Promise<void> {
  if (mishap?.kind === 'hang') return
  if (mishap?.kind === 'reset' && mishap.when === 'before-answering') return cut(incoming)
  if (mishap?.kind === 'answer') {
    const body =
      typeof mishap.body === 'string' ? mishap.body : mishap.body === undefined ? '' : JSON.stringify(mishap.body)
    seen.status = mishap.status
    outgoing.writeHead(mishap.status, { 'content-type': 'application/json', ...mishap.headers }).end(body)
    return
  }
  if (mishap?.kind === 'delay') await sleep(mishap.delayMs)
  const whole = answer ?? new Response('', { status: 404 })
  if (mishap?.kind === 'reset') {
    const bytes = Buffer.from(await whole.arrayBuffer())
    outgoing.writeHead(whole.status, { ...Object.fromEntries(whole.headers), 'content-length': bytes.length })
    outgoing.write(bytes.subarray(0, bytes.length >> 1), () => cut(incoming))
    return
  }
  seen.status = whole.status
  await send(outgoing, whole, mishap?.kind === 'truncate')
}

async function send(outgoing: ServerResponse, answer: Response, half = false): Promise<void> {
  const bytes = Buffer.from(await answer.arrayBuffer())
  const shown = half ? bytes.subarray(0, bytes.length >> 1) : bytes
  const length = answer.status === 204 ? {} : { 'content-length': shown.length }
  outgoing.writeHead(answer.status, { ...Object.fromEntries(answer.headers), ...length }).end(shown)
}

function cut(incoming: IncomingMessage): void {
  const { socket } = incoming
  // A reset packet exists only on TCP; a unix socket or a TLS layer is simply closed.
  if (socket instanceof Socket && !(socket instanceof TLSSocket) && socket.remoteAddress) socket.resetAndDestroy()
  else socket.destroy()
}

async function readBody(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk)
  return Buffer.concat(chunks).toString('utf8')
}

function parsed(body: string): unknown {
  if (body === '') return undefined
  try {
    return JSON.parse(body)
  } catch {
    return body
  }
}

function toRequest(incoming: IncomingMessage, url: URL, body: string): Request {
  const headers = new Headers()
  for (const [name, value] of Object.entries(incoming.headers)) {
    if (value !== undefined && name !== certificateHeader)
      headers.set(name, Array.isArray(value) ? value.join(', ') : value)
  }
  headers.set(certificateHeader, certificateState(incoming))
  const method = incoming.method ?? 'GET'
  return new Request(url, {
    method,
    headers,
    ...(body === '' || method === 'GET' || method === 'HEAD' ? {} : { body }),
  })
}

function certificateState(incoming: IncomingMessage): string {
  const { socket } = incoming
  if (!(socket instanceof TLSSocket)) return 'ok'
  if (socket.authorized) return 'ok'
  return Object.keys(socket.getPeerCertificate()).length === 0 ? 'none' : String(socket.authorizationError)
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
