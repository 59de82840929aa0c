import { join } from 'node:path'
import autocannon from 'autocannon'
import { inboxToken, startExchange } from './exchange.ts'
import { referralMessage } from './messages.ts'
import { answers, freePort, startNode } from './processes.ts'
import type { Ratio } from './ratio.ts'

interface Options {
  /** An empty folder. */
  readonly folder: string
  readonly seconds: number
  readonly systems: Readonly<Record<string, string>>
}

/**
 * Acknowledgements per second of the inbox against a server that only fsyncs each body.
 *
 * Every body is another referral: the same one twice would be acknowledged without being stored.
 */
export async function benchInbox({ folder, seconds, systems }: Options): Promise<Ratio> {
  const theirs = await acknowledgementsOfBareServer(join(folder, 'bodies'), seconds)
  const exchange = await startExchange(join(folder, 'data'), systems)
  const ours = await acknowledgements(`${exchange.url}/i/dtp-inbox`, seconds).finally(exchange.stop)

  const doubts = [...theirs.doubts, ...ours.doubts]
  return {
    name: 'inbox acknowledgements',
    ours: ours.perSecond,
    theirs: theirs.perSecond,
    unit: '/s',
    ratio: ours.perSecond / theirs.perSecond,
    aim: { atLeast: 0.5 },
    doubts,
  }
}

export async function acknowledgementsOfBareServer(path: string, seconds: number): Promise<Load> {
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const started = await startNode({ args: ['bench/bare-server.js', String(port), path], isReady: () => answers(url) })
  return acknowledgements(url, seconds).finally(started.stop)
}

interface Load {
  readonly perSecond: number
  readonly doubts: readonly string[]
}

const connections = 32
let sent = 0
const nextMessage = () => {
  sent += 1
  return referralMessage(sent)
}

async function acknowledgements(url: string, seconds: number): Promise<Load> {
  await load(url, 1)
  return load(url, seconds)
}

async function load(url: string, seconds: number): Promise<Load> {
  const result = await autocannon({
    url,
    method: 'POST',
    connections,
    duration: seconds,
    headers: { 'content-type': 'application/json', 'x-api-key': inboxToken },
    requests: [{ setupRequest: (request) => ({ ...request, body: nextMessage() }) }],
  })
  const bad = result.non2xx + result.errors + result.timeouts
  return {
    perSecond: result['2xx'] / result.duration,
    doubts: bad === 0 ? [] : [`${bad} requests to ${url} were not acknowledged`],
  }
}
