import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, describe, expect, test } from 'vitest'
import type { Mishap } from '../../src/simulator/faults.ts'
import { type Child, newChild, referrals } from './messages.ts'
import { startSite } from './site.ts'
import { casesOf, told } from './systems.ts'
import { until } from './until.ts'

const site = await startSite({ env: { RETRY_WAITS: '300ms,900ms' } })
afterAll(() => site.close())

const answer = (status: number, headers: Readonly<Record<string, string>> = {}): Mishap => ({
  kind: 'answer',
  status,
  headers: { 'content-type': 'text/html', ...headers },
  body: '<html>',
})
/** Primero fails in this way when the child is looked up. */
const failLookUp = ({ individualNo }: Child, what: Mishap, times = 1) =>
  site.primero.faults.add({ match: ({ query }) => query.get('unhcr_individual_no') === individualNo, times, what })
const lookUps = ({ individualNo }: Child) =>
  site.primero.requests.filter(({ query }) => query.get('unhcr_individual_no') === individualNo)
const gapsMs = (child: Child) => {
  const times = lookUps(child).map(({ at }) => Date.parse(at))
  return times.slice(1).map((time, index) => time - (times[index] ?? 0))
}

describe('pinned 3: what is retried', () => {
  test('pinned 3: 408, 425, 429, 500, 502, 503, 504, a time-out and a reset of Primero are retried by themselves', async () => {
    const mishaps: readonly Mishap[] = [
      ...[408, 425, 429, 500, 502, 503, 504].map((status) => answer(status)),
      { kind: 'hang' },
      { kind: 'reset', when: 'before-answering' },
      { kind: 'truncate' },
      { kind: 'answer', status: 200, headers: { 'content-type': 'text/html' }, body: '<html>Please sign in</html>' },
    ]
    const children = mishaps.map((what) => {
      const child = newChild()
      failLookUp(child, what, what.kind === 'reset' ? 2 : 1)
      return child
    })

    const ids = await Promise.all(children.map((child) => site.post(child.message())))
    const entries = await Promise.all(ids.map((id) => site.settled(id, 'done', 'stuck')))

    expect(entries.map(({ state }) => state)).toEqual(children.map(() => 'done'))
    for (const child of children) {
      expect(casesOf(site.primero, child.individualNo)).toHaveLength(1)
      expect(told(site.dtp, child.number).map(({ status }) => status)).toEqual(['Pending Acknowledgement'])
    }
  })

  test.each([400, 404, 409, 410])('pinned 3: %i of Primero is never retried: a person is called', async (status) => {
    const child = newChild()
    failLookUp(child, answer(status), Number.POSITIVE_INFINITY)

    const { state, records } = await site.deliver(child.message())
    const asked = lookUps(child).length
    await sleep(1_500)

    expect(state).toBe('stuck')
    expect(records[child.number]).toBe('waiting REMOTE_REFUSED')
    expect(lookUps(child)).toHaveLength(asked)
  })

  test('pinned 3: 408, 425, 429, 500, 502, 503, 504 and a reset of DTP are retried for feedback, which is told once', async () => {
    const mishaps: readonly Mishap[] = [
      ...[408, 425, 429, 500, 502, 503, 504].map((status) => answer(status)),
      { kind: 'reset', when: 'before-answering' },
    ]
    for (const what of mishaps) site.dtp.faults.add({ what })
    const child = newChild()

    const id = await site.post(child.message())
    await site.settled(id, 'done')

    expect(site.dtp.requests.length).toBeGreaterThanOrEqual(mishaps.length)
    expect(told(site.dtp, child.number).map(({ status }) => status)).toEqual(['Pending Acknowledgement'])
    expect(casesOf(site.primero, child.individualNo)).toHaveLength(1)
  })

  test('pinned 3: waits are RETRY_WAITS, the last one repeats, and none is shortened', async () => {
    const child = newChild()
    failLookUp(child, answer(500), 4)

    const id = await site.post(child.message())
    await site.settled(id, 'done')

    const [first = 0, second = 0, third = 0] = gapsMs(child)
    expect(first).toBeGreaterThanOrEqual(300)
    expect(second).toBeGreaterThanOrEqual(900)
    expect(third).toBeGreaterThanOrEqual(900)
  })

  test.each([
    ['seconds', () => '2'],
    ['a date', () => new Date(Date.now() + 3_000).toUTCString()],
  ])('pinned 3: Retry-After as %s is obeyed', async (_, value) => {
    const child = newChild()
    failLookUp(child, answer(503, { 'retry-after': value() }))

    const id = await site.post(child.message())
    await site.settled(id, 'done')

    expect(gapsMs(child)[0]).toBeGreaterThanOrEqual(1_900)
  })

  test('pinned 3: retries go on after a restart', async () => {
    const child = newChild()
    const outage = failLookUp(child, answer(503), Number.POSITIVE_INFINITY)
    const id = await site.post(child.message())
    await site.settled(id, 'waiting')

    await site.stop()
    outage.remove()
    await site.start()

    await site.settled(id, 'done')
    expect(told(site.dtp, child.number).map(({ status }) => status)).toEqual(['Pending Acknowledgement'])
  })

  test('pinned 2: while one record waits the others are final and stay so', async () => {
    const [down, good, bad] = [newChild(), newChild(), newChild()]
    failLookUp(down, answer(500), 3)

    const id = await site.post(referrals(down.row(), good.row(), bad.row({ 'individuals.progres_id': '' })))
    await until('the good one', () => (told(site.dtp, good.number).length > 0 ? true : undefined))
    await site.settled(id, 'waiting')
    await site.settled(id, 'done')

    expect(lookUps(good)).toHaveLength(1)
    for (const child of [down, good, bad]) expect(told(site.dtp, child.number)).toHaveLength(1)
    expect(told(site.dtp, bad.number)[0]).toMatchObject({ status: 'Delivery Fail' })
  })
})

describe('pinned 3: the end of RETRY_FOR', () => {
  test('pinned 3: Primero down: the entry is stuck, UNHCR is told Delivery Fail once, and a replay may still deliver', async () => {
    await site.restart({ RETRY_FOR: '2s' })
    const child = newChild()
    const outage = failLookUp(child, answer(503), Number.POSITIVE_INFINITY)

    const { id, state, code, records } = await site.deliver(child.message())
    const asked = lookUps(child).length
    await sleep(1_500)
    const [alerts, toldMeanwhile, askedMeanwhile] = [site.alerts(), told(site.dtp, child.number), lookUps(child).length]
    outage.remove()
    const { status } = await site.api('POST', `/api/entries/${id}/replay`)
    await site.settled(id, 'done')

    expect({ state, code }).toEqual({ state: 'stuck', code: 'RETRY_EXHAUSTED' })
    expect(records[child.number]).toBe('waiting RETRY_EXHAUSTED')
    expect(alerts).toContain('RETRY_EXHAUSTED')
    expect(toldMeanwhile).toEqual([
      {
        case_id: null,
        primero_user: null,
        progres_interventionnumber: child.number,
        status: 'Delivery Fail',
        closure_reason: expect.any(String),
        request_type: 'Feedback',
      },
    ])
    expect(askedMeanwhile).toBe(asked)
    expect(status).toBe(200)
    expect(told(site.dtp, child.number).map((body) => body.status)).toEqual([
      'Delivery Fail',
      'Pending Acknowledgement',
    ])
    expect(casesOf(site.primero, child.individualNo)).toHaveLength(1)
  })

  test('pinned 3, D38: DTP down: the entry is stuck after RETRY_FOR, and a replay tells what was delivered', async () => {
    const child = newChild()
    const outage = site.dtp.faults.add({ times: Number.POSITIVE_INFINITY, what: answer(503) })

    const { id, state, code, records } = await site.deliver(child.message())
    outage.remove()
    await site.api('POST', `/api/entries/${id}/replay`)
    await site.settled(id, 'done')

    expect({ state, code }).toEqual({ state: 'stuck', code: 'RETRY_EXHAUSTED' })
    expect(records[child.number]).toBe('waiting RETRY_EXHAUSTED')
    expect(told(site.dtp, child.number).map((body) => body.status)).toEqual(['Pending Acknowledgement'])
  })

  test('pinned 3: both down: UNHCR is still told Delivery Fail when DTP comes back', async () => {
    await site.restart({ RETRY_FOR: '4s', RETRY_WAITS: '100ms' })
    const child = newChild()
    const primero = failLookUp(child, answer(503), Number.POSITIVE_INFINITY)
    const dtp = site.dtp.faults.add({ times: Number.POSITIVE_INFINITY, what: answer(503) })

    const { id, state } = await site.deliver(child.message())
    dtp.remove()
    await until('Delivery Fail', () => (told(site.dtp, child.number).length > 0 ? true : undefined))
    await site.settled(id, 'stuck')
    primero.remove()
    await site.api('POST', `/api/entries/${id}/replay`)
    await site.settled(id, 'done')

    expect(state).toBe('stuck')
    expect(told(site.dtp, child.number).map((body) => body.status)).toEqual([
      'Delivery Fail',
      'Pending Acknowledgement',
    ])
  })
})
