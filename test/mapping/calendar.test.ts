import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ageOn, dayMeant, instantOf, readStamp, today } from '../../src/mapping/calendar.ts'

function day(text: string, cutoff?: string) {
  const stamp = readStamp(text)
  return stamp === undefined ? undefined : dayMeant(stamp, cutoff)
}

describe('the day that a birth date means', () => {
  // D14: the day was cut out of a UTC stamp; a birth at local midnight east of Greenwich became the day before.
  it.each([
    ['2012-03-03T21:00:00Z', '2012-03-04'],
    ['2012-03-03T17:00:00Z', '2012-03-04'],
    ['2012-03-04T00:00:00Z', '2012-03-04'],
    ['2012-03-04T11:59:59.999Z', '2012-03-04'],
    ['2012-03-04T12:00:00Z', '2012-03-05'],
    ['2012-12-31T21:00:00.0000000Z', '2013-01-01'],
    ['2012-02-28T21:00:00Z', '2012-02-29'],
    ['2012-03-04T00:00:00+03:00', '2012-03-04'],
    ['2012-03-04T00:00:00-0500', '2012-03-04'],
    ['2012-03-04T00:00:00', '2012-03-04'],
    ['2012-03-04', '2012-03-04'],
    ['2012/3/4', '2012-03-04'],
    ['04-Mar-2012', '2012-03-04'],
    ['4 mar 2012', '2012-03-04'],
  ])('D14: midnight shifted into the day before lost a day; %s means %s', (text, expected) => {
    expect(day(text, '12:00Z')).toBe(expected)
  })

  it('without a cut-off it is the day as written', () => {
    expect(day('2012-03-03T21:00:00Z')).toBe('2012-03-03')
    expect(day('2012-03-04T00:00:00+03:00')).toBe('2012-03-04')
  })

  it.each([
    '2012-02-30',
    '2013-02-29',
    '22012-01-01',
    '2012-13-01',
    '2012-00-10',
    '0001-01-01T00:00:00Z',
    '1900-01-01',
    '04/03/2012',
    '2012-03-04T25:00:00Z',
    '2012-03-04 and more',
    '31-Feb-2012',
    '12345',
    'yesterday',
    '',
  ])('"%s" is no day', (text) => {
    expect(readStamp(text)).toBeUndefined()
  })

  it('is the same wherever the server stands', () => {
    const zone = process.env.TZ
    try {
      for (const name of ['Africa/Addis_Ababa', 'America/New_York', 'Pacific/Kiritimati', 'UTC']) {
        process.env.TZ = name
        expect(day('2012-03-04', '12:00Z')).toBe('2012-03-04')
        expect(day('2012/03/04')).toBe('2012-03-04')
        expect(day('2012-03-03T21:00:00Z', '12:00Z')).toBe('2012-03-04')
      }
    } finally {
      if (zone === undefined) delete process.env.TZ
      else process.env.TZ = zone
    }
  })

  it('every day since 1901 is read as itself', () => {
    const days = fc.date({ min: new Date('1901-01-01'), max: new Date('2100-12-31'), noInvalidDate: true })
    fc.assert(
      fc.property(days, (at) => {
        const text = at.toISOString()
        expect(day(text.slice(0, 10), '12:00Z')).toBe(text.slice(0, 10))
        const stamp = readStamp(text)
        expect(stamp && new Date(instantOf(stamp)).toISOString()).toBe(text)
      }),
    )
  })

  it('reads any text without an error', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void day(text, '12:00Z')))
  })
})

describe('age', () => {
  // D15: years came from milliseconds; the day before a birthday already counted, and 17 became 18.
  it.each([
    ['2012-03-04', '2026-03-03', 13],
    ['2012-03-04', '2026-03-04', 14],
    ['2008-06-02', '2026-06-01', 17],
    ['2012-02-29', '2025-02-28', 12],
    ['2012-02-29', '2025-03-01', 13],
    ['2026-06-01', '2026-06-01', 0],
  ])('D15: the day before a birthday counted as the birthday; born %s, on %s: %i', (birth, on, years) => {
    expect(ageOn(birth, on)).toBe(years)
  })

  it('today is the day in the country, not in Greenwich', () => {
    const now = new Date('2026-05-31T21:30:00Z')

    expect(today(now, 'Africa/Addis_Ababa')).toBe('2026-06-01')
    expect(today(now, 'UTC')).toBe('2026-05-31')
    expect(today(now, 'America/New_York')).toBe('2026-05-31')
  })
})
