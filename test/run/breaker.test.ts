import { describe, expect, test } from 'vitest'
import { ask, type Breaker, closed, hear, type Leave } from '../../src/run/breaker.ts'

const restMs = 5_000
const four: Breaker = { state: 'closed', silences: 4, sinceMs: 100 }
const open: Breaker = { state: 'open', sinceMs: 100, fromMs: 1_000, untilMs: 6_000 }
const probing: Breaker = { state: 'probing', sinceMs: 100 }

describe('whether one more request may be made', () => {
  const rows: readonly [Breaker, number, Leave, Breaker][] = [
    [closed, 1_000, 'go', closed],
    [four, 1_000, 'go', four],
    [open, 1_000, 'refuse', open],
    [open, 5_999, 'refuse', open],
    [open, 6_000, 'probe', probing],
    // The clock was set back.
    [open, 999, 'probe', probing],
    [probing, 6_000, 'wait', probing],
  ]
  test.each(rows)('%j at %i: %s', (before, nowMs, leave, next) => {
    expect(ask(before, nowMs)).toEqual({ leave, next })
  })
})

describe('what is known after a request', () => {
  const later = { state: 'open', sinceMs: 100, fromMs: 9_000, untilMs: 14_000 } as const
  const rows: readonly [Breaker, Parameters<typeof hear>[1]['heard'], boolean, Breaker][] = [
    [closed, 'answered', false, closed],
    [closed, 'unknown', false, closed],
    [closed, 'silent', false, { state: 'closed', silences: 1, sinceMs: 9_000 }],
    [{ state: 'closed', silences: 3, sinceMs: 100 }, 'silent', false, four],
    [four, 'silent', false, later],
    [four, 'unknown', false, four],
    // One record that gets no answer is no outage while others get theirs.
    [four, 'answered', false, closed],
    // Requests that were under way when it opened.
    [open, 'answered', false, closed],
    [open, 'silent', false, later],
    [open, 'unknown', false, open],
    [probing, 'silent', false, probing],
    [probing, 'unknown', false, probing],
    [probing, 'answered', false, closed],
    [probing, 'answered', true, closed],
    [probing, 'silent', true, later],
    // It learned nothing: the next may probe at once.
    [probing, 'unknown', true, { ...later, untilMs: 9_000 }],
  ]
  test.each(rows)('%j, %s, probe %s: %j', (before, heard, isProbe, after) => {
    expect(hear(before, { heard, isProbe, nowMs: 9_000, restMs })).toEqual(after)
  })
})
