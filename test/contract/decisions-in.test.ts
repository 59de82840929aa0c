import { afterAll, describe, expect, test } from 'vitest'
import { decision, type Row } from './messages.ts'
import { startSite } from './site.ts'
import { referredChild } from './systems.ts'

const site = await startSite()
afterAll(() => site.close())

const { people, content } = site.primero
const refer = () => referredChild(site.primero, site.settings.unhcr_user)
const statusOf = ({ referral }: ReturnType<typeof refer>) => content.referral(referral.id)?.status
const reasonOf = ({ referral }: ReturnType<typeof refer>) => content.referral(referral.id)?.rejected_reason
const decide = (child: ReturnType<typeof refer>, changes: Row = {}) => site.deliver(decision(child.referralId, changes))

describe('a decision is put on its referral', () => {
  test('an acceptance, and a rejection with reason and comment', async () => {
    const [yes, no] = [refer(), refer()]

    const accepted = await decide(yes)
    const rejected = await decide(no, {
      progres_reviewdecision: '125080001',
      progres_interoperabiltyreferralrejectionreason: '125080000',
      progres_interoperabilityreferralrejectionomment: 'Not in this camp',
    })

    expect(accepted).toMatchObject({ state: 'done', records: { [yes.referralId]: 'delivered DELIVERED' } })
    expect(rejected).toMatchObject({ state: 'done', records: { [no.referralId]: 'delivered DELIVERED' } })
    expect([statusOf(yes), statusOf(no)]).toEqual(['accepted', 'rejected'])
    expect(reasonOf(no)).toBe('Individual Not Found: Not in this camp')
    expect(reasonOf(yes)).toBeUndefined()
  })

  test('D76, D77, D78, D79: numbers for codes, the right spelling, a reason or a comment alone', async () => {
    const children = [refer(), refer(), refer(), refer()] as const

    await decide(children[0], { progres_reviewdecision: 125080000 })
    await decide(children[1], {
      progres_reviewdecision: 125080001,
      progres_interoperabilityreferralrejectionreason: 125080002,
    })
    await decide(children[2], {
      progres_reviewdecision: '125080001',
      progres_interoperabilityreferralrejectioncomment: 'Moved away',
    })
    await decide(children[3], { progres_reviewdecision: '125080001' })

    expect(children.map(statusOf)).toEqual(['accepted', 'rejected', 'rejected', 'rejected'])
    expect(children.map(reasonOf)).toEqual([undefined, 'Not applicable', 'Moved away', undefined])
  })

  test('D83, D86: the open one of several referrals of a row is decided; the case stays as it is', async () => {
    const first = refer()
    people.revoke(first.referral.id)
    const second = people.refer(first.child.id, String(first.service.unique_id), site.settings.unhcr_user)
    const before = content.case(first.child.id)?.status

    const { state } = await decide(first, { progres_reviewdecision: '125080001' })

    expect(state).toBe('done')
    expect(content.referral(second.id)?.status).toBe('rejected')
    expect(statusOf(first)).toBe('revoked')
    expect(content.case(first.child.id)?.status).toBe(before)
  })

  test('pinned 11: the same decision once more is unchanged; another one on a closed referral needs a person', async () => {
    const child = refer()
    await decide(child)

    const again = await decide(child)
    const other = await decide(child, { progres_reviewdecision: '125080001' })

    expect(again).toMatchObject({ state: 'done', records: { [child.referralId]: 'unchanged ALREADY_DECIDED' } })
    expect(other).toMatchObject({ state: 'stuck', code: 'REFERRAL_NOT_OPEN' })
    expect(statusOf(child)).toBe('accepted')
  })
})

describe('a decision that cannot be applied is not lost', () => {
  test.each([
    [
      'D75: an unknown code',
      (id: string) => decision(id, { progres_reviewdecision: '125080003' }),
      'DECISION_CODE_UNKNOWN',
    ],
    ['no code at all', (id: string) => decision(id, { progres_reviewdecision: '' }), 'DECISION_CODE_UNKNOWN'],
    ['D80: an unknown service', (id: string) => decision(`${id.slice(0, -12)}0123456789ab`), 'REFERRAL_UNKNOWN'],
    ['an unknown case', () => decision('00000000-0000-4000-8000-00000000dead#0123456789ab'), 'REFERRAL_UNKNOWN'],
    ['an id without #', (id: string) => decision(id.replace('#', '')), 'REFERRAL_UNKNOWN'],
  ])('%s: the entry is stuck with its code, and an alert is raised', async (_, message, code) => {
    const child = refer()

    const ended = await site.deliver(message(child.referralId))

    expect(ended).toMatchObject({ state: 'stuck', code })
    expect(statusOf(child)).toBe('in_progress')
    expect(site.alerts()).toContain(code)
  })

  test('a revoked referral: stuck', async () => {
    const child = refer()
    people.revoke(child.referral.id)

    expect(await decide(child)).toMatchObject({ state: 'stuck', code: 'REFERRAL_NOT_OPEN' })
    expect(statusOf(child)).toBe('revoked')
  })

  test('pinned 12: a 422 of Primero makes the entry stuck, with an alert', async () => {
    const child = refer()
    const errors = [{ status: 422, resource: '/api/v2/cases', detail: 'consent', message: ['no'] }]
    site.primero.faults.add({ match: { method: 'PATCH' }, what: { kind: 'answer', status: 422, body: { errors } } })

    const { id, state, code } = await decide(child)
    await site.api('POST', `/api/entries/${id}/replay`)
    await site.settled(id, 'done')

    expect({ state, code }).toEqual({ state: 'stuck', code: 'PRIMERO_REJECTED' })
    expect(site.alerts()).toContain('PRIMERO_REJECTED')
    expect(statusOf(child)).toBe('accepted')
  })

  test('D75: a change that Primero answers with 200 and the old status is stuck, not taken for done', async () => {
    const child = refer()
    const body = { data: { ...JSON.parse(JSON.stringify(child.referral)), status: 'in_progress' } }
    site.primero.faults.add({ match: { method: 'PATCH' }, what: { kind: 'answer', status: 200, body } })

    expect(await decide(child)).toMatchObject({ state: 'stuck', code: 'DECISION_NOT_APPLIED' })
  })

  test('D82: one bad row stopped the batch; the good ones are applied, and the entry is stuck for the bad one alone', async () => {
    const [good, other] = [refer(), refer()]
    const rowsOf = (message: Row) => message.interventions as readonly Row[]

    const ended = await site.deliver({
      interventions: [
        ...rowsOf(decision(good.referralId)),
        ...rowsOf(decision('no-id-at-all')),
        ...rowsOf(decision(other.referralId)),
        { progres_reviewdecision: '125080000' },
      ],
      request_type: 'PrimeroIncomingReferralDecision',
    })

    expect(ended.state).toBe('stuck')
    expect(ended.records).toMatchObject({
      [good.referralId]: 'delivered DELIVERED',
      [other.referralId]: 'delivered DELIVERED',
    })
    expect([statusOf(good), statusOf(other)]).toEqual(['accepted', 'accepted'])
  })

  test('pinned 3: a decision that meets an outage is applied when Primero is back', async () => {
    const child = refer()
    const outage = site.primero.faults.add({ times: Number.POSITIVE_INFINITY, what: { kind: 'answer', status: 502 } })

    const id = await site.post(decision(child.referralId))
    await site.settled(id, 'waiting')
    outage.remove()
    await site.settled(id, 'done')

    expect(statusOf(child)).toBe('accepted')
  })
})
