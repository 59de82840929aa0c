import { describe, expect, it } from 'vitest'
import { ExchangeError } from '../../src/errors/ExchangeError.ts'
import { fateOf } from '../../src/run/fate.ts'
import type { Outcome } from '../../src/run/services.ts'
import type { RunResult } from '../../src/run/types.ts'

const rules = { waitsMs: [5_000], retryForMs: 600_000 }
const since = '2026-05-04T08:00:00.000Z'
const claim = {
  id: 'entry',
  runId: 'run',
  workflow: 'flow',
  kind: 'webhook',
  payload: '["a","b","c"]',
  attempt: 1,
  retrySince: since,
  fence: 1,
  wasStuck: false,
} as const
const success: RunResult = { state: 'success', final: {}, errors: [], thrown: [], uncaught: [], steps: ['step'] }
const failed = (error: unknown): RunResult => ({ ...success, state: 'failed', thrown: [error], uncaught: [error] })
const due = '2026-05-04T08:10:00.000Z'

function fate(outcomes: readonly Outcome[], result = success, minutes = 0, lastAttempt = false) {
  return fateOf({
    claim,
    result,
    outcomes,
    rules,
    lastAttempt,
    now: new Date(Date.parse(since) + minutes * 60_000),
    random: 0,
    keepOpen: (payload, open) => JSON.stringify(JSON.parse(payload).filter((key: string) => open.has(key))),
  })
}

const delivered: Outcome = { key: 'a', outcome: 'delivered', code: 'DELIVERED' }
const refused: Outcome = { key: 'b', outcome: 'refused', code: 'FIELDS_MISSING' }
const later: Outcome = { key: 'c', outcome: 'waiting', code: 'REMOTE_DOWN', next: 'later' }
const person: Outcome = { key: 'b', outcome: 'waiting', code: 'OWNER_UNKNOWN', next: 'person' }

describe('fateOf', () => {
  it.each([
    ['every record is final: done, payload erased', [delivered, refused], { state: 'done' }],
    [
      'one record waits: waiting, with that record alone',
      [delivered, later],
      { state: 'waiting', code: 'REMOTE_DOWN', dueAt: '2026-05-04T08:00:05.000Z', payload: '["c"]' },
    ],
    [
      'one waits and one needs a person: both are kept and retried',
      [person, later],
      { state: 'waiting', code: 'REMOTE_DOWN', dueAt: '2026-05-04T08:00:05.000Z', payload: '["b","c"]' },
    ],
    [
      'one needs a person: stuck, and its sender is owed an answer when RETRY_FOR ends',
      [delivered, person],
      { state: 'stuck', code: 'OWNER_UNKNOWN', payload: '["b"]', dueAt: due },
    ],
    [
      'a Retry-After longer than the wait is obeyed',
      [{ ...later, retryAfterMs: 60_000 }],
      { state: 'waiting', code: 'REMOTE_DOWN', dueAt: '2026-05-04T08:01:00.000Z', payload: '["c"]' },
    ],
    [
      'a final record that a person must see keeps its part',
      [delivered, { ...refused, stuck: 'keep' }],
      { state: 'stuck', code: 'FIELDS_MISSING', payload: '["b"]' },
    ],
    [
      'a message of no known kind is kept whole',
      [{ ...refused, key: 'message', stuck: 'keep_whole' }],
      { state: 'stuck', code: 'FIELDS_MISSING', payload: claim.payload },
    ],
    [
      'a refused feedback erases the payload',
      [{ ...refused, stuck: 'erase' }],
      { state: 'stuck', code: 'FIELDS_MISSING' },
    ],
  ] as const)('%s', (_, outcomes, expected) => {
    expect(fate(outcomes as readonly Outcome[])).toEqual(expected)
  })

  it('a message that no step took is kept for a person', () => {
    expect(fate([], { ...success, steps: [] })).toMatchObject({
      state: 'stuck',
      code: 'MESSAGE_UNRECOGNISED',
      payload: claim.payload,
    })
  })

  it('a step that could not go on now is tried again with the whole payload', () => {
    const error = new ExchangeError('down', { code: 'REMOTE_DOWN', retry: 'later' })
    expect(fate([delivered], failed(error))).toMatchObject({ state: 'waiting', payload: claim.payload })
  })

  it('a bug after which other steps ran is a bug all the same: nothing is done that nobody has answered for', () => {
    const bug = new TypeError('x')
    const ranOn: RunResult = { ...success, thrown: [bug], uncaught: [bug], steps: ['step', 'report'] }

    expect(fate([], ranOn)).toMatchObject({ state: 'stuck', code: 'UNFORESEEN', payload: claim.payload })
    expect(fate([], { ...ranOn, uncaught: [] })).toEqual({ state: 'done' })
  })

  it('a bug goes to a person at once, payload kept, and is never retried', () => {
    expect(fate([delivered], failed(new TypeError('x')))).toEqual({
      state: 'stuck',
      code: 'UNFORESEEN',
      payload: claim.payload,
      dueAt: due,
    })
  })

  it('with the last attempt nobody is owed an answer any more', () => {
    expect(fate([{ ...person, code: 'RETRY_EXHAUSTED' }], success, 10, true)).toEqual({
      state: 'stuck',
      code: 'RETRY_EXHAUSTED',
      payload: '["b"]',
    })
  })

  it('a sender who could not be told with the last attempt is owed the answer for another RETRY_FOR; the entry is stuck', () => {
    const stuck = { state: 'stuck', code: 'RETRY_EXHAUSTED', payload: '["c"]' }
    expect(fate([later], success, 10, true)).toEqual({ ...stuck, dueAt: '2026-05-04T08:10:05.000Z' })
    expect(fate([later], success, 20, true)).toEqual(stuck)
  })

  it('an attempt that began before the end of RETRY_FOR is not the last one, however long it took', () => {
    expect(fate([later], success, 30)).toMatchObject({ state: 'waiting', dueAt: '2026-05-04T08:30:05.000Z' })
    expect(fate([person], success, 30)).toMatchObject({ state: 'stuck', code: 'OWNER_UNKNOWN', dueAt: due })
  })
})
