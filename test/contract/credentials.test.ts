import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, expect, test } from 'vitest'
import { ask } from './ask.ts'
import { newChild } from './messages.ts'
import { startSite } from './site.ts'
import { told } from './systems.ts'

const site = await startSite()
afterAll(() => site.close())

test('pinned 19: a 401 of Primero stops all work with it until changed credentials; at most 4 requests in all; an alert', async () => {
  await site.run('send-referrals')
  site.primero.content.changeUser(site.primero.account.user, { password: 'a-changed-password' })
  const before = site.primero.requests.length
  const children = Array.from({ length: 8 }, newChild)

  const ids = await Promise.all(children.map((child) => site.post(child.message())))
  await Promise.all(['send-referrals', 'send-decisions'].map((key) => site.api('POST', `/api/workflows/${key}/runs`)))
  await site.settled(ids[0] as string, 'stuck', 'waiting')
  await sleep(1_500)
  const refused = site.primero.requests.slice(before)
  const ready = await ask(`${site.exchange.address}/ready`)
  const late = await site.post(newChild().message())

  expect(refused.map(({ status }) => status)).toContain(401)
  expect(refused.length).toBeLessThanOrEqual(4)
  expect(site.primero.isLocked(site.primero.account.user)).toBe(false)
  expect(site.alerts()).toContain('CREDENTIALS_REFUSED')
  expect(ready.status).toBe(204)

  await site.restart({ PRIMERO_PASSWORD: 'a-changed-password' })
  for (const id of [...ids, late]) await site.settled(id, 'done')
  for (const child of children) {
    expect(told(site.dtp, child.number).map(({ status }) => status)).toEqual(['Pending Acknowledgement'])
  }
})

test('pinned 19: a restart with the same wrong password asks once more and no oftener', async () => {
  await site.restart({ PRIMERO_PASSWORD: 'wrong' })
  const before = site.primero.requests.length

  await Promise.all(Array.from({ length: 6 }, () => site.post(newChild().message())))
  await sleep(2_000)

  expect(site.primero.requests.length - before).toBeGreaterThan(0)
  expect(site.primero.requests.length - before).toBeLessThanOrEqual(4)
})

test('pinned 20: /ready is 204 while neither Primero nor DTP can be reached', async () => {
  await site.restart({
    PRIMERO_URL: 'http://127.0.0.1:9',
    DTP_URL: 'http://127.0.0.1:9/primero',
    PRIMERO_PASSWORD: 'x',
  })
  const id = await site.post(newChild().message())
  await site.settled(id, 'waiting')

  expect((await ask(`${site.exchange.address}/ready`)).status).toBe(204)
  expect((await ask(`${site.exchange.address}/health`)).status).toBe(204)
})
