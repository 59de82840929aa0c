import { describe, expect, it } from 'vitest'
import { intervention, outcomesOf, referralMessage, type Stage, setStage } from '../flows/stage.ts'
import { referToUnhcr } from './child.ts'

const hour = 3_600_000

describe('D72: what was left behind by a failed run was never taken up again', () => {
  it('a referral that DTP answered with 401 waits for a person, and goes out when one asks for a run', async () => {
    const { stage, hourPasses } = await onTheMove()
    const { id } = referToUnhcr(stage)
    const refused = stage.dtp.faults.add({ times: Number.POSITIVE_INFINITY, what: { kind: 'answer', status: 401 } })
    await stage.run('send-referrals')
    hourPasses()
    const other = referToUnhcr(stage)
    await stage.run('send-referrals')
    refused.remove()
    hourPasses()

    const runs = await stage.run('send-referrals')

    expect(outcomesOf(runs)).toEqual({ [id]: 'delivered DELIVERED', [other.id]: 'delivered DELIVERED' })
    expect(await stage.store.records.list({})).toEqual([])
  })

  it('a decision that DTP answered with 403 waits for a person, and is told when one asks for a run', async () => {
    const { stage, hourPasses } = await onTheMove()
    await stage.run('send-decisions')
    await stage.accept(referralMessage(intervention(1), intervention(2)))
    await stage.work()
    stage.primero.people.decide('990-26-PRTITV-0000001', 'accepted')
    const refused = stage.dtp.faults.add({ times: Number.POSITIVE_INFINITY, what: { kind: 'answer', status: 403 } })
    await stage.run('send-decisions')
    hourPasses()
    stage.primero.people.decide('990-26-PRTITV-0000002', 'accepted')
    await stage.run('send-decisions')
    refused.remove()
    hourPasses()

    const runs = await stage.run('send-decisions')

    expect(outcomesOf(runs)).toEqual({
      '990-26-PRTITV-0000001': 'delivered DELIVERED',
      '990-26-PRTITV-0000002': 'delivered DELIVERED',
    })
  })
})

/** Primero's clock and ours go together, so that an hour takes earlier changes out of what a poll reads again. */
async function onTheMove(): Promise<{ stage: Stage; hourPasses: () => void }> {
  let aheadMs = 0
  const now = () => new Date(Date.now() + aheadMs)
  const stage = await setStage({ primero: { seed: { cases: [], referrals: [] }, now } })
  await stage.run('send-referrals')
  const hourPasses = () => {
    aheadMs += hour
    stage.later(hour)
  }
  return { stage, hourPasses }
}
