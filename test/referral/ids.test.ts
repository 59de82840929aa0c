import fc from 'fast-check'
import { expect, test } from 'vitest'
import { caseRecordId, parseReferralId, referralIdOf, serviceRowId } from '../../src/referral/ids.ts'

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

test('D4: a resend added the service row once more; an intervention has one row id for ever', () => {
  expect(serviceRowId('990-26-PRTITV-0000123')).toBe('80c68c38-3d18-5ce5-a1f5-15e8215fd571')
  expect(serviceRowId(' 990-26-PRTITV-0000123 ')).toBe(serviceRowId('990-26-PRTITV-0000123'))
})

test('a child has one case id for ever, and it is not the row id of the same text', () => {
  expect(caseRecordId('990-00000123')).toBe('ee3d2722-d92f-555f-b315-170c3567bbd3')
  expect(caseRecordId('990-00000123')).not.toBe(serviceRowId('990-00000123'))
})

test('ids are lower-case UUIDs of version 5, different for different numbers', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (one, other) => {
      expect(caseRecordId(one)).toMatch(uuid)
      expect(serviceRowId(one)).toMatch(uuid)
      expect(caseRecordId(one) === caseRecordId(other)).toBe(one.trim() === other.trim())
    }),
  )
})

test('a referral id is the case id, # and the last 12 characters of the service row, 49 in all', () => {
  const id = referralIdOf('c0000000-0000-4000-8000-000000000401', '50000000-0000-4000-8000-5E0000000401')

  expect(id).toBe('c0000000-0000-4000-8000-000000000401#5e0000000401')
  expect(id).toHaveLength(49)
})

test('a referral id that comes back is read into its two parts', () => {
  fc.assert(
    fc.property(fc.uuid(), fc.uuid(), (caseId, rowId) => {
      expect(parseReferralId(` ${referralIdOf(caseId, rowId)} `)).toEqual({ caseId, last12: rowId.slice(-12) })
    }),
  )
})

test.each([
  '',
  '#',
  'no-hash-in-it',
  'c0000000-0000-4000-8000-000000000401',
  'c0000000-0000-4000-8000-000000000401#5e00000004',
  'c0000000-0000-4000-8000-000000000401#5e0000000401#5e0000000401',
  'one,two#5e0000000401',
  '1..9#5e0000000401',
  '#5e0000000401',
])('%j is no referral id: its first part would go into a search', (text) => {
  expect(parseReferralId(text)).toBeUndefined()
})
