import { describe, expect, it } from 'vitest'
import { outcomesOf, setStage } from './stage.ts'

type Row = Record<string, unknown>

describe('receive-decisions', () => {
  it('applies an acceptance to the referral that is open; the same message again finds it decided', async () => {
    const { stage, id, referralId } = await sent()

    const first = await stage.accept(decision(referralId))
    const runs = await stage.work()
    const second = await stage.accept(decision(referralId))
    const again = await stage.work()

    expect(outcomesOf(runs)).toEqual({ [referralId]: 'delivered DELIVERED' })
    expect(stage.primero.content.referral(id)?.status).toBe('accepted')
    expect(second.id).not.toBe(first.id)
    expect(outcomesOf(again)).toEqual({ [referralId]: 'unchanged ALREADY_DECIDED' })
  })

  it('a decision whose answer was lost is found applied, and the ledger says done', async () => {
    const { stage, id, referralId } = await sent()
    const match = { method: 'PATCH', path: '/referrals/' }
    stage.primero.faults.add({ match, what: { kind: 'reset', when: 'before-answering', applied: true } })

    await stage.accept(decision(referralId))
    const first = await stage.work()
    stage.later(10_000)
    const second = await stage.work()

    expect(outcomesOf(first)).toEqual({ [referralId]: 'waiting REMOTE_DOWN' })
    expect(outcomesOf(second)).toEqual({ [referralId]: 'unchanged ALREADY_DECIDED' })
    expect(await stage.store.ledger.find(`primero/decision/${id}/accepted`)).toMatchObject({ state: 'done' })
  })

  it('D76, D77, D79: numeric codes, a missing comment and both spellings were misread; the reason is written without "undefined"', async () => {
    const { stage, id, referralId } = await sent()

    await stage.accept(
      decision(referralId, {
        progres_reviewdecision: 125080001,
        progres_interoperabiltyreferralrejectionreason: 125080000,
      }),
    )
    await stage.work()

    expect(stage.primero.content.referral(id)).toMatchObject({
      status: 'rejected',
      rejected_reason: 'Individual Not Found',
    })
  })

  it('D80, D81, D82: a row that fits no referral was a success and a bad one stopped the batch; each is judged by itself and kept for a person', async () => {
    const { stage, id, referralId } = await sent()
    const unknown = '00000000-0000-4000-8000-00000000dead#0123456789ab'
    const rows = [
      ...interventionsOf(decision(unknown)),
      ...interventionsOf(decision(`${referralId.split('#')[0]}#ffffffffffff`)),
      ...interventionsOf(decision(referralId)),
    ]

    const { id: entry } = await stage.accept({ interventions: rows, request_type: 'PrimeroIncomingReferralDecision' })
    const runs = await stage.work()

    expect(outcomesOf(runs)).toMatchObject({
      [unknown]: 'refused REFERRAL_UNKNOWN',
      [referralId]: 'delivered DELIVERED',
    })
    expect(stage.primero.content.referral(id)?.status).toBe('accepted')
    expect(await stage.entry(entry)).toMatchObject({ state: 'stuck', code: 'REFERRAL_UNKNOWN' })
  })

  it('D75: an unknown code was sent raw and Primero ignored it; it is stuck with an alert', async () => {
    const { stage, id, referralId } = await sent()

    const { id: entry } = await stage.accept(decision(referralId, { progres_reviewdecision: '125080003' }))
    await stage.work()

    expect(await stage.entry(entry)).toMatchObject({ state: 'stuck', code: 'DECISION_CODE_UNKNOWN' })
    expect(stage.primero.content.referral(id)?.status).toBe('in_progress')
  })

  it('a late decision on a revoked referral is not applied and a person is told', async () => {
    const { stage, id, referralId } = await sent()
    stage.primero.people.revoke(id)

    const { id: entry } = await stage.accept(decision(referralId))
    const runs = await stage.work()

    expect(outcomesOf(runs)).toEqual({ [referralId]: 'refused REFERRAL_NOT_OPEN' })
    expect(await stage.entry(entry)).toMatchObject({ state: 'stuck' })
    expect(stage.primero.content.referral(id)?.status).toBe('revoked')
  })

  it('D83: Primero answers 200 to a change it does not make; the status it returns is compared', async () => {
    const { stage, id, referralId } = await sent()
    stage.primero.faults.add({
      match: { method: 'PATCH' },
      what: { kind: 'answer', status: 200, body: { data: { id, status: 'in_progress' } } },
    })

    const { id: entry } = await stage.accept(decision(referralId))
    await stage.work()

    expect(await stage.entry(entry)).toMatchObject({ state: 'stuck', code: 'DECISION_NOT_APPLIED' })
  })

  it("UNHCR's decision proves that a referral in doubt arrived", async () => {
    const { stage, id, referralId } = await sent({ kind: 'answer', status: 504, applied: true })
    expect(await stage.store.ledger.find(`dtp/referral/${id}`)).toMatchObject({ state: 'in_doubt' })

    await stage.accept(decision(referralId))
    await stage.work()

    expect(await stage.store.ledger.find(`dtp/referral/${id}`)).toMatchObject({ state: 'done' })
    expect(await stage.store.records.list({})).toEqual([])
  })

  it('is retried while Primero is down, and a 422 leaves it with a person', async () => {
    const { stage, id, referralId } = await sent()
    stage.primero.faults.add({ times: 1, what: { kind: 'answer', status: 503 } })
    stage.primero.faults.add({
      match: { method: 'PATCH' },
      what: {
        kind: 'answer',
        status: 422,
        body: { errors: [{ status: 422, detail: 'consent', message: ['transition.errors.consent'] }] },
      },
    })

    const { id: entry } = await stage.accept(decision(referralId))
    await stage.work()
    expect(await stage.entry(entry)).toMatchObject({ state: 'waiting', code: 'REMOTE_DOWN' })
    stage.later(10_000)
    await stage.work()

    expect(await stage.entry(entry)).toMatchObject({ state: 'stuck', code: 'PRIMERO_REJECTED' })
    expect(await stage.store.entries.replay(entry, stage.now())).toBe('replayed')
    await stage.work()
    expect(stage.primero.content.referral(id)?.status).toBe('accepted')
  })
})

/** A stage on which one referral was sent to UNHCR, with what became of the post. */
async function sent(what?: { kind: 'answer'; status: number; applied: boolean }) {
  const stage = await setStage()
  await stage.run('send-referrals')
  const { people } = stage.primero
  const child = people.registerCase({
    unhcr_individual_no: '990-00000071',
    name_first: 'Akello',
    name_last: 'Example',
    sex: 'female',
    date_of_birth: '2015-06-01',
  })
  const service = people.addService(child.id, {
    service_type: 'alternative_care',
    service_response_day_time: '2026-05-04T09:00:00.000Z',
  })
  const { id } = people.refer(child.id, String(service.unique_id), stage.settings.unhcr_user)
  if (what !== undefined) stage.dtp.faults.add({ what })
  await stage.run('send-referrals')
  return { stage, id, referralId: String(stage.dtp.received[0]?.body.id) }
}

function decision(referralId: string, changes: Row = {}): Row {
  const row = { progres_orgreferralid: referralId, progres_reviewdecision: '125080000', ...changes }
  return { interventions: [row], request_type: 'PrimeroIncomingReferralDecision' }
}

function interventionsOf(message: Row): Row[] {
  return message.interventions as Row[]
}
