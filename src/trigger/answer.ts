import type { IncomingMessage, ServerResponse } from 'node:http'

/** How long a sender may go on sending a body that is not wanted before the connection is cut. */
const lingerMs = 2_000

/**
 * Answers with JSON, also while the body is still on its way.
 *
 * In that case the answer is written whole, but the connection stays open for up to two seconds and swallows what comes:
 * closing at once would make the kernel reset it, and the sender would see a broken pipe instead of the status.
 */
export function answerJson(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  const early = !request.complete && announcesBody(request)
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    ...(early ? { connection: 'close' } : {}),
    ...headers,
  })
  if (!early) {
    response.end(body)
    return
  }
  response.write(body)
  const timer = setTimeout(() => request.destroy(), lingerMs)
  request.once('close', () => clearTimeout(timer))
  request.once('end', () => {
    clearTimeout(timer)
    response.end()
  })
  request.resume()
}

export function announcesBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0'
}
