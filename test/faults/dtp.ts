import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, test } from 'vitest'
import { gatewayAnswer, proxyPage } from '../../src/simulator/faults.ts'
import { intervention, outcomesOf, referralMessage, type Stage } from '../flows/stage.ts'
import type { TcpProxy, Weather } from './proxy.ts'
import { expectNothingPersonal, marked, refer, sentToDtp, setWorld, statusesTold } from './world.ts'

export function faultsOfDtp(): void {
  describe('faults of DTP', () => {
    let stage: Stage
    let dtp: TcpProxy
    /** Both cron flows have made their first poll, so that whatever is done in Primero from here on is new. */
    async function set(options: Parameters<typeof setWorld>[0] = {}) {
      ;({ stage, dtp } = await setWorld(options))
      await stage.run('send-referrals')
      await stage.run('send-decisions')
    }
    afterEach(() => expectNothingPersonal(stage))

    const number = (no: number) => `990-26-PRTITV-000000${no}`
    const minutes = (count: number) => count * 60_000
    async function inOrder(times: number, act: () => Promise<void>): Promise<void> {
      for (let n = 0; n < times; n++) await act()
    }
    const httpDate = (inMs: number) => new Date(Date.now() + inMs).toUTCString()

    describe('F4: DTP says 429', () => {
      test.each([
        ['90 seconds', () => '90', 90_000],
        ['a date in ten minutes', () => httpDate(minutes(10)), minutes(10)],
        ['ten years in seconds', () => '315360000', minutes(60)],
        ['a date in ten years', () => httpDate(minutes(5_256_000)), minutes(60)],
        ['something that is neither', () => 'soon, or -5', 5_000],
      ])(
        'F4: a wait of %s is obeyed for feedback and for a referral, for an hour at most, and each arrives once',
        async (_, value, waitMs) => {
          await set()
          const what = { kind: 'answer', status: 429, headers: { 'retry-after': value() } } as const
          const outage = stage.dtp.faults.add({ times: Number.POSITIVE_INFINITY, what })
          const { id } = refer(stage)
          const before = stage.now().getTime()

          const { id: entry } = await stage.accept(referralMessage(intervention(1, marked())))
          await stage.work()
          await stage.run('send-referrals')
          const dues = [(await stage.entry(entry)).due_at, (await stage.store.records.list({}))[0]?.due_at]
          outage.remove()
          stage.later(waitMs + 10_000)
          await stage.work()

          for (const due of dues) {
            const wait = Date.parse(String(due)) - before
            expect(wait).toBeGreaterThan(waitMs - 1_500)
            expect(wait).toBeLessThan(waitMs + 8_000)
          }
          expect(statusesTold(stage, number(1))).toEqual(['Pending Acknowledgement'])
          expect(sentToDtp(stage)).toHaveLength(1)
          expect(await stage.store.ledger.find(`dtp/referral/${id}`)).toMatchObject({ state: 'done' })
        },
      )
    })

    test('F5: DTP answers 503, with JSON and with HTML, for 48 hours: all that came meanwhile arrives once, by one request each, and for one child in order', async () => {
      await set()
      const always = { times: Number.POSITIVE_INFINITY }
      const json = stage.dtp.faults.add({ ...always, what: gatewayAnswer(503) })
      const sameChild = { 'individuals.progres_id': '990-00000001' }
      for (const no of [1, 2, 3]) await stage.accept(referralMessage(intervention(no, marked(sameChild))))
      await stage.accept(referralMessage(intervention(4, marked())))
      refer(stage)
      await stage.run('send-referrals')
      const lookEvery = (looks: number) =>
        inOrder(looks, async () => {
          stage.later(minutes(6 * 60))
          await stage.work()
        })
      await lookEvery(4)
      json.remove()
      const html = stage.dtp.faults.add({ ...always, what: proxyPage(503) })
      await lookEvery(4)
      const asked = stage.dtp.requests.length

      html.remove()
      await lookEvery(1)

      // Four messages and a referral, at most once each at every look.
      expect(asked).toBeLessThanOrEqual(5 * 9)
      expect(stage.dtp.requests.length - asked).toBe(5)
      const told = stage.dtp.received.map(({ body }) => body.progres_interventionnumber)
      expect(told.filter((one) => one !== undefined).toSorted()).toEqual([1, 2, 3, 4].map(number))
      expect(told.filter((one) => one !== undefined && one !== number(4))).toEqual([1, 2, 3].map(number))
      expect(sentToDtp(stage)).toHaveLength(1)
    })

    describe('a message of which nobody can say whether it arrived', () => {
      const mishaps: readonly (readonly [name: string, weather: Weather, arrived: number])[] = [
        ['F6: DTP takes it and never answers', { is: 'silent' }, 1],
        ['F6: DTP answers after we gave up', { is: 'late', byMs: 1_600 }, 1],
        ['F8: DTP cuts the connection when it has read the body', { is: 'cutting answers' }, 1],
        ['F8: the connection is cut in the first line of the answer', { is: 'cutting answers', afterBytes: 6 }, 1],
        ['F8: the connection is cut before DTP has read anything', { is: 'cutting requests' }, 0],
      ]

      test.each(mishaps)(
        '%s: a new referral is in doubt and not sent again, feedback is told again in the same words',
        async (_, weather, arrived) => {
          await set()
          const { id } = refer(stage)
          const { id: entry } = await stage.accept(referralMessage(intervention(1, marked())))
          await stage.ask('send-referrals')
          await dtp.turn(weather)
          const began = performance.now()

          const runs = await stage.work(2)
          const tookMs = performance.now() - began
          const state = (await stage.entry(entry)).state
          await dtp.turn({ is: 'fine' })
          // After a time-out nothing is sent for a second.
          if (tookMs > 600) await sleep(1_100)
          stage.later(10_000)
          await stage.work()
          await stage.run('send-referrals')

          expect(tookMs).toBeLessThan(5_000)
          expect(outcomesOf(runs)).toMatchObject({ [id]: 'in_doubt IN_DOUBT' })
          expect(runs.flatMap(({ alerts }) => alerts)).toEqual([{ code: 'IN_DOUBT', record: id }])
          expect(sentToDtp(stage)).toHaveLength(arrived)
          expect([state, (await stage.entry(entry)).state]).toEqual(['waiting', 'done'])
          const feedback = stage.dtp.received.filter(({ body }) => body.progres_interventionnumber === number(1))
          expect(feedback).toHaveLength(arrived + 1)
          expect(new Set(feedback.map(({ body }) => JSON.stringify(body))).size).toBe(1)

          await stage.store.ledger.settle(`dtp/referral/${id}`, arrived === 1, stage.now())
          await stage.work()
          await stage.run('send-referrals')
          expect(sentToDtp(stage)).toHaveLength(1)
        },
      )
    })

    test('F8: a refused connection means that nothing arrived: the referral waits, nobody is called, and it is sent once', async () => {
      await set()
      const { id } = refer(stage)
      await dtp.turn({ is: 'refusing' })

      const runs = await stage.run('send-referrals')
      await dtp.turn({ is: 'fine' })
      stage.later(10_000)
      await stage.work()

      expect(outcomesOf(runs)).toEqual({ [id]: 'waiting REMOTE_DOWN' })
      expect(runs[0]?.alerts).toEqual([])
      expect(sentToDtp(stage)).toHaveLength(1)
    })
  })
}
