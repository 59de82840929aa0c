import { describe, expect, it } from 'vitest'
import { deadline, isGivenUp, isLastAttempt, nextAttemptAt, notBefore } from '../../src/run/retry.ts'

const rules = { waitsMs: [5_000, 30_000, 120_000], retryForMs: 600_000 }
const since = new Date('2026-05-04T08:00:00.000Z')
const instant = (ms: number) => new Date(since.getTime() + ms)
const waitOf = (given: { attempt: number; nowMs?: number; random?: number; retryAfterMs?: number }) => {
  const now = instant(given.nowMs ?? 0)
  const at = nextAttemptAt(rules, {
    attempt: given.attempt,
    since,
    now,
    random: given.random ?? 0,
    retryAfterMs: given.retryAfterMs,
  })
  return at.getTime() - now.getTime()
}

describe('nextAttemptAt', () => {
  it.each([
    ['the first wait after the first attempt', { attempt: 1 }, 5_000],
    ['the third wait after the third attempt', { attempt: 3 }, 120_000],
    ['the last wait again after that', { attempt: 9 }, 120_000],
    ['a wait stretched by up to a fifth', { attempt: 1, random: 0.999 }, 5_999],
    ['a longer Retry-After', { attempt: 1, retryAfterMs: 60_000 }, 60_000],
    ['the wait where Retry-After is shorter: a wait is never shortened', { attempt: 2, retryAfterMs: 1_000 }, 30_000],
    ['the end of RETRY_FOR where the wait would pass it', { attempt: 3, nowMs: 550_000 }, 50_000],
    ['a Retry-After that passes the end of RETRY_FOR', { attempt: 3, nowMs: 550_000, retryAfterMs: 90_000 }, 90_000],
    ['the plain wait once RETRY_FOR is over', { attempt: 4, nowMs: 600_000 }, 120_000],
  ] as const)('gives %s', (_, given, expected) => {
    expect(Math.floor(waitOf(given))).toBe(expected)
  })
})

describe('the end of RETRY_FOR', () => {
  it('makes every attempt from then on a last attempt, and after twice the time nothing is tried', () => {
    expect(deadline(rules, since)).toEqual(instant(600_000))
    expect([599_999, 600_000].map((ms) => isLastAttempt(rules, since, instant(ms)))).toEqual([false, true])
    expect([1_199_999, 1_200_000].map((ms) => isGivenUp(rules, since, instant(ms)))).toEqual([false, true])
  })
})

describe('how far the end of an outage brings an attempt forward', () => {
  it.each([
    ['to half a minute after the last attempt', 21_600_000, 0, 30_000],
    ['to the end of a longer Retry-After', 21_600_000, 600_000, 600_000],
    ['not at all where it is due by then', 30_000, 0, undefined],
    ['not at all where Retry-After is what it waits for', 600_000, 600_000, undefined],
  ])('is %s', (_, dueMs, retryAfterMs, expected) => {
    const earliest = notBefore(instant(dueMs), since, retryAfterMs)

    expect(earliest).toEqual(expected === undefined ? undefined : instant(expected))
  })
})
