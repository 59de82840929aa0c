import { afterAll, expect, test } from 'vitest'
import { startSite } from './site.ts'
import { referredChild, sent } from './systems.ts'
import { until } from './until.ts'

const site = await startSite()
afterAll(() => site.close())
const refer = (fields: Readonly<Record<string, unknown>> = {}) =>
  referredChild(site.primero, site.settings.unhcr_user, { fields })
const sentIds = () => sent(site.dtp).map(({ id }) => id)

// The first run of all begins now by Primero's clock.
await site.run('send-referrals')

test('pinned 16: consent goes by its truth table: both consents true or "true", the opt-in neither false nor "false"', async () => {
  const yes = [true, 'true']
  const no = [false, 'false', null, undefined, '', 'yes', 'no', 1]
  const notFalse = [true, 'true', null, undefined]
  const rows = [
    ...yes.flatMap((services) =>
      yes.flatMap((sharing) => notFalse.map((optIn) => [services, sharing, optIn, 'delivered DELIVERED'])),
    ),
    ...no.map((services) => [services, true, true, 'refused CONSENT_MISSING']),
    ...no.map((sharing) => [true, sharing, true, 'refused CONSENT_MISSING']),
    ...[false, 'false'].map((optIn) => [true, true, optIn, 'refused EXPORT_OPTED_OUT']),
    [false, false, undefined, 'refused CONSENT_MISSING'],
  ]
  const referred = rows.map(([consent_for_services, disclosure_other_orgs, unhcr_export_opt_in, expected]) => ({
    ...refer({ consent_for_services, disclosure_other_orgs, unhcr_export_opt_in }),
    expected,
  }))

  const { outcomes } = await site.run('send-referrals')

  expect(outcomes).toEqual(Object.fromEntries(referred.map(({ referral, expected }) => [referral.id, expected])))
  const mayGo = referred.filter(({ expected }) => expected === 'delivered DELIVERED')
  expect(sentIds().toSorted()).toEqual(mayGo.map(({ referralId }) => referralId).toSorted())
})

test('pinned 16, D55: consent is read again before a retry: a child whose consent was withdrawn meanwhile does not leave', async () => {
  const withdrawn = refer()
  const kept = refer()
  const outage = site.dtp.faults.add({ times: Number.POSITIVE_INFINITY, what: { kind: 'answer', status: 503 } })

  const first = await site.run('send-referrals')
  site.primero.people.withdrawConsent(withdrawn.child.id)
  outage.remove()

  expect(first.outcomes).toMatchObject({
    [withdrawn.referral.id]: 'waiting REMOTE_DOWN',
    [kept.referral.id]: 'waiting REMOTE_DOWN',
  })
  await until('the other child', () => (sentIds().includes(kept.referralId) ? true : undefined))
  await until('the outcome', async () =>
    (await site.outcomes())[withdrawn.referral.id] === 'refused CONSENT_MISSING' ? true : undefined,
  )
  expect(sentIds()).not.toContain(withdrawn.referralId)
})

test('pinned 16: consent that is withdrawn while a run is under way holds the referral back', async () => {
  const { child, referral, referralId } = refer()
  site.primero.faults.add({ match: { path: '/api/v2/users' }, what: { kind: 'delay', delayMs: 400 } })

  const running = site.run('send-referrals')
  await until('the look at the owner', () =>
    site.primero.requests.at(-1)?.path === '/api/v2/users' ? true : undefined,
  )
  site.primero.people.withdrawConsent(child.id)
  const { outcomes } = await running

  expect(outcomes).toMatchObject({ [referral.id]: 'refused CONSENT_MISSING' })
  expect(sentIds()).not.toContain(referralId)
})

test('D54: revoked referrals were sent; one that is revoked before its retry stays here', async () => {
  const { referral, referralId } = refer()
  site.dtp.faults.add({ what: { kind: 'answer', status: 429, headers: { 'retry-after': '1' } } })

  await site.run('send-referrals')
  site.primero.people.revoke(referral.id)

  await until('the outcome', async () =>
    (await site.outcomes())[referral.id] === 'refused REFERRAL_NOT_OPEN' ? true : undefined,
  )
  expect(sentIds()).not.toContain(referralId)
})

test('D54: revoked referrals were sent; one that is revoked while the exchange is down stays here after the restart', async () => {
  const { referral, referralId } = refer()
  const outage = site.dtp.faults.add({ times: Number.POSITIVE_INFINITY, what: { kind: 'answer', status: 503 } })
  await site.run('send-referrals')
  await site.stop()
  site.primero.people.revoke(referral.id)
  outage.remove()

  await site.start()

  await until('the outcome', async () =>
    (await site.outcomes())[referral.id] === 'refused REFERRAL_NOT_OPEN' ? true : undefined,
  )
  expect(sentIds()).not.toContain(referralId)
})

test('a referral that was held goes when consent is given: the case has changed', async () => {
  const { child, referral, referralId } = refer({ consent_for_services: false })

  const held = await site.run('send-referrals')
  const shown = await site.get<{ records: readonly unknown[] }>('/api/records?outcome=refused')
  site.primero.people.edit(child.id, { consent_for_services: true })
  const again = await site.run('send-referrals')

  expect(held.outcomes).toMatchObject({ [referral.id]: 'refused CONSENT_MISSING' })
  expect(shown.records).toContainEqual(expect.objectContaining({ key: referral.id, code: 'CONSENT_MISSING' }))
  expect(again.outcomes).toMatchObject({ [referral.id]: 'delivered DELIVERED' })
  expect(sentIds()).toContain(referralId)
  const after = await site.get<{ records: readonly { key: string }[] }>('/api/records')
  expect(after.records.map(({ key }) => key)).not.toContain(referral.id)
})
