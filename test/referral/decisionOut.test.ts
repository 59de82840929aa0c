import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { contradictoryDecisions, decisionsOf } from '../../src/referral/decisionOut.ts'
import { decisionBody } from '../../src/referral/gateway/dtp/decisionBody.ts'
import { serviceRowId } from '../../src/referral/ids.ts'
import { gambella } from './gambella.ts'

const number = '990-26-PRTITV-0000900'
const row = (more: object = {}) => ({
  unique_id: '50000000-0000-4000-8000-000000000900',
  progres_interventionnumber: number,
  service_referral: 'external_referral',
  service_request_agency: 'UNHCR',
  unhcr_referral_status: 'accepted',
  ...more,
})
const caseOf = (...services_section: unknown[]) => ({
  id: '0a000000-0000-4000-8000-000000000900',
  case_id: 'c0000000-0000-4000-8000-000000000900',
  owned_by: 'cw1',
  services_section,
})
const bodies = (...rows: unknown[]) => decisionsOf(caseOf(...rows), gambella).map(decisionBody)

describe('a decision is told key by key as agreed', () => {
  test('an acceptance', () => {
    expect(JSON.stringify(bodies(row()))).toBe(
      '[{"case_id":"c0000000-0000-4000-8000-000000000900","primero_user":"cw1",' +
        '"progres_interventionnumber":"990-26-PRTITV-0000900","status":"acknowledged",' +
        '"closure_reason":"No reason specified.","request_type":"ReceiveDecisionOutgoingReferral"}]',
    )
  })

  test('a rejection with its reason', () => {
    const rejected = row({ unhcr_referral_status: 'rejected', unhcr_referral_rejection_reason: ' Not in this camp ' })

    expect(bodies(rejected)).toMatchObject([{ status: 'rejected', closure_reason: 'Not in this camp' }])
  })

  test('a rejection without one', () => {
    expect(bodies(row({ unhcr_referral_status: 'rejected', unhcr_referral_rejection_reason: '' }))).toMatchObject([
      { status: 'rejected', closure_reason: 'No reason specified.' },
    ])
  })
})

test("D47: acceptances carried a rejection's text; after a change of mind the old reason is not told", () => {
  expect(bodies(row({ unhcr_referral_rejection_reason: 'Not in this camp' }))).toMatchObject([
    { status: 'acknowledged', closure_reason: 'No reason specified.' },
  ])
})

describe("D39: decisions were filtered by an agency's name, and for four months none was sent", () => {
  test.each(['UNHCR', 'unhcr', '990-26-PNR-00001', '', null, undefined])('the requesting agency %j tells', (agency) => {
    expect(bodies(row({ service_request_agency: agency, service_implementing_agency: 'UNICEF' }))).toHaveLength(1)
  })
})

describe("D40: other agencies' services of the same case were sent to UNHCR", () => {
  test.each<[string, object]>([
    ['a row without an intervention number', { progres_interventionnumber: undefined }],
    ['an internal referral', { service_referral: 'internal_referral' }],
    ['a row that is no referral', { service_referral: null }],
  ])('%s is never sent', (_name, change) => {
    expect(bodies(row(change))).toEqual([])
  })

  test('only the row of proGres is, of several', () => {
    expect(bodies(row({ progres_interventionnumber: null }), row())).toHaveLength(1)
  })
})

describe('D48: a decision without an intervention number was sent all the same', () => {
  test.each(['', '  ', null, undefined, {}, 'a sentence in its place'])('%j is no number', (no) => {
    expect(bodies(row({ progres_interventionnumber: no }))).toEqual([])
  })
})

test.each(['pending', '', null, undefined, 'done', 'Accepted'])('the status %j is no decision', (status) => {
  expect(bodies(row({ unhcr_referral_status: status }))).toEqual([])
})

test('D59: only the first service of a case was looked at; each decided row counts', () => {
  const second = row({ progres_interventionnumber: '990-26-PRTITV-0000901', unhcr_referral_status: 'rejected' })

  expect(bodies(row(), second).map(({ status }) => status)).toEqual(['acknowledged', 'rejected'])
})

test('D37: a missing case_id was replaced by something else; it stays empty', () => {
  const { case_id: _, owned_by: __, ...hidden } = caseOf(row())

  expect(decisionsOf(hidden, gambella).map(decisionBody)).toMatchObject([{ case_id: null, primero_user: null }])
})

describe('two rows of one intervention, as the pilot wrote them', () => {
  const rejected = row({ unhcr_referral_status: 'rejected' })

  test('with one decision are one decision', () => {
    expect(bodies(row(), row({ unhcr_referral_status: 'pending' }), row())).toHaveLength(1)
  })

  test('with two decisions are told by the row that this exchange made', () => {
    const own = row({ unique_id: serviceRowId(number) })

    expect(bodies(rejected, own)).toMatchObject([{ status: 'acknowledged' }])
    expect(contradictoryDecisions(caseOf(rejected, own), gambella)).toEqual([])
  })

  test('with two decisions and no row of ours are told by nobody, and a person is shown the number', () => {
    expect(bodies(rejected, row())).toEqual([])
    expect(contradictoryDecisions(caseOf(rejected, row()), gambella)).toEqual([number])
  })
})

test('reading decisions never throws, whatever a case holds', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.array(fc.jsonValue()), (caseRow, rows) => {
      const mixed = {
        ...caseRow,
        services_section: [...rows, ...rows.map((value) => row({ unhcr_referral_status: value }))],
      }
      decisionsOf(mixed, gambella)
      contradictoryDecisions({ ...caseRow, services_section: rows }, gambella)
    }),
  )
})
