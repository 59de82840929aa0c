import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Agent, request } from 'undici'

export interface Turnstile {
  readonly url: string
  /** Requests in flight at one time, from their arrival to the end of their answer. */
  readonly most: () => number
  readonly count: () => number
  /** Statuses that were answered, and how often. */
  readonly statuses: ReadonlyMap<number, number>
  close(): Promise<void>
}

/** Stands before a system on loopback, hands everything on, and counts. */
export async function startTurnstile(target: string): Promise<Turnstile> {
  const agent = new Agent({ connections: 256 })
  const statuses = new Map<number, number>()
  let inFlight = 0
  let most = 0
  let count = 0

  const pass = async (incoming: IncomingMessage, outgoing: ServerResponse) => {
    const chunks: Buffer[] = []
    for await (const chunk of incoming) chunks.push(chunk)
    const { host: _, connection: __, 'transfer-encoding': ___, ...headers } = incoming.headers
    const answer = await request(new URL(incoming.url ?? '/', target), {
      dispatcher: agent,
      method: (incoming.method ?? 'GET') as 'GET',
      headers: headers as Record<string, string>,
      body: chunks.length === 0 ? null : Buffer.concat(chunks),
    })
    const body = Buffer.from(await answer.body.arrayBuffer())
    statuses.set(answer.statusCode, (statuses.get(answer.statusCode) ?? 0) + 1)
    // Left before the answer is on the wire: the other side may send its next request in the same moment.
    inFlight--
    outgoing.writeHead(answer.statusCode, { 'content-type': String(answer.headers['content-type'] ?? 'text/plain') })
    outgoing.end(body)
  }
  const server = createServer((incoming, outgoing) => {
    inFlight++
    count++
    most = Math.max(most, inFlight)
    pass(incoming, outgoing).catch(() => {
      inFlight--
      outgoing.destroy()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}${new URL(target).pathname.replace(/\/$/, '')}`,
    most: () => most,
    count: () => count,
    statuses,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await agent.close()
    },
  }
}
