import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

interface Seen {
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, unknown>>
  readonly body: string
}

/** A server that tells what it was asked, and remembers it. */
export async function startEcho() {
  const seen: Seen[] = []
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const { method = '', url = '' } = request
    const told = ['authorization', 'content-type', 'x-own'].filter((name) => request.headers[name] !== undefined)
    const headers = Object.fromEntries(told.map((name) => [name, withoutBoundary(String(request.headers[name]))]))
    const body = withoutBoundary(Buffer.concat(chunks).toString())
    seen.push({ method, url, headers, body })
    const path = url.split('?')[0] ?? ''
    const answer = (status: number, type: string, text: string, more = {}) =>
      response.writeHead(status, { 'content-type': type, ...more }).end(text)
    const status = /^\/status\/(\d+)$/.exec(path)?.[1]
    if (status !== undefined) return answer(Number(status), 'application/json', '{"wrong":true}')
    if (path === '/text') return answer(200, 'text/plain', 'some text')
    if (path === '/csv') return answer(200, 'text/csv', 'a,b\n1,2\n3,4\n')
    if (path === '/redirect') return answer(302, 'text/plain', '', { location: '/landed' })
    if (path === '/list') {
      return answer(200, 'application/json', '{"items":[{"id":1,"kind":"a"},{"id":2,"kind":"b"},{"id":3,"kind":"a"}]}')
    }
    return answer(200, 'application/json', JSON.stringify({ method, path, query: url.split('?')[1] ?? '', body }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    take: (): readonly Seen[] => seen.splice(0),
    close: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}

/** Multipart bodies have a random line between their parts. */
function withoutBoundary(text: string): string {
  return text.replace(/(boundary=|--)-*[\w-]*\d{10,}[\w-]*/g, '$1BOUNDARY')
}
