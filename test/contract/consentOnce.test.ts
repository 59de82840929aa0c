import { existsSync } from 'node:fs'
import { cp, rm } from 'node:fs/promises'
import { afterAll, expect, test } from 'vitest'
import { exchange } from '../cli/exchange.ts'
import { newChild } from './messages.ts'
import { startSite } from './site.ts'
import { referredChild, sent } from './systems.ts'

const site = await startSite({ env: { RETRY_WAITS: '1h' } })
afterAll(() => site.close())
const refer = () => referredChild(site.primero, site.settings.unhcr_user)
const timesSent = (referralId: string) => sent(site.dtp).filter(({ id }) => id === referralId).length
const command = (...args: readonly string[]) => exchange(args, { env: site.env })

// The first run of all begins now by Primero's clock.
await site.run('send-referrals')

test('K6: consent withdrawn after sending is a notice, on the command line and in the API, and UNHCR is told nothing', async () => {
  const { child, referral } = refer()
  await site.run('send-referrals')
  site.primero.people.revoke(referral.id)
  const posts = site.dtp.requests.length
  const number = String(site.primero.content.case(child.id)?.case_id)

  const { state } = await site.run('watch-consent')
  const listed = await command('notices', 'list', '--json')
  const printed = await command('notices', 'list')
  const { notices } = await site.get<{ notices: readonly { id: string }[] }>('/api/notices?state=open')
  const [notice] = notices

  expect(state).toBe('success')
  expect(JSON.parse(listed.out)).toEqual({ notices })
  expect(notices).toEqual([
    expect.objectContaining({ case_number: number, services: [expect.any(String)], done_at: null }),
  ])
  expect(printed).toMatchObject({ code: 0, err: '', out: expect.stringContaining(`case ${number}  withdrawn `) })
  expect(await command('notices', 'done', notice?.id ?? '')).toMatchObject({ code: 0, err: '' })
  expect(await command('notices', 'done', notice?.id ?? '')).toMatchObject({ code: 1, out: '' })
  expect((await site.api('POST', `/api/notices/${notice?.id}/done`)).status).toBe(409)
  expect(site.dtp.requests).toHaveLength(posts)
  expect(site.alerts()).toContain('CONSENT_WITHDRAWN')
})

test('K4: a store restored from a backup sends nothing again, and nothing new before a person settled what it had forgotten', {
  timeout: 180_000,
}, async () => {
  const before = refer()
  await site.run('send-referrals')
  await site.stop()
  const backup = `${site.dataDir}-backup`
  await cp(site.dataDir, backup, { recursive: true })
  await site.start()
  const forgotten = refer()
  await site.run('send-referrals')
  await site.stop()
  await rm(site.dataDir, { recursive: true })
  await cp(backup, site.dataDir, { recursive: true })

  await site.start()
  const fresh = refer()
  const { state } = await site.deliver(newChild().message())
  const { outcomes } = await site.run('send-referrals')

  expect(site.log()).toContain(`warning  the store is older than its witness ${site.dataDir}.witness`)
  expect(site.log()).toContain('exchange ledger settle KEY --arrived')
  expect(state).toBe('done')
  expect(outcomes).toMatchObject({
    [forgotten.referral.id]: 'in_doubt IN_DOUBT',
    [fresh.referral.id]: 'waiting STORE_RESTORED',
  })
  expect([before, forgotten, fresh].map(({ referralId }) => timesSent(referralId))).toEqual([1, 1, 0])

  const listed = await command('ledger', 'list', '--state', 'in_doubt', '--json')
  const settled = await command('ledger', 'settle', '--forgotten', '--arrived')
  const after = await site.run('send-referrals')

  expect(JSON.parse(listed.out).effects.map(({ key }: { key: string }) => key)).toEqual([
    `dtp/referral/${forgotten.referral.id}`,
  ])
  expect(settled).toMatchObject({ code: 0, out: expect.stringContaining('1 forgotten effects are settled.') })
  expect(after.outcomes[fresh.referral.id]).toBe('delivered DELIVERED')
  expect([before, forgotten, fresh].map(({ referralId }) => timesSent(referralId))).toEqual([1, 1, 1])
  expect(existsSync(`${site.dataDir}.witness`)).toBe(true)
})
