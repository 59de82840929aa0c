import { describe, expect, it } from 'vitest'
import { decisionsOf } from '../../src/referral/decisionOut.ts'
import { decisionBody } from '../../src/referral/gateway/dtp/decisionBody.ts'
import { intervention, outcomesOf, referralMessage, type Stage, setStage, toldDtp } from '../flows/stage.ts'
import { referToUnhcr } from './child.ts'

const number = '990-26-PRTITV-0000001'

describe('D97: our own write moved last_updated_at, and the case came back as news', () => {
  it('after a referral was delivered nothing is sent until somebody decides, however often the polls run', async () => {
    const stage = await polled()
    await stage.accept(referralMessage(intervention(1)))
    await stage.work()

    const runs = [
      await stage.run('send-decisions'),
      await stage.run('send-referrals'),
      await stage.run('send-decisions'),
    ]

    expect(runs.flat().flatMap(({ outcomes }) => outcomes)).toEqual([])
    expect(stage.dtp.received).toHaveLength(1)
  })

  it("after UNHCR's decision was written on a referral, it is neither sent again nor told back", async () => {
    const { stage, id, referralId } = await sent()
    await stage.accept(decision(referralId, '125080000'))
    await stage.work()
    const writes = writesTo(stage)

    await stage.run('send-referrals')
    await stage.run('send-decisions')

    expect(stage.primero.content.referral(id)?.status).toBe('accepted')
    expect(stage.dtp.received).toHaveLength(1)
    expect(writesTo(stage)).toBe(writes)
  })
})

describe("D71: DTP's answer was dropped, and nobody learnt what became of a referral", () => {
  it('every referral of a run has its outcome and code in the run; Primero is not written to', async () => {
    const stage = await polled()
    const good = referToUnhcr(stage)
    const held = referToUnhcr(stage, { fields: { date_of_birth: null } })
    const refused = referToUnhcr(stage, { service: { service_referral_notes: 'Refuse me' } })
    stage.dtp.faults.add({ after: 1, what: { kind: 'answer', status: 400 } })
    const before = writesTo(stage)

    await stage.run('send-referrals')

    const [run] = await stage.store.runs.list({ workflow: 'send-referrals', limit: 1 })
    const codes = Object.fromEntries((run?.records ?? []).map(({ key, code }) => [key, code]))
    expect(codes[held.id]).toBe('MINIMUM_DATA_MISSING')
    expect([codes[good.id], codes[refused.id]].sort()).toEqual(['DELIVERED', 'REFERRAL_REFUSED'])
    expect(writesTo(stage)).toBe(before)
  })
})

describe('D85: UNHCR never learnt whether its decision arrived', () => {
  it('DTP has no channel for it: what cannot be applied alerts a person here, by the referral, and stays', async () => {
    const { stage, id, referralId } = await sent()
    stage.primero.people.revoke(id)

    const { id: entry } = await stage.accept(decision(referralId, '125080001'))
    await stage.work()

    expect(await stage.store.activity.list({ level: 'alert' })).toMatchObject([
      { what: 'REFERRAL_NOT_OPEN', record: referralId, entry },
    ])
    expect(await stage.entry(entry)).toMatchObject({ state: 'stuck' })
    expect(stage.dtp.received).toHaveLength(1)
  })
})

describe('D81: every error became "no case found"', () => {
  it.each([
    [503, 'waiting REMOTE_DOWN'],
    [403, 'waiting ACCESS_DENIED'],
    [404, 'waiting REMOTE_REFUSED'],
  ])('a decision that meets a %d in Primero says so: %s', async (status, outcome) => {
    const { stage, referralId } = await sent()
    stage.primero.faults.add({ match: { path: /\/referrals$/ }, what: { kind: 'answer', status } })

    await stage.accept(decision(referralId, '125080000'))

    expect(outcomesOf(await stage.work())).toEqual({ [referralId]: outcome })
  })
})

describe('D96: nothing happened when consent was withdrawn', () => {
  it('nothing more of that case is sent, and UNHCR is not told by the exchange: that is for people', async () => {
    const { stage, caseId } = await sent()
    const { people } = stage.primero
    const second = people.addService(caseId, {
      service_type: 'alternative_care',
      service_response_day_time: '2026-05-05T09:00:00.000Z',
    })
    const { id } = people.refer(caseId, String(second.unique_id), stage.settings.unhcr_user)
    people.withdrawConsent(caseId)

    const runs = await stage.run('send-referrals')

    expect(outcomesOf(runs)).toEqual({ [id]: 'refused CONSENT_MISSING' })
    expect(stage.dtp.received).toHaveLength(1)
  })
})

describe('D49: the spelling of a status changed twice in two days', () => {
  it('the words of a decision are rows of the mapping: another row, another word, and no line of code', async () => {
    const { project } = await setStage()
    const { tables } = project.specification
    const row = {
      id: 'record',
      case_id: 'case',
      services_section: [
        {
          progres_interventionnumber: number,
          service_referral: 'external_referral',
          unhcr_referral_status: 'accepted',
        },
      ],
    }
    const wordWith = (words: typeof tables) =>
      decisionsOf(row, { ...project.specification, tables: words }).map((found) => decisionBody(found).status)
    const table = tables['decision-status']
    if (table === undefined) throw new Error('There is no table of decisions.')
    const reworded = { ...table, rows: table.rows.map((one) => ({ ...one, progres: `${one.progres} in other words` })) }

    expect(wordWith(tables)).toEqual(['acknowledged'])
    expect(wordWith({ ...tables, 'decision-status': reworded })).toEqual(['acknowledged in other words'])
  })
})

describe('D47: decisions that had changed were not told', () => {
  it('of two rows of one intervention that come to disagree while DTP is down, none is told, and a person is', async () => {
    const stage = await polled()
    const { people } = stage.primero
    const child = people.registerCase({ name_first: 'Akello' })
    const pilotRow = { progres_interventionnumber: number, service_referral: 'external_referral' }
    people.addService(child.id, { ...pilotRow, unhcr_referral_status: 'accepted' })
    stage.dtp.faults.add({ what: { kind: 'answer', status: 503 } })
    expect(outcomesOf(await stage.run('send-decisions'))).toEqual({ [number]: 'waiting REMOTE_DOWN' })
    people.addService(child.id, { ...pilotRow, unhcr_referral_status: 'rejected' })

    stage.later(10_000)
    const runs = await stage.work()

    expect(outcomesOf(runs)).toEqual({ [number]: 'refused DECISIONS_CONTRADICT' })
    expect(runs[0]?.alerts).toEqual([{ code: 'DECISIONS_CONTRADICT', record: number }])
    expect(toldDtp(stage, number)).toEqual([])
  })
})

/** A stage on which both polls have had their first look. */
async function polled(): Promise<Stage> {
  const stage = await setStage()
  await stage.run('send-decisions')
  await stage.run('send-referrals')
  return stage
}

async function sent() {
  const stage = await polled()
  const referred = referToUnhcr(stage)
  await stage.run('send-referrals')
  return { stage, ...referred, referralId: String(stage.dtp.received[0]?.body.id) }
}

function decision(referralId: string, code: string) {
  const row = { progres_orgreferralid: referralId, progres_reviewdecision: code }
  return { interventions: [row], request_type: 'PrimeroIncomingReferralDecision' }
}

function writesTo({ primero }: Stage): number {
  return primero.requests.filter(({ method }) => method !== 'GET').length
}
