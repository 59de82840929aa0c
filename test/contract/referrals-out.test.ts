import { afterAll, describe, expect, test } from 'vitest'
import { startDtp } from '../../src/simulator/dtp/server.ts'
import type { Mishap } from '../../src/simulator/faults.ts'
import { decision, type Row } from './messages.ts'
import { projectWith } from './project.ts'
import { startSite } from './site.ts'
import { referredChild, sent } from './systems.ts'
import { until } from './until.ts'

const fallback = {
  user_name: 'cpims_admin@cpims-gambella.primero.org',
  full_name: 'Administrator Example',
  position: 'CPIMS+ Administrator',
  email: 'administrator@example.org',
  phone: '+251900000042',
}
const site = await startSite({
  primero: { users: [{ user_name: 'cw_no_phone', full_name: 'No Phone', position: 'Worker', email: 'w@example.org' }] },
})
site.primero.content.changeUser(fallback.user_name, fallback)
afterAll(() => site.close())

const { people } = site.primero
const refer = (fields: Row = {}, service: Row = {}) =>
  referredChild(site.primero, site.settings.unhcr_user, { fields, service })
const sentWith = (id: string) => sent(site.dtp).filter((body) => body.id === id)
const run = () => site.run('send-referrals')

await run()

describe('what UNHCR gets', () => {
  test('a referral is sent once, with exactly the agreed fields', async () => {
    const owner = site.primero.content.user('cw1')
    const { child, referral, referralId } = refer({
      name_middle: '',
      name_nickname: 'Ake',
      telephone_current: '+251900000031',
      unhcr_individual_no: '990-00000901',
      protection_concerns: ['unaccompanied'],
      language: ['language1', 'language5'],
    })

    const { outcomes } = await run()
    const again = await run()

    expect(outcomes).toEqual({ [referral.id]: 'delivered DELIVERED' })
    expect(again.outcomes).toEqual({})
    expect(referralId).toHaveLength(49)
    expect(sentWith(referralId)).toEqual([
      {
        request_type: 'ReceiveIncomingReferral',
        id: referralId,
        primero_user: child.owned_by,
        full_name: owner?.full_name,
        position: owner?.position,
        email: owner?.email,
        phone: owner?.phone,
        owned_by_agency_id: 'UNICEF',
        service_implementing_agency: 'UNICEF',
        service_response_day_time: '2026-05-04T08:00:00.000Z',
        service_type: 'Alternative Care',
        service_type_other: null,
        service_referral_notes: 'Needs a foster family.',
        unhcr_individual_no: '990-00000901',
        name_first: 'Akello',
        name_last: 'Example',
        name_middle: null,
        name_nickname: 'Ake',
        date_of_birth: '2015-06-01',
        sex: 'female',
        address_current: 'Zone A, block 2',
        telephone_current: '+251900000031',
        language: 'Anyuak, Amharic',
      },
    ])
  })

  test('pinned 8, D61: a new referral of the same row is sent again with the same id', async () => {
    const { child, service, referral, referralId } = refer()
    await run()
    people.revoke(referral.id)
    const second = people.refer(child.id, String(service.unique_id), site.settings.unhcr_user)

    const { outcomes } = await run()

    expect(outcomes).toEqual({ [second.id]: 'delivered DELIVERED' })
    expect(sentWith(referralId)).toHaveLength(2)
  })

  test('pinned 8, D52: a referral without a service row is reported, not skipped', async () => {
    const { child, referral } = refer()
    people.revoke(referral.id)
    const bare = people.refer(child.id, undefined, site.settings.unhcr_user)

    const { outcomes } = await run()
    const { records } = await site.get<{ records: readonly unknown[] }>('/api/records?outcome=refused')

    expect(outcomes[bare.id]).toBe('refused SERVICE_ROW_MISSING')
    expect(records).toContainEqual(expect.objectContaining({ key: bare.id, code: 'SERVICE_ROW_MISSING' }))
  })

  test('D53: referrals meant for somebody else were sent; only those addressed to UNHCR leave', async () => {
    const { child, service } = refer()
    people.refer(child.id, String(service.unique_id), 'manager1')
    const before = sent(site.dtp).length

    await run()

    expect(sent(site.dtp)).toHaveLength(before + 1)
  })

  test('pinned 15, D63: the services agreed go out by their names; any other is held and visible', async () => {
    const types = {
      alternative_care: 'Alternative Care',
      focuses_non_specialized_mhpss_care: 'Child Protection Service',
      food: 'Family Reunification Service',
      medical: undefined,
      education_formal: undefined,
      family_tracing_and_reunification: undefined,
    }
    const children = Object.entries(types).map(([service_type, name]) => ({ name, ...refer({}, { service_type }) }))

    const { outcomes } = await run()

    for (const { name, referral, referralId } of children) {
      expect(outcomes[referral.id]).toBe(name === undefined ? 'refused SERVICE_TYPE_HELD' : 'delivered DELIVERED')
      expect(sentWith(referralId).map(({ service_type }) => service_type)).toEqual(name === undefined ? [] : [name])
    }
    const { records } = await site.get<{ records: readonly { code: string }[] }>('/api/records?outcome=refused')
    expect(records.filter(({ code }) => code === 'SERVICE_TYPE_HELD')).toHaveLength(3)
  })

  test('pinned 17, D65, D66: the contact is one person: the owner, looked up singly, else the named one; the owner stays primero_user', async () => {
    const own = refer()
    const lacking = refer({ owned_by: 'cw_no_phone' })
    const before = site.primero.requests.length

    await run()

    const contactOf = ({ referralId }: { readonly referralId: string }) => {
      const [{ primero_user, full_name, position, email, phone } = {}] = sentWith(referralId)
      return { primero_user, full_name, position, email, phone }
    }
    const { full_name, position, email, phone } = site.primero.content.user('cw1') ?? {}
    expect(contactOf(own)).toEqual({ primero_user: 'cw1', full_name, position, email, phone })
    const { user_name: _, ...person } = fallback
    expect(contactOf(lacking)).toEqual({ primero_user: 'cw_no_phone', ...person })
    const users = site.primero.requests.slice(before).filter(({ path }) => path === '/api/v2/users')
    expect(users.length).toBeGreaterThan(0)
    for (const { query } of users) expect(query.get('user_name')).toMatch(/./)
  })

  test('pinned 17: where neither owner nor the named user can be called, it is held', async () => {
    site.primero.content.changeUser(fallback.user_name, { phone: '' })
    const { referral, referralId } = refer({ owned_by: 'cw_no_phone' })

    const { outcomes } = await run()
    site.primero.content.changeUser(fallback.user_name, fallback)

    expect(outcomes[referral.id]).toBe('refused CONTACT_MISSING')
    expect(sentWith(referralId)).toEqual([])
  })

  test('pinned 18, D74: birth date, sex and a name must be there; empty notes are the agreed sentence; a UNHCR number is not asked for', async () => {
    const held = [
      refer({ date_of_birth: null }),
      refer({ sex: '' }),
      refer({ name_first: '', name_last: null }),
      refer({ name_first: '*******', name_last: '*******' }),
      refer({ date_of_birth: '2199-01-01' }),
    ]
    const goes = [refer({ name_last: '' }), refer({ name_first: null }), refer({}, { service_referral_notes: '  ' })]

    const { outcomes } = await run()

    expect(held.map(({ referral }) => outcomes[referral.id])).toEqual(held.map(() => 'refused MINIMUM_DATA_MISSING'))
    expect(goes.map(({ referral }) => outcomes[referral.id])).toEqual(goes.map(() => 'delivered DELIVERED'))
    expect(goes.map(({ referralId }) => sentWith(referralId)[0]?.service_referral_notes)).toEqual([
      'Needs a foster family.',
      'Needs a foster family.',
      'Primero referral',
    ])
    for (const { referralId } of held) expect(sentWith(referralId)).toEqual([])
  })
})

describe('pinned 6: when no answer says what became of it', () => {
  test.each([429, 503])('pinned 6: %i means not processed: it is sent again by itself, once', async (status) => {
    const { referral, referralId } = refer()
    site.dtp.faults.add({ what: { kind: 'answer', status } })

    const { outcomes } = await run()
    await until('the second try', () => (sentWith(referralId).length > 0 ? true : undefined))
    await run()

    expect(outcomes[referral.id]).toBe('waiting REMOTE_DOWN')
    expect(sentWith(referralId)).toHaveLength(1)
  })

  test('pinned 6: time-out, reset, 408, 500, 502 and 504 leave it in doubt: not sent again until settled', async () => {
    const mishaps: readonly Mishap[] = [
      ...[408, 500, 502, 504].map((status) => ({ kind: 'answer', status }) as const),
      { kind: 'reset', when: 'before-answering', applied: true },
      { kind: 'reset', when: 'while-answering' },
      { kind: 'hang', applied: true },
    ]
    const children: ReturnType<typeof refer>[] = []
    const first: (string | undefined)[] = []
    for (const what of mishaps) {
      const child = refer()
      children.push(child)
      site.dtp.faults.add({ what })
      first.push((await run()).outcomes[child.referral.id])
    }
    const posted = site.dtp.requests.length
    for (const { child } of children) people.edit(child.id, { address_current: 'Zone C' })
    await run()
    await site.restart()
    await run()

    const inDoubt = 'in_doubt IN_DOUBT'
    // Of the one whose answer broke off the status had come: DTP has it.
    expect(first).toEqual([inDoubt, inDoubt, inDoubt, inDoubt, inDoubt, 'delivered DELIVERED', inDoubt])
    expect(site.dtp.requests).toHaveLength(posted)
    expect(site.alerts()).toContain('IN_DOUBT')

    const [notArrived, arrived, decided] = children as [
      (typeof children)[0] & {},
      (typeof children)[0] & {},
      (typeof children)[0] & {},
    ]
    const settle = (key: string, body: unknown) =>
      site.api('POST', `/api/effects/${encodeURIComponent(key)}/settle`, body)
    const keyOf = ({ referral }: { readonly referral: { readonly id: string } }) => `dtp/referral/${referral.id}`
    await settle(keyOf(notArrived), { arrived: false })
    await settle(keyOf(arrived), { arrived: true })
    const { state } = await site.deliver(decision(decided.referralId))
    await until('the one that had not arrived', () => (sentWith(notArrived.referralId).length > 0 ? true : undefined))
    await run()

    expect(state).toBe('done')
    expect(site.dtp.requests).toHaveLength(posted + 1)
    const { effects } = await site.get<{ effects: readonly { key: string }[] }>('/api/effects?state=in_doubt')
    const open = effects.map(({ key }) => key)
    for (const child of [notArrived, arrived, decided]) expect(open).not.toContain(keyOf(child))
    expect(open).toHaveLength(3)
    expect(site.primero.content.referral(decided.referral.id)?.status).toBe('accepted')
  })

  test('pinned 6: a country that knows that proGres recognises the id has it sent again', async () => {
    const project = projectWith({ dtp: { repeat_is_safe: true } })
    const other = await startSite({ cwd: project })
    await other.run('send-referrals')
    const { referral } = referredChild(other.primero, other.settings.unhcr_user)
    other.dtp.faults.add({ what: { kind: 'answer', status: 500 } })

    const { outcomes } = await other.run('send-referrals')
    await until('the second try', () => (sent(other.dtp).length > 0 ? true : undefined))
    await other.close()

    expect(outcomes[referral.id]).toBe('waiting REMOTE_DOWN')
  })

  test('a referral that DTP refuses (4xx) is refused, shown, and not sent again by itself', async () => {
    const { referral } = refer()
    site.dtp.faults.add({ what: { kind: 'answer', status: 400 } })

    const { outcomes } = await run()
    const { records } = await site.get<{ records: readonly unknown[] }>('/api/records?outcome=refused')

    expect(outcomes[referral.id]).toBe('refused REFERRAL_REFUSED')
    expect(records).toContainEqual(expect.objectContaining({ key: referral.id, code: 'REFERRAL_REFUSED' }))
    expect(site.alerts()).toContain('REFERRAL_REFUSED')
  })

  test('pinned 6: after a refused connection it is sent when DTP is there', async () => {
    const { port } = new URL(site.dtp.url)
    const { referral, referralId } = refer()
    await site.dtp.close()

    const { outcomes } = await run()
    const back = await startDtp({ port: Number(port) })
    await until('the second try', () => (sent(back).length > 0 ? true : undefined))
    await run()

    expect(outcomes[referral.id]).toBe('waiting REMOTE_DOWN')
    expect(sent(back).filter(({ id }) => id === referralId)).toHaveLength(1)
    await back.close()
  })
})
