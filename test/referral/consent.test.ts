import { describe, expect, test } from 'vitest'
import { consentProblem } from '../../src/referral/consent.ts'
import { gambella } from './gambella.ts'

const settings = {
  consent: {
    must_be_true: ['consent_for_services', 'disclosure_other_orgs'],
    must_not_be_false: ['unhcr_export_opt_in'],
    valid_until: [],
  },
}
const given = { consent_for_services: true, disclosure_other_orgs: true }
const today = '2026-06-15'

const yes = [true, 'true']
const empty = [null, undefined, '', '  ', []]
const no = [
  false,
  'false',
  'False',
  ' True ',
  'TRUE',
  'yes',
  'no',
  '1',
  1,
  0,
  Number.NaN,
  [true],
  ['true'],
  { true: true },
]
const all = [...yes, ...empty, ...no]

describe('D55: consent was never looked at', () => {
  describe.each(['consent_for_services', 'disclosure_other_orgs'])('%s must be true', (field) => {
    test.each(yes)('%j is consent', (value) => {
      expect(consentProblem({ ...given, [field]: value }, settings, today)).toBeUndefined()
    })

    test.each([...empty, ...no])('%j is none', (value) => {
      expect(consentProblem({ ...given, [field]: value }, settings, today)).toBe('CONSENT_MISSING')
    })
  })

  describe('unhcr_export_opt_in must not be false', () => {
    test.each([...yes, ...empty])('%j is no objection', (value) => {
      expect(consentProblem({ ...given, unhcr_export_opt_in: value }, settings, today)).toBeUndefined()
    })

    test.each(no)('%j is one', (value) => {
      expect(consentProblem({ ...given, unhcr_export_opt_in: value }, settings, today)).toBe('EXPORT_OPTED_OUT')
    })
  })

  test('a case without any consent field stays', () => {
    expect(consentProblem({}, settings, today)).toBe('CONSENT_MISSING')
  })

  test('the truth table: of all spellings of the three fields, those go that say yes, yes and not no', () => {
    const places = all.map((_, index) => index)
    const isYes = (place: number) => place < yes.length
    const isNoNo = (place: number) => place < yes.length + empty.length
    const row = (places: readonly number[]) => {
      const [consent_for_services, disclosure_other_orgs, unhcr_export_opt_in] = places.map((place) => all[place])
      return { consent_for_services, disclosure_other_orgs, unhcr_export_opt_in }
    }

    const table = places.flatMap((a) => places.flatMap((b) => places.map((c) => [a, b, c] as const)))
    const wrong = table.filter(
      (places) =>
        (consentProblem(row(places), settings, today) === undefined) !==
        (isYes(places[0]) && isYes(places[1]) && isNoNo(places[2])),
    )

    expect(table).toHaveLength(all.length ** 3)
    expect(wrong.map(row)).toEqual([])
    expect(table.filter(([a, b, c]) => isYes(a) && isYes(b) && isNoNo(c))).toHaveLength(2 * 2 * 7)
  })

  test('the consent rule of the reference country is the one of this table', () => {
    expect(gambella.settings.consent).toEqual(settings.consent)
  })
})

describe('consent that is given until a day, where a country maps one', () => {
  const limited = { consent: { ...settings.consent, valid_until: ['consent_valid_until'] } }
  const on = (consent_valid_until: unknown) => consentProblem({ ...given, consent_valid_until }, limited, today)

  test.each(['2026-06-15', '2026-06-16', '2026-06-15T00:00:00.000Z', '2026/06/16', '15-Jun-2026'])(
    '%s holds',
    (day) => {
      expect(on(day)).toBeUndefined()
    },
  )

  test.each(empty)('%j: no day is recorded, and it holds for the one referral', (value) => {
    expect(on(value)).toBeUndefined()
  })

  test.each(['2026-06-14', '2025-12-31', '1-Jan-2026'])('%s is over', (day) => {
    expect(on(day)).toBe('CONSENT_EXPIRED')
  })

  test.each(['never', '15/06/2027', '2027-02-30', true, 20270101, { date: '2027-01-01' }, ['2027-01-01']])(
    '%j cannot be read, so it is over',
    (value) => {
      expect(on(value)).toBe('CONSENT_EXPIRED')
    },
  )

  test('a day gives no consent where there is none, and a country that maps no field does not look', () => {
    const future = { consent_valid_until: '2027-01-01' }

    expect(consentProblem({ ...given, disclosure_other_orgs: false, ...future }, limited, today)).toBe(
      'CONSENT_MISSING',
    )
    expect(consentProblem({ ...given, unhcr_export_opt_in: false, ...future }, limited, today)).toBe('EXPORT_OPTED_OUT')
    expect(consentProblem({ ...given, consent_valid_until: '2020-01-01' }, settings, today)).toBeUndefined()
  })
})
