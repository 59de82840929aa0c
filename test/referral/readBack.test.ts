import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { missingAfterReadBack, ownerMissing } from '../../src/referral/readBack.ts'

const row = { unique_id: 'a0000000-0000-4000-8000-000000000001', service_type: 'food', service_request_external: true }
const sent = {
  id: '0a000000-0000-4000-8000-000000000001',
  module_id: 'primeromodule-cp',
  owned_by: 'intake',
  name_first: 'Ojulu',
  age: 12,
  date_of_birth: '2014-02-11',
  language: ['language1', 'language2'],
  telephone_current: null,
  services_section: [row],
}
const stored = {
  ...sent,
  case_id: 'c0000000-0000-4000-8000-000000000001',
  status: 'open',
  services_section: [{ ...row }],
}

test('what was sent and stored is not missing', () => {
  expect(missingAfterReadBack(stored, sent)).toEqual([])
})

describe('what Primero writes differently is stored all the same', () => {
  test.each([
    ['a list in another order and with more in it', { language: ['language6', 'language2', 'language1'] }],
    ['a number as text', { age: '12' }],
    ['an empty value as none', { telephone_current: '' }],
    ['a case re-assigned meanwhile', { owned_by: 'cw1' }],
    ['another row beside ours', { services_section: [{ unique_id: 'other' }, row] }],
  ])('%s', (_name, change) => {
    expect(missingAfterReadBack({ ...stored, ...change }, sent)).toEqual([])
  })

  test('a time with or without milliseconds, in any zone', () => {
    const time = { service_response_day_time: '2026-05-04T00:00:00Z' }

    expect(missingAfterReadBack({ service_response_day_time: '2026-05-04T03:00:00.000+03:00' }, time)).toEqual([])
  })
})

describe("D26: fields outside the role's forms vanish without an error; each is named", () => {
  test.each<[string, object, string[]]>([
    ['a field', { name_first: undefined }, ['name_first']],
    ['a null', { date_of_birth: null }, ['date_of_birth']],
    ['another value', { date_of_birth: '2014-02-10' }, ['date_of_birth']],
    ['part of a list', { language: ['language1'] }, ['language']],
    ['the module', { module_id: null }, ['module_id']],
    ['the whole section', { services_section: [] }, ['services_section']],
    ['the row', { services_section: [{ ...row, unique_id: 'other' }] }, ['services_section']],
    ['a field of the row', { services_section: [{ ...row, service_type: null }] }, ['services_section.service_type']],
  ])('%s', (_name, change, missing) => {
    expect(missingAfterReadBack({ ...stored, ...change }, sent)).toEqual(missing)
  })
})

test('D27: an intake user who does not exist leaves a case that nobody sees', () => {
  expect(ownerMissing({ ...stored, owned_by: null })).toBe(true)
  expect(ownerMissing({})).toBe(true)
  expect(ownerMissing(stored)).toBe(false)
})

test('comparing never throws, and names fields, never values', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.jsonValue(), fc.jsonValue(), (body, one, other) => {
      const names = Object.keys(body)
      const missing = missingAfterReadBack({ services_section: one }, { ...body, services_section: other })

      expect(missing.every((name) => names.includes(name) || name.startsWith('services_section'))).toBe(true)
      expect(missingAfterReadBack(body, body).filter((name) => name !== 'services_section')).toEqual([])
    }),
  )
})
