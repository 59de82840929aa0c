import { createHmac } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { brokenChain, type Head, linkOf, nothing } from '../../src/store/auditChain.ts'
import type { AuditRow } from '../../src/store/types.ts'

const mac = (text: string) => createHmac('sha256', 'the store’s key').update(text).digest('hex')

/** A log of a thousand entries, as a year of a small site leaves it. */
const log = Array.from({ length: 1000 }, (_, i): Omit<AuditRow, 'hash'> => {
  const at = new Date(Date.UTC(2026, 0, 1) + i * 3_600_000).toISOString()
  if (i % 7 === 0) return { n: i + 1, at, actor: 'almaz', act: 'entry replayed', object: `entry-${i}`, code: null }
  return { n: i + 1, at, actor: 'exchange', act: 'effect', object: `system/referral/${i}/1`, code: 'done' }
}).reduce<AuditRow[]>((rows, row) => {
  rows.push({ ...row, hash: mac(linkOf(rows.at(-1)?.hash ?? nothing.hash, row)) })
  return rows
}, [])
const before = (i: number): Head => log[i - 1] ?? nothing

test('an untouched log of a thousand entries holds', () => {
  expect(brokenChain(log, mac)).toBeUndefined()
})

test('every byte of every entry that is altered is found at that entry', () => {
  let bytes = 0
  const missed: string[] = []
  for (const [i, row] of log.entries()) {
    // What stands before the altered entry is as it was, so the walk may begin there.
    for (const mutant of mutantsOf(row)) {
      bytes++
      if (brokenChain([mutant, ...log.slice(i + 1, i + 3)], mac, before(i))?.n !== i + 1) missed.push(`${i} ${bytes}`)
    }
  }

  expect(missed).toEqual([])
  expect(bytes).toBeGreaterThan(100_000)
})

test('an altered entry is found from the beginning of the log as well', () => {
  for (const i of [0, 1, 499, 998, 999]) {
    const rows = log.map((row, at) => (at === i ? { ...row, code: 'refused' } : row))

    expect(brokenChain(rows, mac)).toEqual({ n: i + 1, what: 'altered' })
  }
})

test('each entry that is dropped is found', () => {
  for (const i of log.keys()) {
    if (i === log.length - 1) continue
    expect(brokenChain([log[i + 1] ?? fail()], mac, before(i))).toEqual({ n: i + 1, what: 'missing' })
  }
})

test('each two neighbours that change places are found, with their numbers or without', () => {
  for (const i of log.keys()) {
    const [a, b] = [log[i], log[i + 1]]
    if (a === undefined || b === undefined) continue
    expect(brokenChain([b, a], mac, before(i))).toEqual({ n: i + 1, what: 'missing' })
    expect(
      brokenChain(
        [
          { ...b, n: a.n },
          { ...a, n: b.n },
        ],
        mac,
        before(i),
      ),
    ).toEqual({ n: i + 1, what: 'altered' })
  }
})

describe('who can write the store and has no data key', () => {
  test('cannot put an entry in, nor seal an altered one anew', () => {
    const forger = (text: string) => createHmac('sha256', 'another key').update(text).digest('hex')
    const [first, second] = [log[0] ?? fail(), log[1] ?? fail()]
    const altered = { ...second, object: 'system/referral/other/1' }
    const sealed = { ...altered, hash: forger(linkOf(first.hash, altered)) }

    expect(brokenChain([first, sealed, ...log.slice(2)], mac)).toEqual({ n: 2, what: 'altered' })
  })

  test('cannot move text from one column into its neighbour', () => {
    const row = log[1] ?? fail()
    const moved = { ...row, actor: `${row.actor}","effect`, act: 'effect' as const }

    expect(brokenChain([moved], mac, before(1))).toEqual({ n: 2, what: 'altered' })
  })
})

/** The entry once for each byte of it, with that byte changed; and with each column emptied or filled. */
function* mutantsOf(row: AuditRow): Generator<AuditRow> {
  for (const name of ['at', 'actor', 'act', 'object', 'code', 'hash'] as const) {
    const text = row[name]
    if (text === null) {
      yield { ...row, [name]: '' }
      continue
    }
    if (name === 'object' || name === 'code') yield { ...row, [name]: null }
    for (let at = 0; at < text.length; at++) {
      const changed = String.fromCharCode(text.charCodeAt(at) ^ 1)
      yield { ...row, [name]: `${text.slice(0, at)}${changed}${text.slice(at + 1)}` }
    }
  }
  yield { ...row, n: row.n ^ 1 }
}

function fail(): never {
  throw new Error('The log has no such entry.')
}
