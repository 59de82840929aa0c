import { expect, test } from 'vitest'
import { type Admission, admitted } from '../../src/adaptors/http/admission.ts'
import { createBreakers } from '../../src/cli/breakers.ts'
import { ExchangeError } from '../../src/errors/ExchangeError.ts'
import { createLog } from '../../src/log/log.ts'
import { createMetrics } from '../../src/log/metrics.ts'
import { silencesToOpen } from '../../src/run/breaker.ts'
import { sqlitePlace } from '../store/sqlitePlace.ts'

const rules = { waitsMs: [5_000, 30_000], retryForMs: 3_600_000 }
const open: Admission = { enter: async () => () => {}, refused: async () => {}, accepted: async () => {} }

/** Breakers on a clock of their own, before systems that do as told. */
async function given(before: Admission = open) {
  const place = await sqlitePlace()
  const store = await place.open()
  const clock = { ms: Date.parse('2026-05-04T08:00:00Z') }
  const broughtForward: number[] = []
  const metrics = createMetrics()
  const { admission, recover } = createBreakers({
    admission: () => before,
    store: {
      entries: {
        ...store.entries,
        bringForward: (now) => {
          broughtForward.push(now.getTime())
          return store.entries.bringForward(now)
        },
      },
    },
    rules,
    log: createLog({ level: 'error', write: () => {} }),
    metrics,
    now: () => new Date(clock.ms),
  })
  const request = (status?: number) =>
    admitted(admission('dtp'), { unproven: false }, async () => {
      if (status !== undefined) throw new ExchangeError('No.', { code: 'REMOTE_DOWN', retry: 'later', status })
    })
  /** Silent for so long, then an answer. */
  const outage = async (ms: number) => {
    for (let n = 0; n < silencesToOpen; n++) await request(503).catch(() => undefined)
    clock.ms += ms
    await request()
    await recover()
  }
  const down = async () => (await metrics.systemsDown.get()).values.find(({ labels }) => labels.system === 'dtp')?.value
  const close = async () => {
    await store.close()
    await place.remove()
  }
  return { clock, broughtForward, request, outage, recover, down, close }
}

test('the first answer after a start and the end of a long outage bring waiting work forward, and once more a minute later; a short outage does not', async () => {
  const { clock, broughtForward, request, outage, recover, down, close } = await given()
  const counted: number[] = []

  await request()
  await recover()
  counted.push(broughtForward.length)
  clock.ms += 60_000
  await recover()
  await recover()
  counted.push(broughtForward.length)
  await outage(59_999)
  counted.push(broughtForward.length)
  await outage(60_000)
  counted.push(broughtForward.length)
  for (let n = 0; n < silencesToOpen; n++) await request(504).catch(() => undefined)
  const during = await down()
  clock.ms += 1_000
  await request()
  await close()

  expect(counted).toEqual([1, 2, 2, 3])
  expect([during, await down()]).toEqual([1, 0])
})

test('answers about one record are no silence: a system that answers 422 or 500 is not left alone', async () => {
  const { request, close } = await given()

  for (let n = 0; n < 10; n++) await expect(request(500)).rejects.toMatchObject({ status: 500 })
  await close()
})

test('who waited for a permit while the system fell silent does not ask it', async () => {
  const waiting: (() => void)[] = []
  const givenBack: string[] = []
  const { request, close } = await given({
    ...open,
    enter: () => new Promise((resolve) => waiting.push(() => resolve((heard) => void givenBack.push(heard)))),
  })
  const letIn = async (count: number) => {
    for (const enter of waiting.splice(0, count)) enter()
    await new Promise(setImmediate)
  }

  const first = Array.from({ length: silencesToOpen }, () => request(504))
  const behind = request()
  const ends = Promise.allSettled([...first, behind])
  await new Promise(setImmediate)
  await letIn(silencesToOpen)
  await letIn(1)

  await expect(behind).rejects.toMatchObject({ code: 'REMOTE_DOWN', retry: 'later', reach: 'not_reached' })
  await ends
  expect(givenBack).toEqual([...first.map(() => 'silent'), 'unknown'])
  await close()
})
