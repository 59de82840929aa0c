import { afterAll, describe, expect, test } from 'vitest'
import { newChild, type Row, referrals } from './messages.ts'
import { startSite } from './site.ts'
import { casesOf, told } from './systems.ts'
import { until } from './until.ts'

const site = await startSite()
afterAll(() => site.close())

const { people, content } = site.primero
const decisionsOn = (number: string) =>
  told(site.dtp, number).filter(({ request_type }) => request_type === 'ReceiveDecisionOutgoingReferral')
const statuses = (number: string) => decisionsOn(number).map(({ status }) => status)
const decideAndRun = async (...decide: Parameters<typeof people.decide>) => {
  people.decide(...decide)
  return site.run('send-decisions')
}

await site.run('send-decisions')

describe('pinned 7: what UNHCR is told', () => {
  test('pinned 7: an acceptance is told once, key by key as agreed', async () => {
    const child = newChild()
    await site.deliver(child.message())

    const { outcomes } = await decideAndRun(child.number, 'accepted')
    const again = await site.run('send-decisions')

    const [made] = casesOf(site.primero, child.individualNo)
    expect(outcomes[child.number]).toBe('delivered DELIVERED')
    expect(again.outcomes[child.number]).toBeUndefined()
    expect(decisionsOn(child.number)).toEqual([
      {
        case_id: made?.case_id,
        primero_user: made?.owned_by,
        progres_interventionnumber: child.number,
        status: 'acknowledged',
        closure_reason: 'No reason specified.',
        request_type: 'ReceiveDecisionOutgoingReferral',
      },
    ])
  })

  test('pinned 7: a changed decision is told again, also when it changes back; any other edit is not', async () => {
    const child = newChild()
    await site.deliver(child.message())
    const [made] = casesOf(site.primero, child.individualNo)
    const edit = (fields: Row) => people.edit(String(made?.id), fields as Parameters<typeof people.edit>[1])

    await decideAndRun(child.number, 'accepted')
    edit({ name_middle: 'Edited', owned_by: 'cw1' })
    await site.run('send-decisions')
    await decideAndRun(child.number, 'rejected', 'No place at present')
    await decideAndRun(child.number, 'pending')
    edit({ telephone_current: '+251900000011' })
    await site.run('send-decisions')
    await decideAndRun(child.number, 'accepted')
    await decideAndRun(child.number, 'accepted')

    expect(statuses(child.number)).toEqual(['acknowledged', 'rejected', 'acknowledged'])
    expect(decisionsOn(child.number)[1]?.closure_reason).toBe('No place at present')
    expect(decisionsOn(child.number)[2]?.closure_reason).toBe('No reason specified.')
  })

  test('pinned 7: of a decision that changed between two looks the latest state counts', async () => {
    const child = newChild()
    await site.deliver(child.message())

    people.decide(child.number, 'accepted')
    await decideAndRun(child.number, 'rejected', 'Moved away')

    expect(statuses(child.number)).toEqual(['rejected'])
  })

  test('pinned 7, D39, D40: rows are known by their intervention number, whatever agency they name; without it none is sent', async () => {
    const child = newChild()
    await site.deliver(child.message({ 'user.progres_partner': { Name: '990-26-PNR-00001' } }))
    const [made] = casesOf(site.primero, child.individualNo)
    const foreign = { service_referral: 'external_referral', unhcr_referral_status: 'accepted' }
    people.addService(String(made?.id), { ...foreign, service_type: 'food', service_request_agency: 'UNHCR' })
    people.addService(String(made?.id), { ...foreign, service_type: 'food', progres_interventionnumber: '' })
    const before = site.dtp.received.length

    await decideAndRun(child.number, 'accepted')

    expect(statuses(child.number)).toEqual(['acknowledged'])
    expect(site.dtp.received).toHaveLength(before + 1)
  })

  test('D43: one refused decision blocked and resent the rest; it is refused alone, and shown', async () => {
    const [poison, good] = [newChild(), newChild()]
    await site.deliver(referrals(poison.row(), good.row()))
    people.decide(poison.number, 'rejected', 'Canary reason')
    people.decide(good.number, 'accepted')
    const refusing = site.dtp.faults.add({ what: { kind: 'answer', status: 400 } })
    const { outcomes } = await site.run('send-decisions')
    const [refused, sent] = outcomes[poison.number]?.startsWith('refused') ? [poison, good] : [good, poison]

    const { records } = await site.get<{ records: readonly Row[] }>('/api/records?outcome=refused')

    expect(refusing.struck).toBe(1)
    expect(outcomes[refused.number]).toBe('refused DECISION_REFUSED')
    expect(outcomes[sent.number]).toBe('delivered DELIVERED')
    expect(records).toContainEqual(expect.objectContaining({ key: refused.number, code: 'DECISION_REFUSED' }))
    expect(site.alerts()).toContain('DECISION_REFUSED')
    expect(site.log()).not.toContain('Canary reason')
  })

  test('D42, D72: DTP down while decisions are sent: all go when it is up, each once, and nothing is asked of a person', async () => {
    const children = [newChild(), newChild(), newChild()]
    await site.deliver(referrals(...children.map((child) => child.row())))
    for (const { number } of children) people.decide(number, 'accepted')
    const outage = site.dtp.faults.add({ times: Number.POSITIVE_INFINITY, what: { kind: 'answer', status: 503 } })

    const { outcomes } = await site.run('send-decisions')
    outage.remove()
    await until('all of them', () => (children.every(({ number }) => statuses(number).length === 1) ? true : undefined))
    await site.run('send-decisions')

    for (const { number } of children) {
      expect(outcomes[number]).toBe('waiting REMOTE_DOWN')
      expect(statuses(number)).toEqual(['acknowledged'])
    }
  })

  test('pinned 6: a decision whose answer was lost states a fact and is sent again unchanged', async () => {
    const child = newChild()
    await site.deliver(child.message())
    site.dtp.faults.add({ what: { kind: 'reset', when: 'before-answering', applied: true } })

    await decideAndRun(child.number, 'accepted')
    await until('the second time', () => (statuses(child.number).length === 2 ? true : undefined))

    const [first, second] = decisionsOn(child.number)
    expect(second).toEqual(first)
  })
})

test('pinned 28, D45: case lists ask for the fields that are needed, and for no more', () => {
  const lists = site.primero.requests.filter(({ path }) => path === '/api/v2/cases')

  expect(lists.length).toBeGreaterThan(5)
  for (const { query, method } of lists) {
    if (method !== 'GET') continue
    const fields = query.get('fields')?.split(',') ?? ['everything']
    for (const personal of ['everything', 'name', 'name_first', 'name_last', 'date_of_birth', 'address_current'])
      expect(fields).not.toContain(personal)
  }
  expect(content.cases().length).toBeGreaterThan(5)
})
