import { afterEach, describe, expect, test } from 'vitest'
import { intervention, referralMessage, type Stage } from '../flows/stage.ts'
import { expectNothingPersonal, marked, refer, sentToDtp, setWorld, statusesTold } from './world.ts'

export function faultsOfTime(): void {
  describe('clocks and late rows', () => {
    let stage: Stage
    afterEach(() => expectNothingPersonal(stage))

    const hour = 3_600_000

    describe('clocks', () => {
      test.each([
        ['ours is a day ahead', 24 * hour, 0],
        ['ours is a day behind', -24 * hour, 0],
        ["Primero's is five minutes slow", 0, -5 * 60_000],
      ])('F21: %s: every referral is sent once, and the cursor is a time of Primero', async (_, ours, theirs) => {
        const now = () => new Date(Date.now() + theirs)
        ;({ stage } = await setWorld({ primero: { seed: { cases: [], referrals: [] }, now } }))
        stage.later(ours)
        await stage.run('send-referrals')
        for (let n = 0; n < 3; n++) {
          refer(stage)
          await stage.run('send-referrals')
        }
        stage.later(-ours)
        refer(stage)
        await stage.run('send-referrals')
        await stage.run('send-referrals')

        expect(sentToDtp(stage)).toHaveLength(4)
        expect(new Set(sentToDtp(stage).map(({ id }) => id)).size).toBe(4)
        const cursor = Date.parse((await stage.store.cursors.read('send-referrals')) ?? '')
        expect(Math.abs(cursor - now().getTime())).toBeLessThan(60_000)
      })

      test('F21: ours jumps back two hours in the midst of a run: what the run did stays done, what waits is only later, nothing is sent twice', async () => {
        ;({ stage } = await setWorld())
        await stage.run('send-referrals')
        refer(stage)
        const jump = () => {
          stage.later(-2 * hour)
          return true
        }
        stage.dtp.faults.add({ match: jump, what: { kind: 'delay', delayMs: 1 } })
        stage.dtp.faults.add({ what: { kind: 'answer', status: 503 } })

        await stage.run('send-referrals')
        const { id } = await stage.accept(referralMessage(intervention(1, marked())))
        await stage.work()
        const state = (await stage.entry(id)).state
        stage.later(-2 * hour)
        await stage.work()
        stage.later(2 * hour + 10_000)
        await stage.work()
        await stage.run('send-referrals')

        expect(state).toBe('waiting')
        expect((await stage.entry(id)).state).toBe('done')
        expect(statusesTold(stage, '990-26-PRTITV-0000001')).toEqual(['Pending Acknowledgement'])
        expect(sentToDtp(stage)).toHaveLength(1)
      })
    })

    test('F25: a case that shows up thirty seconds after its time, behind younger ones that were read before, is not passed over', async () => {
      ;({ stage } = await setWorld())
      await stage.run('send-referrals')
      const slow = refer(stage)
      const { content, clock } = stage.primero
      const stamped = clock.now()
      // Committed late: readers see the case as it was a day ago until thirty seconds from now.
      const change = { associated_user_names: content.case(slow.caseId)?.associated_user_names ?? [] }
      content.touch(slow.caseId, new Date(stamped.getTime() - 24 * hour), { associated_user_names: [] })
      content.touch(slow.caseId, stamped, change, new Date(stamped.getTime() + 30_000))
      clock.advance(10_000)
      refer(stage)
      await stage.run('send-referrals')
      const before = sentToDtp(stage).length

      clock.advance(30_000)
      await stage.run('send-referrals')
      await stage.run('send-referrals')

      expect(before).toBe(1)
      expect(sentToDtp(stage).map(({ id }) => id)).toContain(slow.referralId)
      expect(sentToDtp(stage)).toHaveLength(2)
    })
  })
}
