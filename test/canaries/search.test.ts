import { describe, expect, test } from 'vitest'
import { formsOf } from './forms.ts'
import { searchFor } from './search.ts'
import { canaryMaker, type Kind } from './words.ts'

const make = canaryMaker()
const kinds: readonly Kind[] = ['word', 'word', 'word', 'word', 'email', 'phone', 'day', 'individual', 'group', 'guid']
const canaries = Object.fromEntries(kinds.map((kind, n) => [`${kind} ${n}`, make(kind)]))
const search = searchFor(canaries)

/** Bytes as they stand in a store or a heap, and always the same. */
const noise = Buffer.from(Array.from({ length: 50_000 }, (_, n) => (Math.imul(n, n + 7919) >>> 7) & 0xff))

const leaks = Object.entries(canaries).flatMap(([field, canary]) =>
  formsOf(canary).map(({ name, bytes }) => [`${field} as ${name}`, bytes] as const),
)

describe('the search for canaries', () => {
  test('finds nothing where there is nothing', () => {
    expect(search(noise)).toEqual([])
    expect(search('')).toEqual([])
  })

  test.each(leaks)('finds %s, alone in much else, at its begin and at its end', (leak, bytes) => {
    for (const around of [
      [noise, bytes, noise],
      [bytes, noise],
      [noise, bytes],
    ])
      expect(search(Buffer.concat(around))).toContain(leak)
  })

  test('knows the writings of Latin, Geʽez and Arabic, ASCII letters in either case', () => {
    const some = { name: 'Ñyamal ሰላም سلام' }
    const find = searchFor(some)

    expect(find('x="ñYAMAL ሰላም سلام"')).toContain('name as lower case')
    expect(find('x="ÑYAMAL ሰላም سلام"')).toContain('name as UTF-8')
    expect(find(JSON.stringify(some))).toContain('name as UTF-8')
    expect(find('\\u00d1yamal \\u1230\\u120b\\u121d \\u0633\\u0644\\u0627\\u0645')).toContain('name as JSON-escaped')
    expect(find('\\u00D1yamal \\u1230\\u120B\\u121D \\u0633\\u0644\\u0627\\u0645')).toContain('name as JSON-escaped')
    expect(find(encodeURI(some.name))).toContain('name as URL-encoded')
    expect(find(new URLSearchParams({ q: some.name }).toString())).toContain('name as form-encoded')
    expect(find([...some.name].toReversed().join(''))).toContain('name as reversed')
    expect(find(Buffer.from(some.name).toString('hex').toUpperCase())).toContain('name as hex')
  })

  test.each([0, 1, 2, 3, 4])('finds base64 of a longer text in which it begins at byte %i', (before) => {
    const text = `${'#'.repeat(before)}${canaries['word 1']} and more`

    expect(search(Buffer.from(text).toString('base64'))).toContain(`word 1 as base64 after ${before % 3} bytes`)
    expect(search(JSON.stringify({ state: Buffer.from(text).toString('base64url') }))).not.toEqual([])
  })
})

test('a day is known in the orders of other calendars', () => {
  const find = searchFor({ born: '2011-03-07' })

  for (const text of ['07/03/2011', '03/07/2011', '07.03.2011', new Date(Date.UTC(2011, 2, 7)).toDateString()])
    expect(find(`born ${text}.`)).toEqual(['born as another order'])
})
