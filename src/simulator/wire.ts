import type { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { TLSSocket } from 'node:tls'
import type { Mishap } from './faults.ts'

/** Carries the state of the client's certificate from the connection to the routes: `ok`, `none`, or why not. */
export const certificateHeader = 'x-simulator-client-certificate'

/** The whole body as text. */
export async function readText(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk)
  return Buffer.concat(chunks).toString('utf8')
}

/** A request of node:http as the fetch API's Request, for msw. */
export function toRequest(incoming: IncomingMessage, url: URL, body: string): Request {
  const headers = new Headers()
  for (const [name, value] of Object.entries(incoming.headers)) {
    if (value !== undefined) headers.set(name, Array.isArray(value) ? value.join(', ') : value)
  }
  headers.set(certificateHeader, certificateState(incoming))
  const method = incoming.method ?? 'GET'
  const hasBody = body !== '' && method !== 'GET' && method !== 'HEAD'
  return new Request(url, { method, headers, ...(hasBody ? { body } : {}) })
}

function certificateState({ socket }: IncomingMessage): string {
  if (!(socket instanceof TLSSocket) || socket.authorized) return 'ok'
  return Object.keys(socket.getPeerCertificate()).length === 0 ? 'none' : String(socket.authorizationError)
}

/** Whether the system behind does what it was asked, whatever its sender gets to see of it. */
export function takesEffect(mishap: Mishap | undefined): boolean {
  if (mishap === undefined || mishap.kind === 'delay' || mishap.kind === 'truncate') return true
  if (mishap.kind === 'reset' && mishap.when === 'while-answering') return true
  return mishap.applied === true
}

/**
 * Answers, or does not, as the mishap wants.
 *
 * @param answer of the system behind; undefined when the mishap kept it from seeing the request
 * @returns the status that was sent; undefined when none was, or the answer was cut
 */
export async function reply(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  answer: Response | undefined,
  mishap: Mishap | undefined,
): Promise<number | undefined> {
  if (mishap?.kind === 'hang') return undefined
  if (mishap?.kind === 'answer') {
    const { status, headers, body = '' } = mishap
    const sent = typeof body === 'string' ? body : JSON.stringify(body)
    outgoing.writeHead(status, { 'content-type': 'application/json', ...headers }).end(sent)
    return status
  }
  if (!answer || (mishap?.kind === 'reset' && mishap.when === 'before-answering')) {
    cut(incoming)
    return undefined
  }
  if (mishap?.kind === 'delay') await sleep(mishap.delayMs)
  if (mishap?.kind === 'reset') {
    const bytes = Buffer.from(await answer.arrayBuffer())
    outgoing.writeHead(answer.status, { ...Object.fromEntries(answer.headers), 'content-length': bytes.length })
    outgoing.write(bytes.subarray(0, bytes.length >> 1), () => cut(incoming))
    return undefined
  }
  await send(outgoing, answer, mishap?.kind === 'truncate')
  return answer.status
}

/**
 * Sends an answer. As text and not as bytes: node then writes head and body with one system call.
 *
 * @param half leaves the second half of the body out, and says so in the length
 */
export async function send(outgoing: ServerResponse, answer: Response, half = false): Promise<void> {
  const whole = await answer.text()
  const shown = half ? whole.slice(0, whole.length >> 1) : whole
  const length = answer.status === 204 ? {} : { 'content-length': Buffer.byteLength(shown) }
  outgoing.writeHead(answer.status, { ...Object.fromEntries(answer.headers), ...length }).end(shown)
}

/** Breaks the connection: a reset packet on TCP; a unix socket or a TLS layer knows none and is closed. */
export function cut({ socket }: IncomingMessage): void {
  if (socket instanceof Socket && !(socket instanceof TLSSocket) && socket.remoteAddress) socket.resetAndDestroy()
  else socket.destroy()
}
