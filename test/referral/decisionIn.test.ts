import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Specification, Unmapped } from '../../src/mapping/types.ts'
import { chooseReferral } from '../../src/referral/decisionIn.ts'
import { readDecision } from '../../src/referral/gateway/dtp/decision.ts'
import { readMessage } from '../../src/referral/gateway/dtp/message.ts'
import { fixture } from './fixture.ts'
import { gambella } from './gambella.ts'

const referralId = 'c0000000-0000-4000-8000-000000000401#5e0000000401'
const row = (more: object = {}) => ({
  progres_orgreferralid: referralId,
  progres_reviewdecision: '125080001',
  ...more,
})
const reason = { progres_interoperabiltyreferralrejectionreason: '125080000' }
const comment = { progres_interoperabilityreferralrejectionomment: 'Not in this camp' }
const read = (more: object) => readDecision(row(more), gambella)
const ofFile = (file: string) => readMessage(fixture(`progres/${file}`)).rows.map((one) => readDecision(one, gambella))

test('a decision is read with case, row and status', () => {
  expect(read({ progres_reviewdecision: '125080000' })).toEqual({
    referralId,
    caseId: 'c0000000-0000-4000-8000-000000000401',
    last12: '5e0000000401',
    status: 'accepted',
  })
})

describe('D75: an unknown code was passed on, and Primero answered 200 and did nothing', () => {
  test.each(['125080003', 'accepted', '', null, undefined, {}, true])('%j is DECISION_CODE_UNKNOWN', (code) => {
    expect(read({ progres_reviewdecision: code })).toEqual({ code: 'DECISION_CODE_UNKNOWN', referralId })
  })

  test('also in the fixture', () => {
    expect(ofFile('decision-unknown-code')).toMatchObject([{ code: 'DECISION_CODE_UNKNOWN' }])
  })
})

describe('D76: a numeric code was not recognised', () => {
  test.each([125080000, '125080000', ' 125080000 '])('%j is accepted', (code) => {
    expect(read({ progres_reviewdecision: code })).toMatchObject({ status: 'accepted' })
  })

  test('also of a reason', () => {
    expect(read({ progres_interoperabiltyreferralrejectionreason: 125080001 })).toMatchObject({
      reason: 'Individual Not Match UNHCR ID',
    })
    expect(ofFile('decision-numeric-codes').every((decision) => 'status' in decision)).toBe(true)
  })
})

test("D86: a rejection closed the child's case; a decision speaks of a referral and of nothing else", () => {
  expect(Object.keys(read({ ...reason, ...comment })).toSorted()).toEqual([
    'caseId',
    'last12',
    'reason',
    'referralId',
    'status',
  ])
})

test('a reason and a comment are one text', () => {
  expect(read({ ...reason, ...comment })).toMatchObject({ reason: 'Individual Not Found: Not in this camp' })
})

describe('D77: a missing comment wrote "Individual Not Found: undefined"', () => {
  test.each([undefined, null, '', '  ', {}])('with the comment %j the reason stands alone', (text) => {
    expect(read({ ...reason, progres_interoperabilityreferralrejectionomment: text })).toMatchObject({
      reason: 'Individual Not Found',
    })
  })

  test('a rejection with neither has no reason', () => {
    expect(read({})).not.toHaveProperty('reason')
  })
})

test('D78: a comment without a reason was dropped; it is the reason', () => {
  expect(read(comment)).toMatchObject({ status: 'rejected', reason: 'Not in this camp' })
  expect(ofFile('decision-rejected-comment-only')).toMatchObject([{ reason: expect.stringMatching(/^[^:]+$/) }])
})

describe('D79: the attribute names are misspelt, in two ways', () => {
  test.each([
    ['progres_interoperabiltyreferralrejectionreason', 'progres_interoperabilityreferralrejectionomment'],
    ['progres_interoperabilityreferralrejectionreason', 'progres_interoperabilityreferralrejectioncomment'],
    ['progres_interoperabilityreferralrejectionreason', 'progres_interoperabiltyreferralrejectioncomment'],
  ])('%s and %s', (reasonName, commentName) => {
    expect(read({ [reasonName]: '125080002', [commentName]: 'Seen in May' })).toMatchObject({
      reason: 'Not applicable: Seen in May',
    })
  })

  test('also in the fixture', () => {
    for (const decision of ofFile('decision-misspelt')) expect(decision).toHaveProperty('reason')
  })
})

test('D87: the reason was taken from the decision; an acceptance has none, whatever the row holds', () => {
  expect(read({ ...reason, ...comment, progres_reviewdecision: '125080000' })).not.toHaveProperty('reason')
})

describe('a rejection with a reason code that nobody listed', () => {
  const unlisted = row({ ...comment, progres_interoperabiltyreferralrejectionreason: '125080099' })
  const withPolicy = (unmapped: Unmapped): Specification => {
    const table = gambella.tables['rejection-reason']
    if (table === undefined) throw new Error('The specification has no rejection reasons.')
    return {
      ...gambella,
      tables: { ...gambella.tables, 'rejection-reason': { ...table, unmapped: { 'to-primero': unmapped } } },
    }
  }

  test('waits for a person where the table says hold', () => {
    expect(readDecision(unlisted, withPolicy('hold'))).toEqual({ code: 'DECISION_CODE_UNKNOWN', referralId })
  })

  test('reaches the case worker with the text that the table names', () => {
    expect(readDecision(unlisted, withPolicy({ use: 'Another reason' }))).toMatchObject({
      status: 'rejected',
      reason: 'Another reason: Not in this camp',
    })
  })
})

describe('D80: a decision that fitted no referral was a success', () => {
  test('an id that is none of ours keeps its text as the key of the record', () => {
    expect(read({ progres_orgreferralid: 'no-hash-in-it' })).toEqual({
      code: 'REFERRAL_UNKNOWN',
      referralId: 'no-hash-in-it',
    })
  })

  test('a sentence in its place is no key', () => {
    expect(read({ progres_orgreferralid: 'Nyakim was here' })).toEqual({ code: 'REFERRAL_UNKNOWN' })
  })

  test('D82: one bad row stopped the batch; the good rows are read', () => {
    expect(ofFile('decision-batch-with-bad-rows').map((one) => ('status' in one ? one.status : one.code))).toEqual([
      'REFERRAL_UNKNOWN',
      expect.stringMatching(/accepted|rejected/),
      expect.stringMatching(/accepted|rejected/),
    ])
  })
})

describe('the referral that a decision is about', () => {
  const unhcr = 'unhcr_cw'
  const referral = (id: string, more: object = {}) => ({
    id,
    status: 'in_progress',
    transitioned_to: unhcr,
    service_record_id: '50000000-0000-4000-8000-5E0000000401',
    created_at: '2026-05-04T08:00:00.000Z',
    ...more,
  })
  const choose = (referrals: readonly object[], status = 'accepted') =>
    chooseReferral(
      referrals.map((one) => ({ ...one })),
      '5e0000000401',
      unhcr,
      status,
    )

  test('is the open one of its service row', () => {
    const wanted = referral('a')
    const other = referral('b', { service_record_id: '50000000-0000-4000-8000-5e0000000402' })

    expect(choose([other, wanted])).toEqual({ apply: wanted })
  })

  test('D83: an old referral was taken where a new one was open', () => {
    const old = referral('old', { status: 'rejected', created_at: '2026-05-01T08:00:00.000Z' })
    const open = referral('open')

    expect(choose([old, open])).toEqual({ apply: open })
    expect(choose([open, old], 'rejected')).toEqual({ apply: open })
  })

  test('of two open ones it is the youngest', () => {
    const young = referral('young', { created_at: '2026-05-05T08:00:00.000Z' })

    expect(choose([referral('a'), young, referral('b')])).toEqual({ apply: young })
  })

  test('with the same status already it is unchanged', () => {
    const accepted = referral('a', { status: 'accepted' })

    expect(choose([accepted])).toEqual({ unchanged: accepted })
  })

  test.each(['revoked', 'rejected', 'done'])(
    'D83: an acceptance of a %s referral would be answered 200 and change nothing',
    (status) => {
      expect(choose([referral('a', { status })])).toEqual({ code: 'REFERRAL_NOT_OPEN' })
    },
  )

  test('the youngest tells: a late decision on a revoked referral is not covered by an older one', () => {
    const older = referral('a', { status: 'accepted', created_at: '2026-05-01T08:00:00.000Z' })

    expect(choose([older, referral('b', { status: 'revoked' })])).toEqual({ code: 'REFERRAL_NOT_OPEN' })
  })

  test('two service rows with the same last 12 characters are told apart by a person', () => {
    const twin = referral('b', { service_record_id: '60000000-0000-4000-8000-5e0000000401' })

    expect(choose([referral('a'), twin])).toEqual({ code: 'CASE_AMBIGUOUS' })
  })

  test.each<[string, object[]]>([
    ['no referral at all', []],
    ['one to somebody else', [referral('a', { transitioned_to: 'cw2' })]],
    ['one without a service row', [referral('a', { service_record_id: '' })]],
    ['one whose row is not named', [referral('a', { service_record_id: undefined })]],
  ])('D80: %s is unknown', (_name, referrals) => {
    expect(choose(referrals)).toEqual({ code: 'REFERRAL_UNKNOWN' })
  })
})

test('reading and choosing never throw, and no text says undefined', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.jsonValue(), (more, value) => {
      const decision = read({ ...more, progres_interoperabiltyreferralrejectionreason: value })
      if ('reason' in decision) expect(decision.reason).not.toMatch(/undefined|\[object/)
      chooseReferral(
        [more, { ...more, transitioned_to: 'unhcr_cw', service_record_id: value }],
        '5e0000000401',
        'unhcr_cw',
        'accepted',
      )
    }),
  )
})
