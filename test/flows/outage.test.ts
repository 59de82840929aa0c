import { expect, test } from 'vitest'
import { proxyPage } from '../../src/simulator/faults.ts'
import { intervention, referralMessage, serviceRows, setStage } from './stage.ts'

const always = Number.POSITIVE_INFINITY

test('while Primero is silent forty messages cost it a handful of requests, then one each time they are due, and none is lost', async () => {
  const stage = await setStage()
  const fault = stage.primero.faults.add({ times: always, what: proxyPage(503) })
  const numbers = Array.from({ length: 40 }, (_, n) => n + 1)
  const ids: string[] = []
  for (const n of numbers) ids.push((await stage.accept(referralMessage(intervention(n)))).id)

  // A slow machine takes longer than the second after which it is asked again.
  const probes = async () => {
    const begunMs = performance.now()
    const before = fault.struck
    await stage.work(4)
    return { asked: fault.struck - before, seconds: Math.floor((performance.now() - begunMs) / 1_000) }
  }
  const first = await probes()
  stage.later(6_000)
  const second = await probes()
  const waiting = await Promise.all(ids.map(stage.entry))
  fault.remove()
  stage.later(40_000)
  await stage.work(4)

  // Four were under way when the fifth silence opened it.
  expect(first.asked).toBeLessThanOrEqual(8 + first.seconds)
  expect(second.asked).toBeGreaterThan(0)
  expect(second.asked).toBeLessThanOrEqual(1 + second.seconds)
  expect(waiting.map(({ state, attempt, code }) => [state, attempt, code])).toEqual(
    numbers.map(() => ['waiting', 2, 'REMOTE_DOWN']),
  )
  for (const id of ids) expect(await stage.entry(id)).toMatchObject({ state: 'done' })
  for (const n of numbers) expect(serviceRows(stage, `990-26-PRTITV-${String(n).padStart(7, '0')}`)).toHaveLength(1)
  expect(stage.log.filter((line) => line.includes('"outage"')).map((line) => JSON.parse(line))).toMatchObject([
    { system: 'primero', state: 'open' },
    { system: 'primero', state: 'closed' },
  ])
})
