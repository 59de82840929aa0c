import { describe, expect, it } from 'vitest'
import { nameOut, option, outcomesOf, type Stage, setStage } from './stage.ts'

const hour = 3_600_000

describe('watch-consent', () => {
  it('D96: nothing happened when consent was withdrawn after sending; a notice says case number, day and services, whom to tell and until when', async () => {
    const stage = await looking()
    const { caseId } = refer(stage)
    const family = option(stage, 'service-type', 'Family Tracing and Reunification')
    referMore(stage, caseId, family)
    await stage.run('send-referrals')
    const received = stage.dtp.received.length
    stage.primero.people.withdrawConsent(caseId)

    const runs = await stage.run('watch-consent')

    const [notice, ...others] = await stage.store.notices.list({})
    const saved = String(stage.primero.content.case(caseId)?.last_updated_at)
    expect(others).toEqual([])
    expect(notice).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      case_number: caseNumber(stage, caseId),
      withdrawn_on: dayInAddis(saved),
      services: ['Alternative Care', nameOut(stage, 'service-type', family)],
      tell: 'the UNHCR focal point',
      opened_at: expect.any(String),
      due_at: expect.any(String),
      done_at: null,
    })
    expect(Date.parse(notice?.due_at ?? '') - Date.parse(notice?.opened_at ?? '')).toBeLessThanOrEqual(24 * hour)
    expect(runs.flatMap(({ alerts }) => alerts)).toEqual([
      { code: 'CONSENT_WITHDRAWN', record: caseNumber(stage, caseId) },
    ])
    expect(outcomesOf(runs)).toEqual({ [caseId]: 'unchanged CONSENT_WITHDRAWN' })
    expect(stage.dtp.received).toHaveLength(received)
  })

  it('of two referrals of a child the revoked one is in the notice, and the other goes on being watched', async () => {
    const stage = await looking()
    const first = refer(stage)
    const second = referMore(stage, first.caseId, option(stage, 'service-type', 'Family Tracing and Reunification'))
    await stage.run('send-referrals')
    stage.primero.people.revoke(first.id)

    await stage.run('watch-consent')
    expect((await stage.store.notices.list({})).map(({ services }) => services)).toEqual([['Alternative Care']])
    stage.primero.people.revoke(second.id)
    await stage.run('watch-consent')
    await stage.run('watch-consent')

    const notices = await stage.store.notices.list({})
    expect(notices).toHaveLength(2)
    expect(new Set(notices.map(({ id }) => id)).size).toBe(2)
    expect(await stage.store.ledger.watched('dtp/referral/')).toEqual([])
  })

  it('a referral in doubt that is revoked is in a notice too: it may have arrived', async () => {
    const stage = await looking()
    const { id, caseId } = refer(stage)
    stage.dtp.faults.add({ what: { kind: 'answer', status: 504 } })
    await stage.run('send-referrals')
    stage.primero.people.revoke(id)

    await stage.run('watch-consent')

    expect((await stage.store.notices.list({})).map(({ case_number }) => case_number)).toEqual([
      caseNumber(stage, caseId),
    ])
  })

  it('a referral that was taken back before it was sent needs no notice', async () => {
    const stage = await looking()
    const { caseId } = refer(stage)
    stage.primero.people.withdrawConsent(caseId)
    await stage.run('send-referrals')

    await stage.run('watch-consent')

    expect(await stage.store.notices.list({})).toEqual([])
  })

  it('what UNHCR accepted is still watched, what it rejected is over', async () => {
    const stage = await looking()
    const [accepted, rejected] = [refer(stage), refer(stage)]
    await stage.run('send-referrals')
    const ids = new Map(stage.dtp.received.map(({ body }) => [String(body.id).split('#')[0], String(body.id)]))
    for (const [{ caseId }, code] of [
      [accepted, '125080000'],
      [rejected, '125080001'],
    ] as const) {
      const row = { progres_orgreferralid: ids.get(caseNumber(stage, caseId)), progres_reviewdecision: code }
      await stage.accept({ interventions: [row], request_type: 'PrimeroIncomingReferralDecision' })
    }
    await stage.work()

    await stage.run('watch-consent')
    const watched = await stage.store.ledger.watched('dtp/referral/')
    stage.primero.people.withdrawConsent(accepted.caseId)
    stage.primero.people.withdrawConsent(rejected.caseId)
    await stage.run('watch-consent')

    expect(watched.map(({ key }) => key)).toEqual([`dtp/referral/${accepted.id}`])
    expect((await stage.store.notices.list({})).map(({ case_number }) => case_number)).toEqual([
      caseNumber(stage, accepted.caseId),
    ])
  })

  it('pinned 28: without an open exchange nothing is asked of Primero, and nothing is ever sent to DTP', async () => {
    const stage = await looking()
    const before = stage.primero.requests.length

    await stage.run('watch-consent')

    expect(stage.primero.requests).toHaveLength(before)
    expect(stage.dtp.requests).toEqual([])
  })

  it('while Primero is down nothing is concluded; the cases are looked at again by RETRY_WAITS', async () => {
    const stage = await looking()
    const { caseId } = refer(stage)
    await stage.run('send-referrals')
    stage.primero.people.withdrawConsent(caseId)
    const outage = stage.primero.faults.add({ times: 99, what: { kind: 'answer', status: 503 } })

    expect(outcomesOf(await stage.run('watch-consent'))).toEqual({ [caseId]: 'waiting REMOTE_DOWN' })
    expect(await stage.store.notices.list({})).toEqual([])
    outage.remove()
    stage.later(10_000)

    expect(outcomesOf(await stage.work())).toEqual({ [caseId]: 'unchanged CONSENT_WITHDRAWN' })
    expect(await stage.store.notices.list({})).toHaveLength(1)
    expect(await stage.store.records.list({})).toEqual([])
  })

  it('a call that is not made in 24 hours raises an alert, another every 24 hours, and none when it is done', async () => {
    const stage = await looking()
    const { id } = refer(stage)
    await stage.run('send-referrals')
    stage.primero.people.revoke(id)
    await stage.run('watch-consent')
    const [notice] = await stage.store.notices.list({})
    const overdue = async (hours: number) => {
      stage.later(hours * hour)
      return (await stage.run('watch-consent')).flatMap(({ alerts }) => alerts)
    }
    const alert = { code: 'NOTICE_OVERDUE', record: notice?.id }

    expect(await overdue(23)).toEqual([])
    expect(await overdue(2)).toEqual([alert])
    expect(await overdue(22)).toEqual([])
    expect(await overdue(3)).toEqual([alert])
    expect(await stage.store.notices.done(notice?.id ?? '', stage.now())).toBe('done')
    expect(await overdue(48)).toEqual([])
  })

  it('a case that Primero does not show any more, or without its referral, waits for a person', async () => {
    const stage = await looking()
    const [gone, hidden] = [refer(stage), refer(stage)]
    await stage.run('send-referrals')
    stage.primero.faults.add({
      match: ({ path }) => path.endsWith(`/cases/${gone.caseId}`),
      what: { kind: 'answer', status: 404, body: { errors: [] } },
    })
    stage.primero.faults.add({
      match: ({ path }) => path.includes(hidden.caseId) && path.endsWith('/referrals'),
      what: { kind: 'answer', status: 200, body: { data: [], metadata: { total: 0, per: 20, page: 1 } } },
    })

    const runs = await stage.run('watch-consent')

    expect(outcomesOf(runs)).toEqual({
      [gone.caseId]: 'waiting CASE_UNKNOWN',
      [hidden.caseId]: 'waiting REFERRALS_HIDDEN',
    })
    expect(await stage.store.notices.list({})).toEqual([])
    await stage.run('watch-consent')
    expect(await stage.store.records.list({})).toEqual([])
  })
})

async function looking(): Promise<Stage> {
  const stage = await setStage()
  await stage.run('send-referrals')
  return stage
}

function refer(stage: Stage) {
  const unhcr_individual_no = `990-0000007${stage.primero.content.cases().length}`
  const fields = {
    unhcr_individual_no,
    name_first: 'Akello',
    name_last: 'Example',
    sex: 'female',
    date_of_birth: '2015-06-01',
    age: 11,
  }
  return referMore(stage, stage.primero.people.registerCase(fields as never).id, 'alternative_care')
}

function referMore({ primero: { people }, settings }: Stage, caseId: string, service_type: string) {
  const service = people.addService(caseId, { service_type, service_response_day_time: '2026-05-04T09:00:00.000Z' })
  return { caseId, id: people.refer(caseId, String(service.unique_id), settings.unhcr_user).id }
}

function caseNumber({ primero }: Stage, caseId: string): string {
  return String(primero.content.case(caseId)?.case_id)
}

function dayInAddis(time: string): string {
  return new Date(Date.parse(time) + 3 * hour).toISOString().slice(0, 10)
}
