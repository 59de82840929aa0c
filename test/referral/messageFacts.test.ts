import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { describeMessage, keepOpen } from '../../src/referral/gateway/dtp/messageFacts.ts'
import { fixture } from './fixture.ts'

const referral = (end: string, individualNo: unknown = `990-${end}`) => ({
  progres_interventionnumber: `990-26-PRTITV-${end}`,
  'individuals.progres_id': individualNo,
})
const referrals = (...interventions: unknown[]) => ({ interventions, request_type: 'PrimeroOutgoingReferral' })
const decision = (end: string) => ({ progres_orgreferralid: `c0000000-0000-4000-8000-000000000401#5e00000004${end}` })
const decisions = (...interventions: unknown[]) => ({ interventions, request_type: 'PrimeroIncomingReferralDecision' })

describe('what the inbox is told of a message', () => {
  test('referrals are the same entry when they come again, and wait for others of the same child', () => {
    expect(describeMessage('dtp-inbox', referrals(referral('02'), referral('01'), referral('03', '990-01')))).toEqual({
      repeatable: true,
      locks: ['individual:990-01', 'individual:990-02'],
    })
  })

  test('the aliases of 2021 and a wrapping do not change whom a message waits for', () => {
    const old = { progres_interventionnumber: '990-26-PRTITV-01', 'progres_individual.progres_id': '990-01' }

    expect(describeMessage('dtp-inbox', { data: referrals(old) }).locks).toEqual(['individual:990-01'])
  })

  test('a referral without an individual number waits for its own intervention', () => {
    expect(describeMessage('dtp-inbox', referrals(referral('01', null))).locks).toEqual([
      'intervention:990-26-PRTITV-01',
    ])
  })

  test('decisions are judged anew each time, one after another for a case', () => {
    expect(describeMessage('dtp-inbox', decisions(decision('01'), decision('02')))).toEqual({
      repeatable: false,
      locks: ['case:c0000000-0000-4000-8000-000000000401'],
    })
  })

  test.each([null, 'text', [], {}, { request_type: 'decision' }])('%j waits for nobody', (body) => {
    expect(describeMessage('dtp-inbox', body)).toEqual({ repeatable: true, locks: [] })
  })

  test('describing and reducing never throw', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.array(fc.string()), (body, keys) => {
        describeMessage('dtp-inbox', body)
        keepOpen(body, keys)
        describeMessage('dtp-inbox', decisions(body))
        keepOpen(referrals(body), keys)
      }),
    )
  })
})

describe('a message reduced to what is still open', () => {
  test('keeps the rows of the open interventions as they came, and the request_type', () => {
    const body = { data: referrals(referral('01'), referral('02'), referral('01'), referral('03')), more: 'text' }

    expect(keepOpen(body, ['990-26-PRTITV-01'])).toEqual(referrals(referral('01'), referral('01')))
  })

  test('keeps the rows of the open decisions', () => {
    expect(keepOpen(decisions(decision('01'), decision('02')), [decision('02').progres_orgreferralid])).toEqual(
      decisions(decision('02')),
    )
  })

  test('keeps what nobody can read, so that the next attempt does not end as done', () => {
    expect(keepOpen(referrals('a text', referral('01'), { a: 1 }), [])).toEqual(referrals('a text', { a: 1 }))
  })

  test.each([
    'progres/referral-v6-no-request-type',
    'progres/message-unknown-request-type',
    'progres/message-no-interventions',
  ])('%s was processed by nobody and stays whole', (file) => {
    expect(keepOpen(fixture(file), [])).toEqual(fixture(file))
  })

  test('reads like the message it was made from', () => {
    const body = fixture('progres/referral-batch')

    const reduced = keepOpen(body, ['990-26-PRTITV-0000202'])

    expect(describeMessage('dtp-inbox', reduced)).toEqual({ repeatable: true, locks: ['individual:990-00000202'] })
  })
})
