import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'

/** What the network does to a connection from now on, also to one that is open. */
export type Weather =
  | { readonly is: 'fine' }
  /** Nobody listens; open connections are cut. */
  | { readonly is: 'refusing' }
  /** Cut as soon as a byte of a request comes, before the system behind sees it. */
  | { readonly is: 'cutting requests' }
  /** The request arrives whole; its connection is cut before a byte of the answer. */
  | { readonly is: 'cutting answers'; readonly afterBytes?: number }
  /** Takes everything and says nothing, in both directions: neither an answer nor an end. */
  | { readonly is: 'a black hole' }
  /** The request arrives, the answer never does. */
  | { readonly is: 'silent' }
  /** The answer comes a few bytes at a time. */
  | { readonly is: 'dripping'; readonly bytes: number; readonly everyMs: number }
  | { readonly is: 'late'; readonly byMs: number }
  /** Whatever is asked, these bytes are the answer, so often. The system behind sees nothing. */
  | { readonly is: 'answering'; readonly with: Buffer | string; readonly times?: number }
  /** An answer without end, as fast as it is read, up to a gigabyte. */
  | { readonly is: 'flooding'; readonly head: string }

export interface TcpProxy {
  /** The target's address with the proxy's port. */
  readonly url: string
  /** Connections that were opened so far. */
  readonly opened: () => number
  /** Bytes that the exchange took of answers so far. */
  readonly delivered: () => number
  turn(weather: Weather): Promise<void>
}

/** A TCP proxy on loopback before one system, with or without TLS, closed when the test ends. */
export async function startProxy(target: string): Promise<TcpProxy> {
  const { port: targetPort } = new URL(target)
  let weather: Weather = { is: 'fine' }
  let opened = 0
  let delivered = 0
  const sockets = new Set<Socket>()

  const server = createServer((client) => {
    opened += 1
    const behind = connect(Number(targetPort), '127.0.0.1')
    for (const socket of [client, behind]) {
      sockets.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => sockets.delete(socket))
    }
    client.on('data', (chunk: Buffer) => {
      if (weather.is === 'cutting requests') return void client.resetAndDestroy()
      if (weather.is === 'a black hole') return
      if (weather.is === 'answering') return answerItself(client)
      if (weather.is === 'flooding') return flood(client, weather.head)
      behind.write(chunk)
    })
    behind.on('data', (chunk: Buffer) => void answer(client, chunk))
    client.on('close', () => behind.destroy())
    behind.on('close', () => {
      if (weather.is !== 'a black hole' && weather.is !== 'silent') client.end()
    })
  })

  function answerItself(client: Socket): void {
    if (weather.is !== 'answering') return
    const { with: bytes, times = Number.POSITIVE_INFINITY } = weather
    delivered += bytes.length
    client.end(bytes)
    weather = times > 1 ? { ...weather, times: times - 1 } : { is: 'fine' }
  }

  function flood(client: Socket, head: string): void {
    client.removeAllListeners('data').resume()
    client.write(head)
    const piece = Buffer.alloc(256 * 1024, 'x')
    const pour = () => {
      while (!client.destroyed && delivered < 1024 ** 3) {
        delivered += piece.length
        if (!client.write(piece)) return void client.once('drain', pour)
      }
      client.end()
    }
    pour()
  }

  async function answer(client: Socket, chunk: Buffer): Promise<void> {
    switch (weather.is) {
      case 'cutting answers': {
        const some = chunk.subarray(0, weather.afterBytes ?? 0)
        if (some.length === 0) return void client.resetAndDestroy()
        return void client.write(some, () => client.resetAndDestroy())
      }
      case 'a black hole':
      case 'silent':
        return
      case 'dripping': {
        const { bytes, everyMs } = weather
        for (let at = 0; at < chunk.length && !client.destroyed; at += bytes) {
          client.write(chunk.subarray(at, at + bytes))
          await new Promise((resolve) => setTimeout(resolve, everyMs))
        }
        return
      }
      case 'late':
        return void setTimeout(() => client.write(chunk), weather.byMs)
      default:
        delivered += chunk.length
        client.write(chunk)
    }
  }

  const listen = async (port: number) => {
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
  }
  const close = async () => {
    const closed = server.listening ? once(server, 'close') : undefined
    server.close()
    for (const socket of sockets) socket.destroy()
    await closed
  }
  await listen(0)
  const { port } = server.address() as AddressInfo
  onTestFinished(close)
  const url = new URL(target)
  url.port = String(port)
  return {
    url: url.href.replace(/\/$/, ''),
    opened: () => opened,
    delivered: () => delivered,
    async turn(next) {
      weather = next
      if (next.is === 'refusing') await close()
      else if (!server.listening) await listen(port)
    },
  }
}
