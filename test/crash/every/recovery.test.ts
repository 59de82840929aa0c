import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Point, sides } from '../boundaries.ts'
import { beforehand, endStateOf } from '../endState.ts'
import { newChild, referralOut } from '../flows.ts'
import type { Moment } from '../observe.ts'
import { round } from '../round.ts'
import { openSite, type Site } from '../site.ts'

let site: Site
beforeAll(async () => {
  site = await openSite()
})
afterAll(() => site.close())

/** Starts a process that dies there, before or after it listens. */
async function startAndDie(at: Moment): Promise<void> {
  if (await site.start({ at, times: 1 })) await site.exchange().death()
}

const moments = (points: readonly Point[]) => points.map(({ moment }) => moment)

describe('killed', { timeout: 300_000 }, () => {
  test('at the first start, while tables and keys are made, the exchange starts anew', async () => {
    for (const at of ['migrate', 'key']) {
      await startAndDie(`before commit ${at}`)
      await startAndDie(`after commit ${at}`)
    }

    await site.start()

    const { state } = await round(site, newChild, 60_001)
    expect(state).toMatchObject({ told: [1], leftovers: 0 })
  })

  test('22 times in a row, each time while recovering from the last, all is as without', async () => {
    const faultless = await round(site, newChild, 60_002)
    const before = beforehand(site)
    const child = newChild.begin(site, 60_003)
    await site.exchange().die({ at: 'after commit accept', times: 1 })
    await newChild.act(site, child)
    await site.exchange().death()

    // What Primero has it has: the recovery finds it and does not write it again, so the answer is not read again.
    const recovery = [
      ...sides('journal cut'),
      ...sides('claim'),
      ...sides('look-up'),
      ...sides('intent written', 'primero'),
      ...sides('request sent', 'primero'),
      ...sides('outcome written', 'primero'),
      ...sides('intent written', 'dtp'),
      ...sides('request sent', 'dtp'),
      ...sides('answer read', 'dtp'),
      ...sides('outcome written', 'dtp'),
      ...sides('erase'),
    ]
    for (const moment of moments(recovery)) await startAndDie(moment)
    await site.start()
    await site.quiet()

    expect(recovery).toHaveLength(22)
    const state = endStateOf(site, child, before)
    expect({ ...state, told: [] }).toEqual({ ...faultless.state, told: [] })
    // Listed: the feedback is told again after each kill that cut its answer off.
    expect(state.told[0]).toBeLessThanOrEqual(5)
  })

  test('while it recovers from a cut-off post of a new referral, it does not send it again', async () => {
    await referralOut.prepare(site, [])
    const before = beforehand(site)
    const child = referralOut.begin(site, 60_004)
    await site.exchange().die({ at: 'after sent dtp', times: 1 })
    await referralOut.act(site, child)
    await site.exchange().death()

    for (const moment of moments([...sides('outcome written', 'dtp'), ...sides('cursor written')])) {
      await startAndDie(moment)
    }
    await site.start()
    await site.quiet()
    await referralOut.act(site, child)
    await site.quiet()

    expect(endStateOf(site, child, before)).toMatchObject({
      told: [1],
      effects: [{ state: 'in_doubt' }],
      records: [{ outcome: 'in_doubt', due: 0 }],
      alerts: [{ what: 'IN_DOUBT' }],
    })
  })

  test('while the clock writes a tick, there is one tick', async () => {
    const before = beforehand(site)
    const child = referralOut.begin(site, 60_005)
    await site.exchange().kill()
    site.rows(`update cursors set value = '2020-01-01T00:00:00.000Z' where name = 'cron:send-referrals'`)

    await startAndDie('before commit accept')
    await startAndDie('after commit accept')
    await site.start()
    await site.quiet()

    expect(site.rows(`select kind from entries where seq > ${before.lastEntry}`)).toEqual([{ kind: 'tick' }])
    expect(endStateOf(site, child, before)).toMatchObject({ told: [1], effects: [{ state: 'done' }], records: [] })
  })
})
