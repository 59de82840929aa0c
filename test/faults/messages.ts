import { afterEach, describe, expect, test } from 'vitest'
import { intervention, outcomesOf, referralMessage, type Stage, serviceRows } from '../flows/stage.ts'
import { expectNothingPersonal, marked, refer, referAgain, sentToDtp, setWorld, statusesTold } from './world.ts'

export function faultsOfMessages(): void {
  describe('messages that come twice, late or too early', () => {
    let stage: Stage
    async function set() {
      ;({ stage } = await setWorld())
      await stage.run('send-referrals')
    }
    afterEach(() => expectNothingPersonal(stage))

    const number = '990-26-PRTITV-0000001'
    const hours = (count: number) => count * 3_600_000
    const message = (changes: Record<string, unknown> = {}) => referralMessage(intervention(1, marked(changes)))
    const decision = (referralId: string, code = '125080000') => ({
      interventions: [{ progres_orgreferralid: referralId, progres_reviewdecision: code }],
      request_type: 'PrimeroIncomingReferralDecision',
    })
    const rejected = '125080001'

    describe('the same message', () => {
      test('F15: twice, and again a year later, is one entry with one receipt and one effect', async () => {
        await set()

        const first = await stage.accept(message())
        const second = await stage.accept(message())
        await stage.work()
        stage.later(hours(24 * 366))
        const third = await stage.accept(message())
        await stage.work()

        expect([second.id, third.id]).toEqual([first.id, first.id])
        expect(serviceRows(stage, number)).toHaveLength(1)
        expect(statusesTold(stage, number)).toEqual(['Pending Acknowledgement'])
      })

      test('F16: a thousand times at once is one entry with one effect', async () => {
        await set()

        const receipts = await Promise.all(Array.from({ length: 1_000 }, () => stage.accept(message())))
        await stage.work(4)

        expect(new Set(receipts.map(({ id }) => id)).size).toBe(1)
        expect(serviceRows(stage, number)).toHaveLength(1)
        expect(statusesTold(stage, number)).toEqual(['Pending Acknowledgement'])
      })
    })

    test('F17: a changed body for an intervention, older or newer, writes nothing once one is delivered, also when it came while the first still waited', async () => {
      await set()
      stage.primero.faults.add({ times: 2, what: { kind: 'answer', status: 503 } })
      await stage.accept(message())
      await stage.work()
      await stage.accept(message({ progres_interventiondescription: 'A newer wish' }))
      stage.later(10_000)
      await stage.work()
      stage.later(60_000)
      const runs = await stage.work()

      await stage.accept(message({ progres_interventiondescription: 'An older wish' }))
      const last = await stage.work()

      const told = [...runs, ...last].flatMap(({ outcomes }) => outcomes.map(({ code }) => code))
      expect(told.filter((code) => code === 'CHANGED_AFTER_DELIVERY').length).toBeGreaterThan(0)
      expect(outcomesOf(last)).toEqual({ [number]: 'unchanged CHANGED_AFTER_DELIVERY' })
      expect(last[0]?.alerts).toEqual([{ code: 'CHANGED_AFTER_DELIVERY', record: number }])
      expect(serviceRows(stage, number)).toHaveLength(1)
      expect(statusesTold(stage, number)).toEqual(['Pending Acknowledgement'])
    })

    describe("UNHCR's decision", () => {
      test('F18: before we heard that the referral arrived: it proves that it did, is applied, and the referral is not sent again', async () => {
        await set()
        const { id, referralId } = refer(stage)
        stage.dtp.faults.add({ what: { kind: 'answer', status: 504, applied: true } })
        await stage.run('send-referrals')
        const doubt = await stage.store.ledger.find(`dtp/referral/${id}`)

        await stage.accept(decision(referralId))
        const runs = await stage.work()
        await stage.run('send-referrals')

        expect(doubt).toMatchObject({ state: 'in_doubt' })
        expect(outcomesOf(runs)).toEqual({ [referralId]: 'delivered DELIVERED' })
        expect(await stage.store.ledger.find(`dtp/referral/${id}`)).toMatchObject({ state: 'done' })
        expect(sentToDtp(stage)).toHaveLength(1)
        expect(await stage.store.records.list({})).toEqual([])
      })

      test('F18: on a referral that nobody knows, yet: it is kept for a person, and applied when he replays it after the referral is there', async () => {
        await set()
        const { caseId, referralId: known } = refer(stage)
        const caseNo = known.split('#')[0] ?? ''
        const unknown = '00000000-0000-4000-8000-00000000dead#0123456789ab'
        const { id: stays } = await stage.accept(decision(unknown))
        const runs = await stage.work()

        const { service, id } = referAgain(stage, caseId)
        stage.primero.people.revoke(id)
        const early = `${caseNo}#${service.slice(-12)}`
        const { id: waits } = await stage.accept(decision(early))
        await stage.work()
        const state = await stage.entry(waits)
        const again = stage.primero.people.refer(caseId, service, stage.settings.unhcr_user)
        await stage.store.entries.replay(waits, stage.now())
        await stage.work()

        expect(outcomesOf(runs)).toEqual({ [unknown]: 'refused REFERRAL_UNKNOWN' })
        expect(await stage.entry(stays)).toMatchObject({ state: 'stuck', code: 'REFERRAL_UNKNOWN' })
        expect(state).toMatchObject({ state: 'stuck', code: 'REFERRAL_NOT_OPEN' })
        expect(stage.primero.content.referral(again.id)?.status).toBe('accepted')
        expect((await stage.entry(waits)).state).toBe('done')
      })

      test('F19: after the referral was revoked, and a second one that says the contrary: neither is applied, and a person is called', async () => {
        await set()
        const [gone, accepted] = [refer(stage), refer(stage)]
        await stage.run('send-referrals')
        stage.primero.people.revoke(gone.id)

        await stage.accept(decision(gone.referralId))
        await stage.accept(decision(accepted.referralId))
        await stage.work()
        await stage.accept(decision(accepted.referralId, rejected))
        const runs = await stage.work()

        expect(stage.primero.content.referral(gone.id)?.status).toBe('revoked')
        expect(stage.primero.content.referral(accepted.id)?.status).toBe('accepted')
        expect(outcomesOf(runs)).toEqual({ [accepted.referralId]: 'refused REFERRAL_NOT_OPEN' })
        expect(runs[0]?.alerts.map(({ code }) => code)).toEqual(['REFERRAL_NOT_OPEN'])
        expect(await stage.store.entries.list({ state: 'stuck' })).toHaveLength(2)
      })
    })

    describe('consent is withdrawn', () => {
      test('F20: between finding the referral and sending it: nothing leaves', async () => {
        await set()
        const { id, caseId } = refer(stage)
        const withdrawn = () => {
          stage.primero.people.withdrawConsent(caseId)
          return false
        }
        stage.primero.faults.add({
          match: ({ path, ...request }) => path.endsWith('/referrals') && request.method === 'GET' && withdrawn(),
          what: { kind: 'hang' },
        })

        const runs = await stage.run('send-referrals')

        expect(outcomesOf(runs)).toEqual({ [id]: 'refused CONSENT_MISSING' })
        expect(stage.dtp.requests).toEqual([])
      })

      test('F20: while it waits for a retry: nothing leaves', async () => {
        await set()
        const { id, caseId } = refer(stage)
        stage.dtp.faults.add({ what: { kind: 'answer', status: 429, headers: { 'retry-after': '60' } } })
        await stage.run('send-referrals')
        stage.primero.people.withdrawConsent(caseId)
        stage.later(120_000)

        expect(outcomesOf(await stage.work())).toEqual({ [id]: 'refused CONSENT_MISSING' })
        expect(stage.dtp.received).toEqual([])
      })

      test('F20: for one of three services, whose referral is revoked: the other two go', async () => {
        await set()
        const { id, caseId, service } = refer(stage)
        const [second, third] = [referAgain(stage, caseId), referAgain(stage, caseId)]
        stage.primero.people.revoke(second.id)

        const runs = await stage.run('send-referrals')

        expect(outcomesOf(runs)).toEqual({ [id]: 'delivered DELIVERED', [third.id]: 'delivered DELIVERED' })
        const ids = sentToDtp(stage).map((body) => String(body.id).slice(-12))
        expect(ids.toSorted()).toEqual([service, third.service].map((one) => one.slice(-12)).toSorted())
      })
    })
  })
}
