import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { intervention, option, outcomesOf, referralMessage, root, serviceRows, setStage, toldDtp } from './stage.ts'

const number = '990-26-PRTITV-0000001'
const writes = (requests: readonly { method: string }[]) => requests.filter(({ method }) => method !== 'GET').length

describe('receive-referrals and report-to-dtp', () => {
  it('D1, D2, D3: one bad intervention stopped the batch and failures were told for the first one; of 50 with three bad ones 47 are delivered and each bad one is told for itself', async () => {
    const stage = await setStage()
    const rows = Array.from({ length: 50 }, (_, index) => intervention(index + 1))
    rows[0] = intervention(1, { 'individuals.progres_familyname': '', 'individuals.progres_registrationgroupid': null })
    rows[24] = intervention(25, { 'interventiontype.progres_description': 'Cash Assistance' })
    rows[49] = intervention(50, { 'individuals.progres_dateofbirth': '2199-01-01T00:00:00Z' })

    const { id } = await stage.accept(referralMessage(...rows))
    const runs = await stage.work()

    const outcomes = Object.values(outcomesOf(runs))
    expect(outcomes.filter((outcome) => outcome === 'delivered DELIVERED')).toHaveLength(47)
    expect(outcomesOf(runs)).toMatchObject({
      '990-26-PRTITV-0000001': 'refused FIELDS_MISSING',
      '990-26-PRTITV-0000025': 'refused SERVICE_TYPE_NOT_AGREED',
      '990-26-PRTITV-0000050': 'refused FIELDS_INVALID',
    })
    expect(await stage.entry(id)).toMatchObject({ state: 'done' })
    expect(stage.primero.content.cases()).toHaveLength(47)
    expect(stage.dtp.received).toHaveLength(50)
    expect(toldDtp(stage, number)).toEqual([
      {
        case_id: null,
        primero_user: null,
        progres_interventionnumber: number,
        status: 'Delivery Fail',
        closure_reason: expect.stringContaining('individuals.progres_familyname'),
        request_type: 'Feedback',
      },
    ])
    expect(toldDtp(stage, number)[0]?.closure_reason).toContain('individuals.progres_registrationgroupid')
    expect(toldDtp(stage, '990-26-PRTITV-0000025')[0]?.closure_reason).toMatch(/Cash Assistance.*Alternative Care/s)

    const before = writes(stage.primero.requests)
    await stage.accept(referralMessage(...rows))
    await stage.work()
    await stage.accept(referralMessage(...rows))
    await stage.work()

    expect(writes(stage.primero.requests)).toBe(before)
    expect(stage.dtp.received).toHaveLength(50)
  })

  it('D4, D5: a resend and joined rows doubled the service; both are one service in Primero, with every language', async () => {
    const stage = await setStage()
    const joined = referralMessage(
      intervention(1),
      intervention(1, { 'languages.progres_languagecodeid': { Name: 'Amharic' } }),
    )

    await stage.accept(joined)
    await stage.work()
    await stage.accept(referralMessage(...(joined.interventions as Record<string, unknown>[]).toReversed()))
    await stage.work()

    expect(serviceRows(stage, number)).toHaveLength(1)
    expect(stage.primero.content.cases()[0]?.language).toEqual([
      option(stage, 'language', 'Amharic'),
      option(stage, 'language', 'Nuer'),
    ])
    expect(toldDtp(stage, number)).toHaveLength(1)
  })

  it('a message that was delivered is the same entry for ever', async () => {
    const stage = await setStage()

    const first = await stage.accept(referralMessage(intervention(1)))
    await stage.work()
    stage.later(366 * 24 * 3_600_000)
    const again = await stage.accept(referralMessage(intervention(1)))

    expect(again).toMatchObject({ id: first.id, repeated: true })
    expect(await stage.work()).toEqual([])
  })

  it('tells DTP that a referral is delivered with the case id and an owner who exists, as read back', async () => {
    const stage = await setStage()

    await stage.accept(referralMessage(intervention(1)))
    await stage.work()

    const [made] = stage.primero.content.cases()
    expect(made).toMatchObject({ owned_by: stage.settings.intake_user, module_id: 'primeromodule-cp', status: 'open' })
    expect(toldDtp(stage, number)).toEqual([
      {
        status: 'Pending Acknowledgement',
        primero_user: stage.settings.intake_user,
        case_id: made?.case_id,
        progres_interventionnumber: number,
      },
    ])
  })

  it('D6, D7, D8, D9: every update re-owned, re-opened and overwrote the case; an existing case keeps its owner, status and every value that a case worker typed', async () => {
    const stage = await setStage()
    const child = stage.primero.people.registerCase({
      name_first: 'Typed',
      name_last: 'By Hand',
      sex: 'male',
      date_of_birth: '2015-01-01',
      age: 11,
      unhcr_individual_no: '990-00000001',
      language: ['language1'],
    })
    const before = structuredClone(stage.primero.content.case(child.id))

    await stage.accept(referralMessage(intervention(1, { progres_primeroid: child.case_id })))
    await stage.work()

    expect(stage.primero.content.case(child.id)).toMatchObject({
      name_first: 'Typed',
      name_last: 'By Hand',
      sex: 'male',
      date_of_birth: '2015-01-01',
      age: 11,
      owned_by: before?.owned_by,
      status: before?.status,
      case_id: before?.case_id,
      language: ['language1', option(stage, 'language', 'Nuer')],
      unhcr_id_no: '990-26-00001',
    })
    expect(serviceRows(stage, number)).toHaveLength(1)
    expect(stage.primero.content.cases()).toHaveLength(1)
  })

  it('D10, D11: the newest of several matches was updated; two cases with one individual number stop the referral, and UNHCR and a person here are told', async () => {
    const stage = await setStage()
    for (const name_first of ['One', 'Other']) {
      stage.primero.people.registerCase({ name_first, unhcr_individual_no: '990-00000001' })
    }

    await stage.accept(referralMessage(intervention(1)))
    const runs = await stage.work()

    expect(outcomesOf(runs)).toEqual({ [number]: 'refused CASE_AMBIGUOUS' })
    expect(writes(stage.primero.requests)).toBe(0)
    expect(toldDtp(stage, number)).toMatchObject([{ status: 'Delivery Fail' }])
    expect(await stage.store.activity.list({ level: 'alert' })).toMatchObject([
      { what: 'CASE_AMBIGUOUS', record: number },
    ])
  })

  it('writes nothing to a disabled case, and re-opens a closed one where the country wants it so', async () => {
    const stage = await setStage({ settings: { closed_case: 'reopen' } })
    const disabled = stage.primero.people.registerCase({ unhcr_individual_no: '990-00000001' })
    stage.primero.people.disable(disabled.id)
    const closed = stage.primero.people.registerCase({ unhcr_individual_no: '990-00000002' })
    stage.primero.people.close(closed.id)

    await stage.accept(referralMessage(intervention(1), intervention(2)))
    const runs = await stage.work()

    expect(outcomesOf(runs)).toEqual({
      [number]: 'refused CASE_DISABLED',
      '990-26-PRTITV-0000002': 'delivered CASE_REOPENED',
    })
    expect(stage.primero.content.case(closed.id)).toMatchObject({ status: 'open', case_status_reopened: true })
    expect(stage.primero.content.case(disabled.id)?.services_section ?? []).toEqual([])
  })

  it('leaves a closed case closed where the country wants it so, and tells UNHCR whom to ask', async () => {
    const stage = await setStage({ settings: { closed_case: 'refuse' } })
    const closed = stage.primero.people.registerCase({ unhcr_individual_no: '990-00000001' })
    stage.primero.people.close(closed.id)

    await stage.accept(referralMessage(intervention(1)))
    const runs = await stage.work()

    expect(outcomesOf(runs)).toEqual({ [number]: 'refused CASE_CLOSED' })
    expect(stage.primero.content.case(closed.id)).toMatchObject({ status: 'closed' })
    expect(toldDtp(stage, number)[0]).toMatchObject({ status: 'Delivery Fail' })
  })

  it('a partner agency with an intake user of its own receives what it asked for, every other request goes to the one intake user', async () => {
    const stage = await setStage({ settings: { intake_user_by_agency: { 'PNR-000021': 'cw2' } } })

    await stage.accept(
      referralMessage(
        intervention(1, { 'user.progres_partner': { Name: 'PNR-000021' } }),
        intervention(2, { 'user.progres_partner': { Name: 'PNR-000099' } }),
      ),
    )
    await stage.work()

    const owners = stage.primero.content.cases().map((one) => [one.unhcr_individual_no, one.owned_by])
    expect(Object.fromEntries(owners)).toEqual({
      '990-00000001': 'cw2',
      '990-00000002': stage.settings.intake_user,
    })
  })

  it('a changed body after delivery writes nothing, sends nothing and alerts', async () => {
    const stage = await setStage()
    await stage.accept(referralMessage(intervention(1)))
    await stage.work()
    const before = writes(stage.primero.requests)

    await stage.accept(referralMessage(intervention(1, { 'individuals.progres_givenname': 'Changed' })))
    const runs = await stage.work()

    expect(outcomesOf(runs)).toEqual({ [number]: 'unchanged CHANGED_AFTER_DELIVERY' })
    expect(writes(stage.primero.requests)).toBe(before)
    expect(toldDtp(stage, number)).toHaveLength(1)
    expect(runs[0]?.alerts).toEqual([{ code: 'CHANGED_AFTER_DELIVERY', record: number }])
  })

  it('a corrected message after a refusal is processed anew and told', async () => {
    const stage = await setStage()
    await stage.accept(referralMessage(intervention(1, { 'individuals.progres_givenname': null })))
    await stage.work()

    await stage.accept(referralMessage(intervention(1)))
    await stage.work()

    expect(toldDtp(stage, number).map(({ status }) => status)).toEqual(['Delivery Fail', 'Pending Acknowledgement'])
  })

  it('D27: an unknown intake user left a case without an owner; it is stuck with an alert, and UNHCR hears nothing yet', async () => {
    const stage = await setStage({ settings: { intake_user: 'nobody@example.org' } })

    const { id } = await stage.accept(referralMessage(intervention(1)))
    await stage.work()

    expect(await stage.entry(id)).toMatchObject({ state: 'stuck', code: 'OWNER_UNKNOWN' })
    expect(stage.dtp.received).toEqual([])
  })

  it('D26: a field that the role may not write vanished; the entry is stuck, and delivered when the role is mended', async () => {
    const forms: { fields: { name: string }[] }[] = JSON.parse(
      readFileSync(`${root}fixtures/primero/forms.json`, 'utf8'),
    )
    const writable = forms
      .flatMap(({ fields }) => fields.map(({ name }) => name))
      .filter((name) => name !== 'unhcr_id_no')
    const stage = await setStage({ primero: { seed: { cases: [], referrals: [] }, account: { writable } } })

    const { id } = await stage.accept(referralMessage(intervention(1)))
    await stage.work()
    expect(await stage.entry(id)).toMatchObject({ state: 'stuck', code: 'FIELD_NOT_STORED' })
    writable.push('unhcr_id_no')
    await stage.store.entries.replay(id, stage.now())
    await stage.work()

    expect(await stage.entry(id)).toMatchObject({ state: 'done' })
    expect(stage.primero.content.cases()[0]?.unhcr_id_no).toBe('990-26-00001')
    expect(toldDtp(stage, number)).toMatchObject([{ status: 'Pending Acknowledgement' }])
  })

  it('D30: an outage of Primero was never told; the good ones are done, the others are retried, and after RETRY_FOR UNHCR is told once', async () => {
    const stage = await setStage()
    stage.primero.faults.add({ times: Number.POSITIVE_INFINITY, what: { kind: 'answer', status: 503 } })

    const { id } = await stage.accept(referralMessage(intervention(1), intervention(2)))
    await stage.work()
    expect(await stage.entry(id)).toMatchObject({ state: 'waiting', code: 'REMOTE_DOWN', attempt: 1 })
    stage.later(73 * 3_600_000)
    await stage.work()

    expect(await stage.entry(id)).toMatchObject({ state: 'stuck', code: 'RETRY_EXHAUSTED' })
    expect(toldDtp(stage, number)).toMatchObject([{ status: 'Delivery Fail' }])
    stage.primero.faults.clear()
    stage.later(1_000)
    expect(await stage.store.entries.replay(id, stage.now())).toBe('replayed')
    await stage.work()
    expect(toldDtp(stage, number).map(({ status }) => status)).toEqual(['Delivery Fail', 'Pending Acknowledgement'])
  })

  it('D38: feedback was not retried; while DTP is down it waits, and it is told once', async () => {
    const stage = await setStage()
    stage.dtp.faults.add({ times: 2, what: { kind: 'answer', status: 503 } })

    const { id } = await stage.accept(referralMessage(intervention(1)))
    await stage.work()
    expect(await stage.entry(id)).toMatchObject({ state: 'waiting', code: 'REMOTE_DOWN' })
    stage.later(6_000)
    await stage.work()
    stage.later(31_000)
    await stage.work()

    expect(await stage.entry(id)).toMatchObject({ state: 'done' })
    expect(toldDtp(stage, number)).toHaveLength(1)
    expect(stage.primero.content.cases()).toHaveLength(1)
  })

  it('feedback that DTP refuses leaves the entry stuck without its payload', async () => {
    const stage = await setStage()
    stage.dtp.faults.add({ what: { kind: 'answer', status: 400 } })

    const { id } = await stage.accept(referralMessage(intervention(1)))
    const runs = await stage.work()

    expect(outcomesOf(runs)).toEqual({ [number]: 'refused FEEDBACK_REFUSED' })
    expect(await stage.entry(id)).toMatchObject({ state: 'stuck', code: 'FEEDBACK_REFUSED' })
    expect(await stage.store.entries.replay(id, stage.now())).toBe('conflict')
  })

  it('a 422 for one child is told in our words and the others are delivered', async () => {
    const stage = await setStage()
    stage.primero.faults.add({
      match: { method: 'POST', path: '/api/v2/cases' },
      what: {
        kind: 'answer',
        status: 422,
        body: {
          errors: [{ status: 422, resource: '/api/v2/cases', detail: ['/sex'], message: 'Invalid Record JSON' }],
        },
      },
    })

    await stage.accept(referralMessage(intervention(1), intervention(2)))
    const runs = await stage.work()

    expect(Object.values(outcomesOf(runs)).sort()).toEqual(['delivered DELIVERED', 'refused PRIMERO_REJECTED'])
    expect(runs[0]?.alerts).toMatchObject([{ code: 'PRIMERO_REJECTED' }])
  })

  it('D88: a message of an unknown kind matched no job; it is stuck whole, with an alert', async () => {
    const stage = await setStage()

    const { id } = await stage.accept({ interventions: [intervention(1)], request_type: 'Something' })
    await stage.work()

    expect(await stage.entry(id)).toMatchObject({ state: 'stuck', code: 'MESSAGE_UNRECOGNISED' })
    expect(stage.primero.requests).toEqual([])
    expect(await stage.store.activity.list({ level: 'alert' })).toMatchObject([{ what: 'MESSAGE_UNRECOGNISED' }])
  })

  it('rows without a number are kept for a person while the good rows are delivered', async () => {
    const stage = await setStage()

    const { id } = await stage.accept(
      referralMessage(intervention(1), intervention(2, { progres_interventionnumber: null })),
    )
    await stage.work()

    expect(await stage.entry(id)).toMatchObject({ state: 'stuck', code: 'MESSAGE_PARTLY_UNREADABLE' })
    expect(toldDtp(stage, number)).toMatchObject([{ status: 'Pending Acknowledgement' }])
  })

  it('refused credentials stop all work with Primero after at most four requests, and lock nothing', async () => {
    const stage = await setStage({ primero: { seed: { cases: [], referrals: [] } } })
    stage.primero.content.changeUser(stage.primero.account.user, { password: 'changed-over-there' })

    const { id } = await stage.accept(
      referralMessage(...Array.from({ length: 20 }, (_, index) => intervention(index + 1))),
    )
    await stage.accept(referralMessage(intervention(30)))
    await stage.work()
    await stage.run('send-referrals')

    expect(stage.primero.requests.length).toBeLessThanOrEqual(4)
    expect(stage.primero.isLocked(stage.primero.account.user)).toBe(false)
    expect(await stage.entry(id)).toMatchObject({ state: 'stuck', code: 'CREDENTIALS_REFUSED' })
  })
})
