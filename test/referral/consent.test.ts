import { describe, expect, test } from 'vitest'
import { consentProblem } from '../../src/referral/consent.ts'

const settings = {
  consent: {
    must_be_true: ['consent_for_services', 'disclosure_other_orgs'],
    must_not_be_false: ['unhcr_export_opt_in'],
  },
}
const given = { consent_for_services: true, disclosure_other_orgs: true }

const yes = [true, 'true']
const no = [false, 'false', ' True ', 'TRUE', null, undefined, '', 'yes', 1, 0, [true], { true: true }]

describe('D55: consent was never looked at', () => {
  describe.each(['consent_for_services', 'disclosure_other_orgs'])('%s must be true', (field) => {
    test.each(yes)('%j is consent', (value) => {
      expect(consentProblem({ ...given, [field]: value }, settings)).toBeUndefined()
    })

    test.each(no)('%j is none', (value) => {
      expect(consentProblem({ ...given, [field]: value }, settings)).toBe('CONSENT_MISSING')
    })
  })

  describe('unhcr_export_opt_in must not be false', () => {
    test.each([...yes, null, undefined, ''])('%j is no objection', (value) => {
      expect(consentProblem({ ...given, unhcr_export_opt_in: value }, settings)).toBeUndefined()
    })

    test.each([false, 'false', 'False', 'no', 0])('%j is one', (value) => {
      expect(consentProblem({ ...given, unhcr_export_opt_in: value }, settings)).toBe('EXPORT_OPTED_OUT')
    })
  })

  test('a case without any consent field stays', () => {
    expect(consentProblem({}, settings)).toBe('CONSENT_MISSING')
  })
})
