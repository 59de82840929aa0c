import { expect, test } from 'vitest'
import { createGate } from '../../src/adaptors/http/gate.ts'
import { retryAfterMs } from '../../src/adaptors/http/retryAfter.ts'

const now = new Date('2026-05-04T08:00:00Z')

test.each([
  ['60', 60_000],
  [' 5 ', 5000],
  ['0', 0],
  ['3600', 3_600_000],
  ['86400', 3_600_000],
  ['Mon, 04 May 2026 08:01:00 GMT', 60_000],
  ['Monday, 04-May-26 08:01:00 GMT', 60_000],
  ['Mon May  4 08:01:00 2026', 60_000],
  ['Mon, 04 May 2026 20:00:00 GMT', 3_600_000],
  ['Mon, 04 May 2026 07:00:00 GMT', 0],
  ['-5', undefined],
  ['1.5', undefined],
  ['1e9', undefined],
  ['', undefined],
  ['soon', undefined],
  ['2026-05-04T08:01:00Z', undefined],
  ['Mon, 99 May 2026 08:01:00 GMT', undefined],
  [undefined, undefined],
] as const)('Retry-After %o is %o ms', (header, expected) => {
  expect(retryAfterMs(header, now)).toBe(expected)
})

test('of a repeated Retry-After the first counts', () => {
  expect(retryAfterMs(['10', '20'], now)).toBe(10_000)
})

test('those who wait enter in the order they came, and room is given back after a failure', async () => {
  const gate = createGate(() => 1)
  const order: number[] = []

  const results = await Promise.allSettled(
    [1, 2, 3].map((number) =>
      gate.pass(async () => {
        order.push(number)
        if (number === 1) throw new Error('failed')
        return number
      }),
    ),
  )

  expect(order).toEqual([1, 2, 3])
  expect(results.map((result) => result.status)).toEqual(['rejected', 'fulfilled', 'fulfilled'])
})

test('turned away for a while: those who wait and those who come; then it opens again', async () => {
  let clock = 0
  const gate = createGate(
    () => 1,
    () => clock,
  )
  let leave = () => {}
  const inside = gate.pass(() => new Promise<string>((resolve) => (leave = () => resolve('done'))))
  const waiting = gate.pass(async () => 'never')

  gate.turnAway(() => new Error('resting'), 1000)
  const coming = gate.pass(async () => 'never')

  await expect(waiting).rejects.toThrow('resting')
  await expect(coming).rejects.toThrow('resting')
  leave()
  await expect(inside).resolves.toBe('done')
  clock = 1000
  await expect(gate.pass(async () => 'open')).resolves.toBe('open')
})

test('closed for good is not opened by a later rest', async () => {
  let clock = 0
  const gate = createGate(
    () => 1,
    () => clock,
  )

  gate.turnAway(() => new Error('closed'), Number.POSITIVE_INFINITY)
  gate.turnAway(() => new Error('resting'), 1)
  clock = 1e9

  await expect(gate.pass(async () => 'never')).rejects.toThrow('closed')
})
