import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'
import type { PrimeroConfiguration } from '../../src/adaptors/language-primero/client.ts'

export interface Seen {
  readonly method: string
  /** Path and query, decoded. */
  readonly url: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

export interface TestServer {
  readonly url: string
  readonly seen: readonly Seen[]
}

type Handler = (seen: Seen, response: ServerResponse, incoming: IncomingMessage) => void

interface Tls {
  readonly cert: string
  readonly key: string
  readonly ca?: string
  readonly requestCert?: boolean
  readonly rejectUnauthorized?: boolean
}

/** A listener on loopback that remembers what it was asked; closed when the test ends. */
export async function serve(handle: Handler, tls?: Tls): Promise<TestServer> {
  const seen: Seen[] = []
  const onRequest: RequestListener = async (incoming, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of incoming) chunks.push(chunk)
    const one = {
      method: incoming.method ?? '',
      url: decodeURIComponent(incoming.url ?? ''),
      headers: incoming.headers,
      body: Buffer.concat(chunks).toString(),
    }
    seen.push(one)
    handle(one, response, incoming)
  }
  const server: Server = tls === undefined ? createServer(onRequest) : createTlsServer(tls, onRequest)
  server.on('clientError', (_error, socket) => socket.destroy())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return { url: tls === undefined ? `http://127.0.0.1:${port}` : `https://localhost:${port}`, seen }
}

export function json(
  response: ServerResponse,
  body: unknown,
  status = 200,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...headers })
  response.end(JSON.stringify(body))
}

export function html(response: ServerResponse, status = 200): void {
  response.writeHead(status, { 'content-type': 'text/html' }).end('<html><body>Please sign in</body></html>')
}

/** An answer of the list kind with everything on one page. */
export function list(response: ServerResponse, rows: readonly unknown[], per = 1000): void {
  json(response, { data: rows, metadata: { total: rows.length, per, page: 1 } })
}

export function configurationFor(url: string, more: Partial<PrimeroConfiguration> = {}): PrimeroConfiguration {
  return { url, user: 'openfn_api', password: 'an-invented-password', timeoutMs: 400, ...more }
}

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}

/** The error a promise is rejected with; fails when it is not. */
export function failureOf(promise: Promise<unknown>): Promise<Error & Record<string, unknown>> {
  return promise.then(
    () => {
      throw new Error('It was expected to fail.')
    },
    (error) => error,
  )
}
