import { describe, expect, it } from 'vitest'
import { intervention, outcomesOf, referralMessage, type Stage, setStage, toldDtp } from './stage.ts'

const number = '990-26-PRTITV-0000001'

describe('get-decisions and send-decisions', () => {
  it('tells UNHCR a decision once, a changed one again, also when it changes back, and no other edit', async () => {
    const stage = await delivered()

    stage.primero.people.decide(number, 'accepted')
    await stage.run('send-decisions')
    stage.primero.people.edit(caseOf(stage), { name_nickname: 'Nya' })
    await stage.run('send-decisions')
    stage.primero.people.decide(number, 'rejected', 'Not in this camp')
    await stage.run('send-decisions')
    stage.primero.people.decide(number, 'accepted')
    await stage.run('send-decisions')
    await stage.run('send-decisions')

    const [made] = stage.primero.content.cases()
    const decision = {
      case_id: made?.case_id,
      primero_user: stage.settings.intake_user,
      progres_interventionnumber: number,
      request_type: 'ReceiveDecisionOutgoingReferral',
    }
    expect(toldDtp(stage, number).slice(1)).toEqual([
      { ...decision, status: 'acknowledged', closure_reason: 'No reason specified.' },
      { ...decision, status: 'rejected', closure_reason: 'Not in this camp' },
      { ...decision, status: 'acknowledged', closure_reason: 'No reason specified.' },
    ])
  })

  it('D39, D40, D48: decisions were found by the agency name; ours are rows with an intervention number, and no other agency is told about', async () => {
    const stage = await delivered()
    const id = caseOf(stage)
    stage.primero.people.addService(id, {
      service_type: 'food',
      service_referral: 'external_referral',
      service_request_agency: 'UNHCR',
      unhcr_referral_status: 'accepted',
    })
    const rows = stage.primero.content.case(id)?.services_section
    const own = Array.isArray(rows) ? rows[0] : undefined
    stage.primero.people.edit(id, {
      services_section: [
        { unique_id: own?.unique_id, service_request_agency: 'Partner 7', unhcr_referral_status: 'accepted' },
      ],
    } as never)

    const runs = await stage.run('send-decisions')

    expect(outcomesOf(runs)).toEqual({ [number]: 'delivered DELIVERED' })
    expect(stage.dtp.received).toHaveLength(2)
  })

  it('D41, D43: one refused decision blocked the others and all were sent again; each is told by itself, and the cursor moves', async () => {
    const stage = await delivered(1, 2, 3)
    for (const no of [1, 2, 3]) stage.primero.people.decide(`990-26-PRTITV-000000${no}`, 'accepted')
    stage.dtp.faults.add({ what: { kind: 'answer', status: 400 } })

    const runs = await stage.run('send-decisions')
    const again = await stage.run('send-decisions')

    expect(Object.values(outcomesOf(runs)).sort()).toEqual([
      'delivered DELIVERED',
      'delivered DELIVERED',
      'refused DECISION_REFUSED',
    ])
    expect(runs[0]?.alerts).toMatchObject([{ code: 'DECISION_REFUSED' }])
    expect(Object.values(outcomesOf(again))).toEqual(['delivered DELIVERED'])
  })

  it('D38, D72: while DTP is down decisions wait, the cursor passes only what is kept, and each is told once when it is up', async () => {
    const stage = await delivered(1, 2)
    for (const no of [1, 2]) stage.primero.people.decide(`990-26-PRTITV-000000${no}`, 'accepted')
    const outage = stage.dtp.faults.add({ times: Number.POSITIVE_INFINITY, what: { kind: 'answer', status: 503 } })

    const runs = await stage.run('send-decisions')
    expect(Object.values(outcomesOf(runs))).toEqual(['waiting REMOTE_DOWN', 'waiting REMOTE_DOWN'])
    outage.remove()
    stage.later(10_000)
    const retries = await stage.work()

    expect(Object.values(outcomesOf(retries))).toEqual(['delivered DELIVERED', 'delivered DELIVERED'])
    expect(stage.dtp.received).toHaveLength(4)
    expect(await stage.store.records.list({})).toEqual([])
  })

  it('a decision that is taken back while it waits is told as it is now', async () => {
    const stage = await delivered()
    stage.primero.people.decide(number, 'accepted')
    stage.dtp.faults.add({ what: { kind: 'answer', status: 503 } })
    await stage.run('send-decisions')

    stage.primero.people.decide(number, 'rejected', 'Moved away')
    stage.later(10_000)
    await stage.work()

    expect(toldDtp(stage, number).slice(1)).toMatchObject([{ status: 'rejected', closure_reason: 'Moved away' }])
  })

  it("begins, without start_from, at now by Primero's clock: older decisions are not told", async () => {
    const stage = await setStage()
    await stage.accept(referralMessage(intervention(1)))
    await stage.work()
    stage.primero.people.decide(number, 'accepted')
    await new Promise((resolve) => setTimeout(resolve, 2_100))

    await stage.run('send-decisions')
    stage.primero.people.edit(caseOf(stage), { name_nickname: 'Nya' })
    await stage.run('send-decisions')

    expect(toldDtp(stage, number).map(({ status }) => status)).toEqual(['Pending Acknowledgement', 'acknowledged'])
  })

  it('a poll that Primero does not answer is made again by itself', async () => {
    const stage = await delivered()
    stage.primero.people.decide(number, 'accepted')
    stage.primero.faults.add({ what: { kind: 'answer', status: 503 } })

    const runs = await stage.run('send-decisions')
    expect(runs).toMatchObject([
      { state: 'failed', outcomes: [{ key: 'run', outcome: 'waiting', code: 'REMOTE_DOWN' }] },
    ])
    stage.later(10_000)
    const retries = await stage.work()

    expect(outcomesOf(retries)).toEqual({ [number]: 'delivered DELIVERED' })
    expect(await stage.store.records.list({})).toEqual([])
  })
})

/** A stage on which these interventions were delivered and the first look for decisions has been taken. */
async function delivered(...numbers: number[]): Promise<Stage> {
  const stage = await setStage()
  await stage.run('send-decisions')
  await stage.accept(referralMessage(...(numbers.length === 0 ? [1] : numbers).map((no) => intervention(no))))
  await stage.work()
  return stage
}

function caseOf({ primero }: Stage): string {
  return primero.content.cases()[0]?.id ?? ''
}
