import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer, Server as TlsServer } from 'node:https'
import { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { getRequestListener } from '@hono/node-server'
import { ExchangeError } from '../errors/ExchangeError.ts'
import { createAddressOf } from './address.ts'
import { announcesBody, answerJson } from './answer.ts'
import { createFailures, networkOf } from './failures.ts'
import type { Inbox } from './inbox.ts'
import { refusalBody, refusals } from './refusals.ts'

/** Everything that is not under `/i/`, as a function from request to response. */
export type Routes = (request: Request, env: { readonly address: string }) => Response | Promise<Response>

interface ServerOptions {
  readonly host: string
  /** 0 takes a free one. */
  readonly port: number
  /** PEM texts. */
  readonly tls?: { readonly cert: string; readonly key: string }
  readonly behindProxy: boolean
  readonly trustedProxies: readonly string[]
  readonly inbox: Inbox
  readonly routes: Routes
}

interface RunningServer {
  /** Base URL, without a slash at its end. */
  readonly address: string
  /** Connections from now on get this certificate. Without effect where plain http is served. */
  renew(tls: { readonly cert: string; readonly key: string }): void
  /** Takes no new connection, lets requests under way finish for up to ten seconds, then cuts them. */
  close(): Promise<void>
}

export const maxHeaderBytes = 16 * 1024
export const headersTimeoutMs = 5_000
/** A whole body of the largest size at the slowest pace takes 650 s; the inbox cuts slower ones itself. */
const requestTimeoutMs = 700_000
/** A proxy must close idle connections before we do, or it sends into a closing one; 65 s is above the usual 60. */
const keepAliveMs = { behindProxy: 65_000, direct: 10_000 }
const routeBodyMs = 10_000
const closeGraceMs = 10_000
const oldestTls = { minVersion: 'TLSv1.2' } as const
export const maxFailuresPerMinute = 30

/**
 * Listens for messages and for the admin side.
 *
 * Messages go to the inbox straight from `node:http`; a framework in between would cost more than all its work.
 * Wrong credentials on the other routes count by address: after thirty within a minute, 429 until it is over.
 *
 * @throws CONFIGURATION when it cannot listen there, or the host is open to the network, nothing ends TLS, and nobody said
 *         that a proxy does
 */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  refuseOpenPlainHttp(options)
  const answering = new WeakMap<Duplex, { readonly request: IncomingMessage; readonly response: ServerResponse }>()
  const handle = createListener(options)
  const listener: RequestListener = (request, response) => {
    answering.set(request.socket, { request, response })
    handle(request, response)
  }
  const settings = {
    maxHeaderSize: maxHeaderBytes,
    headersTimeout: headersTimeoutMs,
    requestTimeout: requestTimeoutMs,
    keepAliveTimeout: options.behindProxy ? keepAliveMs.behindProxy : keepAliveMs.direct,
    // Node looks for expired connections every 30 s unless told otherwise.
    connectionsCheckingInterval: 500,
  }
  const server =
    options.tls === undefined
      ? createServer(settings, listener)
      : createTlsServer({ ...settings, ...options.tls, ...oldestTls, handshakeTimeout: headersTimeoutMs }, listener)
  server.on('checkContinue', listener)
  server.on('clientError', (error, socket) => {
    const last = answering.get(socket)
    // Nonsense after a whole request must not take the place of that request's answer, which may be a 200.
    if (last?.request.complete && !last.response.writableFinished) last.response.once('finish', () => socket.destroy())
    else answerUnreadable(error, socket, isUntouched(socket) || last?.response.writableFinished === true)
  })

  await listen(server, options)
  return {
    address: addressOf(server.address(), options),
    renew: (tls) => {
      if (server instanceof TlsServer) server.setSecureContext({ ...tls, ...oldestTls })
    },
    close: () =>
      new Promise<void>((resolve) => {
        const cut = setTimeout(() => server.closeAllConnections(), closeGraceMs)
        // A connection becomes idle when its request ends; nobody tells us, so we look.
        const sweep = setInterval(() => server.closeIdleConnections(), 50)
        server.close(() => {
          clearTimeout(cut)
          clearInterval(sweep)
          resolve()
        })
      }),
  }
}

function listen(server: Server, { host, port }: ServerOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) => {
      reject(
        new ExchangeError(`Cannot listen on ${host}, port ${port}.`, {
          code: 'CONFIGURATION',
          retry: 'never',
          hint: 'Another program may use the port, or the host is no address of this machine: change HOST or PORT.',
          cause,
        }),
      )
    })
    server.listen(port, host, resolve)
  })
}

function createListener({ inbox, routes, trustedProxies }: ServerOptions): RequestListener {
  const addressOfRequest = createAddressOf(trustedProxies)
  const failures = createFailures(maxFailuresPerMinute)

  return (request, response) => {
    const address = addressOfRequest(request)
    if (request.url?.startsWith('/i/')) {
      void inbox(request, response, address)
      return
    }
    const showsCredentials = request.headers.authorization !== undefined
    const blockedForSeconds = showsCredentials ? failures.blockedFor(address, new Date()) : undefined
    if (blockedForSeconds !== undefined) {
      answerJson(request, response, refusals.too_many_failures.status, refusalBody('too_many_failures'), {
        'retry-after': String(blockedForSeconds),
      })
      return
    }
    response.once('finish', () => {
      if (showsCredentials && response.statusCode === 401) failures.count(address, new Date())
    })
    if (request.headers.expect !== undefined) response.writeContinue()
    cutSlowBody(request)
    void answerRoute(request, response, address)
  }

  function answerRoute(request: IncomingMessage, response: ServerResponse, address: string): Promise<void> {
    return getRequestListener((webRequest) => routes(webRequest, { address: networkOf(address) }), {
      overrideGlobalObjects: false,
    })(request, response)
  }
}

function cutSlowBody(request: IncomingMessage): void {
  if (!announcesBody(request)) return
  const timer = setTimeout(() => {
    if (!request.complete) request.destroy()
  }, routeBodyMs)
  request.once('close', () => clearTimeout(timer))
}

function refuseOpenPlainHttp({ host, tls, behindProxy }: ServerOptions): void {
  if (tls !== undefined || behindProxy || /^(?:127(?:\.\d+){3}|::1|localhost)$/.test(host)) return
  throw new ExchangeError(`HOST ${host} is open to the network and nothing encrypts what comes in.`, {
    code: 'CONFIGURATION',
    retry: 'never',
    hint: 'Set TLS_CERT and TLS_KEY, or BEHIND_PROXY=true where a proxy ends TLS, or HOST=127.0.0.1.',
  })
}

function isUntouched(socket: Duplex): boolean {
  return socket instanceof Socket && socket.bytesWritten === 0
}

/**
 * Requests that never became one: bad syntax, headers over the limit or too late.
 *
 * @param isFree  no answer is half sent on this connection: one here would land in the middle of it
 */
function answerUnreadable(error: Error & { code?: string }, socket: Duplex, isFree: boolean): void {
  if (error.code === 'ECONNRESET' || !socket.writable || !isFree) {
    socket.destroy()
    return
  }
  const { status, body } = unreadable(error.code)
  socket.end(
    `HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
    () => socket.destroy(),
  )
}

function unreadable(code: string | undefined): { status: string; body: string } {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return {
        status: '431 Request Header Fields Too Large',
        body: '{"error":"headers_too_large","message":"The headers are larger than 16 KiB."}',
      }
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return {
        status: '408 Request Timeout',
        body: '{"error":"too_slow","message":"The request did not arrive in time."}',
      }
    default:
      return { status: '400 Bad Request', body: '{"error":"bad_request","message":"The request is not valid HTTP."}' }
  }
}

function addressOf(
  bound: ReturnType<ReturnType<typeof createServer>['address']>,
  { host, port, tls }: ServerOptions,
): string {
  const scheme = tls === undefined ? 'http' : 'https'
  const boundPort = typeof bound === 'object' && bound !== null ? bound.port : port
  return `${scheme}://${host.includes(':') ? `[${host}]` : host}:${boundPort}`
}
