import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sides } from '../boundaries.ts'
import { beforehand, type Child, type EndState, endStateOf } from '../endState.ts'
import { decisionIn, type Flow, newChild, referralOut } from '../flows.ts'
import type { Moment } from '../observe.ts'
import { round } from '../round.ts'
import { openSite, type Site } from '../site.ts'

let site: Site
beforeAll(async () => {
  site = await openSite()
  await site.start()
})
afterAll(() => site.close())

/** Freezes the process there, lets another one finish, and wakes it: the store as it is then, and both processes gone on. */
async function freeze(flow: Flow, number: number, at: Moment) {
  const before = beforehand(site)
  const child = flow.begin(site, number)
  const frozen = site.exchange()
  await frozen.die({ at, times: 1, by: 'SIGSTOP' })
  const acting = flow.act(site, child)
  await frozen.frozen()
  await acting

  await site.start()
  await site.quiet()
  const meanwhile = stateOf(child)
  frozen.wake()
  await expect.poll(frozen.said, { timeout: 10_000 }).toContain('entry lost to another process')
  await frozen.kill()
  return { child, before, meanwhile, state: stateOf(child) }

  function stateOf(one: Child): EndState {
    return endStateOf(site, one, before)
  }
}

const past = (...[name, system]: Parameters<typeof sides>) => sides(name, system)[1]?.moment ?? 'after claim'

describe('frozen for longer than its lease and woken when another one has finished, it completes nothing', {
  timeout: 120_000,
}, () => {
  test.each([
    past('look-up'),
    past('intent written', 'primero'),
    past('request sent', 'primero'),
    past('intent written', 'dtp'),
    past('request sent', 'dtp'),
  ])('%s, a referral of a new child: all is as without', async (at) => {
    const faultless = await round(site, newChild, next())

    const { state, meanwhile } = await freeze(newChild, next(), at)

    for (const one of [meanwhile, state]) {
      expect({ ...one, told: [], outcomes: [] }).toEqual({ ...faultless.state, told: [], outcomes: [] })
    }
    // Listed: the feedback is told by both, in the same words, where the first had begun it.
    expect(state.told[0]).toBeLessThanOrEqual(at.endsWith('dtp') ? 2 : 1)
  })

  test("after request sent, UNHCR's decision: all is as without", async () => {
    const numbers = [next(), next()]
    await decisionIn.prepare(site, numbers)
    const [one = 0, other = 0] = numbers
    const faultless = await round(site, decisionIn, one)

    const { state } = await freeze(decisionIn, other, past('request sent', 'primero'))

    expect({ ...state, outcomes: [] }).toEqual({ ...faultless.state, outcomes: [] })
  })

  test.each([past('intent written', 'dtp'), past('request sent', 'dtp')])(
    '%s, a new referral: it is sent once, in doubt as long as the process is frozen, and its answer or a person settles it',
    async (at) => {
      await referralOut.prepare(site, [])
      const faultless = await round(site, referralOut, next())

      const { child, before, state, meanwhile } = await freeze(referralOut, next(), at)

      expect(meanwhile).toMatchObject({
        effects: [{ state: 'in_doubt' }],
        records: [{ outcome: 'in_doubt', due: 0 }],
        alerts: [{ what: 'IN_DOUBT' }],
      })
      // One that was to post hears at times, while it looks at the case once more, that it lost its claim: then it does not post.
      const isSent = state.told.length > 0
      if (!isSent) expect({ at, state }).toMatchObject({ at: past('intent written', 'dtp'), state: meanwhile })
      const settled = isSent ? state : await settledAsNotArrived(child, before)
      // Listed: the alert stays, what the last run said, and the retry that a person's word asked for.
      const entries = isSent ? faultless.state.entries : settled.entries
      expect({ ...settled, alerts: [], outcomes: [] }).toEqual({
        ...faultless.state,
        entries,
        alerts: [],
        outcomes: [],
      })
    },
  )
})

async function settledAsNotArrived(child: Child, before: ReturnType<typeof beforehand>): Promise<EndState> {
  await site.settle(`dtp/referral/${child.referralId}`, false)
  await site.quiet()
  return endStateOf(site, child, before)
}

let number = 61_000
function next(): number {
  return ++number
}
