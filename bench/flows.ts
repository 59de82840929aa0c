import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Exchange, startExchange } from './exchange.ts'
import { decisionMessage, referralMessage } from './messages.ts'
import { createPlainClient } from './plain-client.ts'
import type { Ratio } from './ratio.ts'
import { type Routes, type Simulators, startSimulators } from './simulators.ts'

interface Options {
  /** An empty folder. */
  readonly folder: string
  /** Children per flow and direction. */
  readonly children: number
}

/** Of both systems, as from a country's capital. */
const latencyMs = 20

/** What both sides do, in order; each leaves the simulators as the next one needs them. */
const phases = ['referrals in', 'decisions out', 'referrals out', 'decisions in'] as const
type Phase = (typeof phases)[number]

interface Measured {
  readonly milliseconds: number
  /** Requests that reached the simulators during the phase, by route. */
  readonly routes: Routes
}
type Side = Readonly<Record<Phase, Measured>>

/**
 * Both flows from the first message to the last effect, at 20 ms latency, against a hand-written client that makes the same
 * requests at the same concurrency. Each side has new simulators; the routes both asked are compared.
 */
export async function benchFlows({ folder, children }: Options): Promise<readonly Ratio[]> {
  const theirs = await measurePlainClient(join(folder, 'plain'), children)
  const ours = await measureExchange(join(folder, 'exchange'), children)
  const flow = (name: string, ...parts: readonly Phase[]): Ratio => {
    const perSecond = (side: Side) =>
      (children * parts.length * 1000) / sum(parts.map((part) => side[part].milliseconds))
    return {
      name,
      ours: perSecond(ours),
      theirs: perSecond(theirs),
      unit: '/s',
      ratio: perSecond(ours) / perSecond(theirs),
      aim: { atLeast: 0.7 },
      doubts: parts.flatMap((part) => differences(part, ours[part].routes, theirs[part].routes)),
    }
  }
  return [
    flow('Flow 1, referrals and decisions', 'referrals in', 'decisions out'),
    flow('  referrals from proGres', 'referrals in'),
    flow('  decisions to proGres', 'decisions out'),
    flow('Flow 2, referrals and decisions', 'referrals out', 'decisions in'),
    flow('  referrals to proGres', 'referrals out'),
    flow('  decisions from proGres', 'decisions in'),
  ]
}

async function measurePlainClient(folder: string, children: number): Promise<Side> {
  const simulators = await startSimulators(folder, latencyMs)
  const client = createPlainClient(simulators)
  try {
    await client.deliverReferrals(warmUp)
    return await measure(simulators, children, {
      'referrals in': (numbers) => client.deliverReferrals(numbers),
      'decisions out': () => client.tellDecisions(),
      'referrals out': () => client.sendReferrals(),
      'decisions in': (_, referralIds) => client.applyDecisions(referralIds),
    })
  } finally {
    await client.close()
    await simulators.stop()
  }
}

async function measureExchange(folder: string, children: number): Promise<Side> {
  const simulators = await startSimulators(folder, latencyMs)
  const exchange = await startExchange(join(folder, 'data'), simulators.environment)
  try {
    // The first run of a cron workflow only learns what time it is.
    await exchange.run('send-decisions')
    await exchange.run('send-referrals')
    await post(exchange, simulators, warmUp.map(referralMessage), toldDelivered)
    return await measure(simulators, children, {
      'referrals in': (numbers) => post(exchange, simulators, numbers.map(referralMessage), toldDelivered),
      'decisions out': () => exchange.run('send-decisions'),
      'referrals out': () => exchange.run('send-referrals'),
      'decisions in': (_, ids) => post(exchange, simulators, ids.map(decisionMessage), decided),
    })
  } finally {
    await exchange.stop()
    await simulators.stop()
  }
}

const warmUp = Array.from({ length: 16 }, (_, n) => 9_000_000 + n)
const toldDelivered = 'POST /primero-uat/ReceiveDecisionOutgoingReferral'
const decided = 'PATCH /api/v2/cases/:id/referrals/:id'

type Work = (numbers: readonly number[], referralIds: readonly string[]) => Promise<void>

async function measure(simulators: Simulators, children: number, work: Readonly<Record<Phase, Work>>): Promise<Side> {
  const numbers = Array.from({ length: children }, (_, index) => index + 1)
  const before: Partial<Record<Phase, () => Promise<void>>> = {
    'decisions out': () => simulators.makeCases({ count: children, first: 10_001, decided: true }),
    'referrals out': () => simulators.makeCases({ count: children, first: 20_001, unhcr_user: simulators.unhcrUser }),
  }
  const measured: [Phase, Measured][] = []
  for (const phase of phases) {
    await before[phase]?.()
    const referralIds = phase === 'decisions in' ? await simulators.referralIds() : []
    const routesBefore = await simulators.routes()
    const begun = performance.now()
    await work[phase](numbers, referralIds)
    const milliseconds = performance.now() - begun
    measured.push([phase, { milliseconds, routes: since(routesBefore, await simulators.routes()) }])
  }
  return Object.fromEntries(measured) as Record<Phase, Measured>
}

/** Posts the messages, eight at once, and waits until a simulator has answered `route` once for each. */
async function post(
  exchange: Exchange,
  simulators: Simulators,
  messages: readonly string[],
  route: string,
): Promise<void> {
  const before = (await simulators.routes())[route] ?? 0
  const left = [...messages]
  const lane = async () => {
    for (let message = left.shift(); message !== undefined; message = left.shift()) {
      await exchange.post('dtp-inbox', message)
    }
  }
  await Promise.all(Array.from({ length: 8 }, lane))
  for (const until = Date.now() + 120_000; Date.now() < until; await sleep(20)) {
    if (((await simulators.routes())[route] ?? 0) - before >= messages.length) break
  }
  // The last request was counted when it arrived; its answer is on the way.
  await sleep(latencyMs)
}

function since(before: Routes, after: Routes): Routes {
  return Object.fromEntries(
    Object.entries(after).flatMap(([route, count]) =>
      count === before[route] ? [] : [[route, count - (before[route] ?? 0)]],
    ),
  )
}

function differences(phase: Phase, ours: Routes, theirs: Routes): string[] {
  const routes = [...new Set([...Object.keys(ours), ...Object.keys(theirs)])].sort()
  return routes.flatMap((route) =>
    ours[route] === theirs[route]
      ? []
      : [`${phase}: ${route} was asked ${ours[route] ?? 0} times, ${theirs[route] ?? 0} by the plain client`],
  )
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
