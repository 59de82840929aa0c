import { setTimeout as sleep } from 'node:timers/promises'
import { newChild } from '../crash/flows.ts'
import { openSite, type Site } from '../crash/site.ts'
import { type Tally, type Traveller, tally } from './tally.ts'

/** How soon after `/ready` the first effect must come. */
const latestMs = 1_000

/**
 * Kills the exchange once in each round, at any time while that many entries are accepted and worked on. Says how soon after
 * `/ready` the next process resumed: its first effect on one of the systems.
 */
export async function soakRounds(rounds: number, entries: number, say: (line: string) => void): Promise<Tally> {
  const site = await openSite()
  const travellers: Traveller[] = []
  const resumedMs: number[] = []
  try {
    await site.start()
    for (let round = 1; round <= rounds; round++) {
      const children = Array.from({ length: entries }, (_, i) => newChild.begin(site, round * 1_000 + i + 10_000))
      const posting = Promise.all(
        children.map(async (child) => {
          while ((await newChild.act(site, child)) === undefined) await sleep(50)
        }),
      )
      await sleep(100 + Math.random() * 2_000)
      await site.exchange().kill()
      await site.start()
      const finished = posting.then(() => site.quiet())
      resumedMs.push(await untilResumed(site, finished))
      await finished
      travellers.push(...children.map((child) => ({ child, aim: 'delivered' as const })))
      say(`round ${round}: resumed ${Math.round(resumedMs.at(-1) ?? 0)} ms after /ready`)
    }
    const found = tally(site, travellers)
    say(
      `rounds ${rounds}, entries ${travellers.length}, lost ${found.lost}, doubled ${found.doubled}, ` +
        `told again ${found.toldAgain}, resumed at most ${Math.round(Math.max(...resumedMs))} ms after /ready`,
    )
    return { ...found, late: resumedMs.filter((ms) => ms > latestMs).length }
  } finally {
    await site.close()
  }
}

/** Milliseconds from the first 204 of `/ready` to the first write to Primero or post to DTP; 0 when that came before. */
async function untilResumed({ primero, dtp, exchange }: Site, finished: Promise<unknown>): Promise<number> {
  let isFinished = false
  finished.then(() => {
    isFinished = true
  })
  const effects = () => primero.requests.filter(({ method }) => method !== 'GET').length + dtp.requests.length
  const before = effects()
  while (!(await isReady(exchange().address))) await sleep(5)
  const ready = performance.now()
  while (effects() === before && !isFinished) await sleep(1)
  return performance.now() - ready
}

function isReady(address: string): Promise<boolean> {
  return fetch(`${address}/ready`).then(
    ({ status }) => status === 204,
    () => false,
  )
}
