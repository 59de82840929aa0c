import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, describe, expect, test } from 'vitest'
import { newChild } from './messages.ts'
import { projectWith } from './project.ts'
import { startSite } from './site.ts'
import { referredChild, sent, told } from './systems.ts'
import { until } from './until.ts'

const site = await startSite()
afterAll(() => site.close())
const unhcr = site.settings.unhcr_user

describe('pinned 5: where the first run begins', () => {
  test('pinned 5: without start_from it begins now, by Primero’s clock: what was there before is not sent', async () => {
    const ago = new Date(Date.now() - 3_600_000).toISOString()
    const { child, referral } = referredChild(site.primero, unhcr)
    site.primero.content.touch(child.id, ago)
    const clockAhead = site.primero.clock.now().getTime() - Date.now()

    const first = await site.run('send-referrals')
    const later = referredChild(site.primero, unhcr)
    const second = await site.run('send-referrals')

    expect(Math.abs(clockAhead)).toBeLessThan(1_000)
    expect(first.records).toEqual([])
    expect(second.outcomes).toEqual({ [later.referral.id]: 'delivered DELIVERED' })
    expect(second.outcomes).not.toHaveProperty(referral.id)
  })

  test('pinned 5: with start_from it begins there: the last cursor of another exchange', async () => {
    const other = await startSite({ cwd: projectWith({ start_from: '2026-01-01T00:00:00Z' }) })
    const [old, recent] = [referredChild(other.primero, unhcr), referredChild(other.primero, unhcr)]
    other.primero.content.touch(old.child.id, '2025-12-01T00:00:00Z')
    other.primero.content.touch(recent.child.id, '2026-01-01T00:00:00Z')

    const { outcomes } = await other.run('send-referrals')
    const again = await other.run('send-referrals')
    await other.close()

    expect(outcomes).toEqual({ [recent.referral.id]: 'delivered DELIVERED' })
    expect(again.outcomes).toEqual({})
  })
})

describe('outages', () => {
  test('D72: DTP down during both cron flows, then up: all sent, none twice', async () => {
    const child = newChild()
    await site.run('send-decisions')
    await site.deliver(child.message())
    site.primero.people.decide(child.number, 'accepted')
    const referred = referredChild(site.primero, unhcr)
    const outage = site.dtp.faults.add({ times: Number.POSITIVE_INFINITY, what: { kind: 'answer', status: 503 } })

    const decisions = await site.run('send-decisions')
    const referrals = await site.run('send-referrals')
    const { records } = await site.get<{ records: readonly { key: string }[] }>('/api/records?outcome=waiting')
    outage.remove()
    await until('both', () =>
      sent(site.dtp).some(({ id }) => id === referred.referralId) && told(site.dtp, child.number).length === 2
        ? true
        : undefined,
    )
    await site.run('send-decisions')
    await site.run('send-referrals')

    expect([decisions.state, referrals.state]).toEqual(['success', 'success'])
    expect(records.map(({ key }) => key).toSorted()).toEqual([child.number, referred.referral.id].toSorted())
    expect(sent(site.dtp).filter(({ id }) => id === referred.referralId)).toHaveLength(1)
    expect(told(site.dtp, child.number)).toHaveLength(2)
    expect((await site.get<{ records: unknown[] }>('/api/records')).records).toEqual([])
  })

  test('Primero down while it is asked for changes: the run is made again by itself, and nothing is missed', async () => {
    const outage = site.primero.faults.add({ times: Number.POSITIVE_INFINITY, what: { kind: 'answer', status: 502 } })
    const { referralId } = referredChild(site.primero, unhcr)

    const run = await site.run('send-referrals')
    outage.remove()
    await until('the referral', () => (sent(site.dtp).some(({ id }) => id === referralId) ? true : undefined))

    expect(run.state).toBe('failed')
    expect(run.records).toEqual([{ key: 'run', outcome: 'waiting', code: 'REMOTE_DOWN' }])
  })

  test('pinned 4: a run over many referrals ends soon after Primero stops answering', async () => {
    for (let count = 0; count < 30; count += 1) referredChild(site.primero, unhcr)
    const outage = site.primero.faults.add({
      match: { path: /referrals$/ },
      times: Number.POSITIVE_INFINITY,
      what: { kind: 'hang' },
    })
    const began = performance.now()

    const run = await site.run('send-referrals')
    const tookMs = performance.now() - began
    outage.remove()

    expect(run.records.length).toBeGreaterThanOrEqual(30)
    expect(new Set(run.records.map(({ outcome }) => outcome))).toEqual(new Set(['waiting']))
    // REMOTE_TIMEOUT is two seconds here: one time-out and not thirty.
    expect(tookMs).toBeLessThan(15_000)
    await until('all of them', () => (sent(site.dtp).length >= 33 ? true : undefined))
  })
})

test('pinned 28: quiet: without due work nothing is sent to Primero or DTP', async () => {
  await until('an end of all work', async () => {
    const { records } = await site.get<{ records: unknown[] }>('/api/records')
    return records.length === 0 ? true : undefined
  })
  const before = [site.primero.requests.length, site.dtp.requests.length]

  await sleep(2_500)

  expect([site.primero.requests.length, site.dtp.requests.length]).toEqual(before)
})
