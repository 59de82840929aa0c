import { setTimeout as sleep } from 'node:timers/promises'
import type { Child } from '../crash/endState.ts'
import { decisionIn, decisionOut, type Flow, knownChild, newChild, referralOut } from '../crash/flows.ts'
import { openSite, type Site } from '../crash/site.ts'
import { settleDoubts } from './doubts.ts'
import { type Aim, type Tally, type Traveller, tally } from './tally.ts'

/** Children under way at once. */
const atOnce = 6
/** Moments that one child's way has; a process dies within a few ways. */
const mostMoments = 200
const longestLifeMs = 1_500

/**
 * Kills the exchange again and again while children travel both ways: at a random one of the moments that matter, or at any
 * time. Senders repeat what was not answered; the clock asks for runs. Goes on until it has killed `kills` times.
 */
export async function soakKills(kills: number, say: (line: string) => void): Promise<Tally> {
  const site = await openSite()
  try {
    await site.start()
    for (const workflow of ['send-referrals', 'send-decisions']) await site.ask(workflow)
    await site.quiet()

    const travel = startTravel(site)
    for (let killed = 1; killed <= kills; killed++) {
      await killOnce(site)
      await site.start()
      if (killed % 50 === 0) say(`${killed} kills, ${travel.travellers.length} children`)
    }
    await travel.end()
    for (const workflow of ['send-referrals', 'send-decisions']) await site.ask(workflow)
    await site.quiet()

    const inDoubt = await settleDoubts(site)
    const entries = Number(site.rows('select count(*) as n from entries')[0]?.n)
    const found = tally(site, travel.travellers)
    say(
      `kills ${kills}, children ${travel.travellers.length}, entries ${entries}, lost ${found.lost}, ` +
        `doubled ${found.doubled}, in doubt ${inDoubt} (settled), told again ${found.toldAgain}`,
    )
    return found
  } finally {
    await site.close()
  }
}

async function killOnce(site: Site): Promise<void> {
  const exchange = site.exchange()
  if (Math.random() < 0.5) {
    await exchange.die({ afterMoments: 1 + Math.floor(Math.random() * mostMoments) })
    const ended = exchange.death(10 * longestLifeMs)
    await Promise.race([ended, sleep(longestLifeMs)])
  } else {
    await sleep(Math.random() * longestLifeMs)
  }
  await exchange.kill()
}

/** Children set out one after another until told to end; then those under way arrive. */
function startTravel(site: Site): { readonly travellers: readonly Traveller[]; end(): Promise<void> } {
  const travellers: Traveller[] = []
  let isEnding = false
  let number = 50_000
  const persist = async (flow: Flow, child: Child) => {
    while ((await flow.act(site, child)) === undefined) await sleep(100)
  }
  const lane = async () => {
    while (!isEnding) {
      const [flow, aim] = ways[Math.floor(Math.random() * ways.length)] ?? ways[0]
      const child = flow.begin(site, ++number)
      travellers.push({ child, aim })
      await persist(flow, child)
      if (Math.random() < 0.5 || !(await hasArrived(site, child, aim))) continue
      if (aim === 'delivered') site.primero.people.decide(child.interventionNumber ?? '', 'accepted')
      await persist(aim === 'delivered' ? decisionOut : decisionIn, child)
      travellers.push({ child, aim: aim === 'delivered' ? 'told' : 'decided' })
    }
  }
  const lanes = Array.from({ length: atOnce }, lane)
  return {
    travellers,
    async end() {
      isEnding = true
      await Promise.all(lanes)
    },
  }
}

const ways: readonly [readonly [Flow, Aim], ...(readonly [Flow, Aim])[]] = [
  [newChild, 'delivered'],
  [knownChild, 'delivered'],
  [referralOut, 'sent'],
]

/** Whether the other system has it within some seconds: a referral may be in doubt. */
async function hasArrived({ dtp }: Site, { dtpId, interventionNumber }: Child, aim: Aim): Promise<boolean> {
  const isIt = ({ body }: { readonly body: Readonly<Record<string, unknown>> }) =>
    aim === 'sent' ? body.id === dtpId : body.progres_interventionnumber === interventionNumber
  for (let looks = 0; looks < 50; looks++) {
    if (dtp.received.some(isIt)) return true
    await sleep(100)
  }
  return false
}
