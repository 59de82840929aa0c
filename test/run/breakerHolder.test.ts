import { expect, test } from 'vitest'
import { silencesToOpen } from '../../src/run/breaker.ts'
import { createBreakerHolder } from '../../src/run/breakerHolder.ts'

/** A breaker on a clock of its own, and what it said. */
function given() {
  const clock = { ms: 1_000_000 }
  const said: string[] = []
  const holder = createBreakerHolder({
    name: 'A system',
    restMs: 5_000,
    now: () => new Date(clock.ms),
    onOpen: () => said.push('open'),
    onClose: (downMs) => said.push(`closed after ${downMs} ms`),
  })
  const enter = (signal?: AbortSignal) => holder.enter({ waitMs: 1_000, signal })
  const silence = async () => {
    for (let n = 0; n < silencesToOpen; n++) (await enter())('silent')
  }
  return { clock, said, enter, silence }
}

const refused = { code: 'REMOTE_DOWN', retry: 'later', reach: 'not_reached' }

test('a system that leaves five requests in a row alone is not asked for the rest that follows', async () => {
  const { clock, said, enter, silence } = given()

  await silence()

  await expect(enter()).rejects.toMatchObject(refused)
  clock.ms += 4_999
  await expect(enter()).rejects.toMatchObject(refused)
  expect(said).toEqual(['open'])
})

test('of many that come when the rest is over one goes; with its answer all the others do, at once', async () => {
  const { clock, said, enter, silence } = given()
  await silence()
  clock.ms += 60_000
  const entered: number[] = []

  const probe = await enter()
  const others = Array.from({ length: 50 }, (_, n) => enter().then(() => entered.push(n)))
  await new Promise(setImmediate)
  const before = entered.length
  probe('answered')
  await Promise.all(others)

  expect(before).toBe(0)
  expect(entered).toHaveLength(50)
  expect(said).toEqual(['open', 'closed after 60000 ms'])
})

test('those who waited for a probe that heard nothing are told at once, without a request of their own', async () => {
  const { clock, enter, silence } = given()
  await silence()
  clock.ms += 5_000

  const probe = await enter()
  const others = [enter(), enter()]
  probe('silent')

  for (const other of others) await expect(other).rejects.toMatchObject(refused)
})

test('a probe that was given up leaves the place to the next who waits, and to one only', async () => {
  const { clock, enter, silence } = given()
  await silence()
  clock.ms += 5_000
  const entered: string[] = []

  const first = await enter()
  const second = enter().then((end) => {
    entered.push('second')
    return end
  })
  const third = enter().then((end) => {
    entered.push('third')
    return end
  })
  first('unknown')
  const end = await second
  await new Promise(setImmediate)
  expect(entered).toEqual(['second'])
  end('answered')
  await third

  expect(entered).toEqual(['second', 'third'])
})

test('who waits for a probe waits no longer than it may, and leaves when its run is stopped', async () => {
  const { clock, enter, silence } = given()
  await silence()
  clock.ms += 5_000
  await enter()
  const stop = new AbortController()

  const stopped = enter(stop.signal)
  stop.abort()

  await expect(stopped).rejects.toMatchObject(refused)
  await expect(enter()).rejects.toMatchObject(refused)
})
