import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { messageProblem, readMessage } from '../../src/referral/gateway/dtp/message.ts'
import { groupInterventions } from '../../src/referral/intervention.ts'
import { fixture } from './fixture.ts'

const referral = { progres_interventionnumber: '990-26-PRTITV-0000900', 'individuals.progres_id': '990-00000900' }
const request_type = 'PrimeroOutgoingReferral'

describe('every shape of a referral that was seen is read into rows', () => {
  test.each([
    ['V1', 'referral-v1-fetchxml', 'unknown', 2],
    ['V2', 'referral-v2-labels', 'unknown', 4],
    ['V3', 'referral-v3-old-aliases', 'referrals', 1],
    ['V4', 'referral-v4-shifted-birth-date', 'referrals', 1],
    ['V5', 'referral-v5-row-explosion', 'referrals', 2],
    ['V6', 'referral-v6-no-request-type', 'unknown', 1],
    ['V7', 'referral-v7-production-like', 'referrals', 1],
    ['V8', 'referral-v8-minimal', 'referrals', 1],
    ['V9', 'referral-v9-wrapped', 'referrals', 1],
  ])('%s', (_variant, file, kind, rows) => {
    const message = readMessage(fixture(`progres/${file}`))

    expect(message).toMatchObject({ kind, unreadable: 0 })
    expect(message.rows).toHaveLength(rows)
    for (const { source } of groupInterventions(message.rows)) {
      expect(source).toMatchObject({ 'individuals.progres_id': expect.stringMatching(/^990-\d{8}$/) })
    }
  })
})

test('V1: a look-up of a Dynamics query gives its name, an option set its code, a GUID loses its braces', () => {
  const [intervention] = groupInterventions(readMessage(fixture('progres/referral-v1-fetchxml')).rows)

  expect(intervention?.source).toMatchObject({
    'interventiontype.progres_description': 'BID',
    'individuals.progres_id': '990-00000101',
    'individuals.progres_sex': '125080000',
    'specificneeds.progres_spncategory2': ['Child at risk', 'Unaccompanied or separated child'],
    progres_lpinterventionid: '00000000-0000-4000-8000-000000001101',
  })
})

test('V3: attributes under their aliases of 2021 are those of today', () => {
  const [row] = readMessage(fixture('progres/referral-v3-old-aliases')).rows

  expect(row).toMatchObject({
    'individuals.progres_givenname': 'Ojulu',
    'individuals.progres_registrationgroupid': { Name: '990-26-00104' },
    'user.title': 'Protection Associate',
  })
})

test('blanks round an attribute name do not hide it', () => {
  const { rows } = readMessage({ interventions: [{ ...referral, ' user.title ': 'Officer' }], request_type })

  expect(rows).toEqual([{ ...referral, 'user.title': 'Officer' }])
})

describe('D88: a message wrapped once more matched no job and was gone; it is unwrapped', () => {
  test.each([
    ['request_type inside', { data: { interventions: [referral], request_type } }],
    ['request_type outside', { data: { interventions: [referral] }, request_type }],
    ['a bare list', { data: [referral], request_type }],
  ])('%s', (_name, body) => {
    expect(readMessage(body)).toEqual({ requestType: request_type, kind: 'referrals', rows: [referral], unreadable: 0 })
    expect(messageProblem(readMessage(body))).toBeUndefined()
  })
})

describe('D88: a message without or with an unknown request_type vanished; a person is told', () => {
  test.each([
    ['no request_type', fixture('progres/referral-v6-no-request-type')],
    ['unknown request_type', { interventions: [referral], request_type: 'SomethingElse' }],
    [
      'blanks round it, which no condition of the workflow takes',
      { interventions: [referral], request_type: ` ${request_type}` },
    ],
    ['an unknown one outside a known one', { data: { interventions: [referral], request_type }, request_type: 'x' }],
    ['a name every object has', { interventions: [referral], request_type: 'constructor' }],
    ['request_type that is no text', { interventions: [referral], request_type: { a: 1 } }],
    ['no interventions', fixture('progres/message-no-interventions')],
    ['empty interventions', fixture('progres/message-empty-interventions')],
    ['text', 'PrimeroOutgoingReferral'],
    ['null', null],
  ])('%s', (_name, body) => {
    expect(messageProblem(readMessage(body))).toBe('MESSAGE_UNRECOGNISED')
  })
})

test('D84: draft request types of 2021 matched nothing and vanished; they end with a person', () => {
  const message = readMessage(fixture('progres/message-unknown-request-type'))

  expect(message.kind).toBe('unknown')
  expect(messageProblem(message)).toBe('MESSAGE_UNRECOGNISED')
})

describe('rows that nobody can be told about are counted, and the others are read', () => {
  test.each<[string, unknown]>([
    ['a text', 'row'],
    ['null', null],
    ['a list', [referral]],
    ['no number', { 'individuals.progres_id': '990-00000901' }],
    ['an empty number', { progres_interventionnumber: ' ' }],
    ['a number that is an object', { progres_interventionnumber: { Name: '990-26-PRTITV-0000901' } }],
    ['a sentence where the number should be', { progres_interventionnumber: 'Nyakim was here' }],
  ])('%s', (_name, row) => {
    const message = readMessage({ interventions: [row, referral], request_type })

    expect(message).toMatchObject({ rows: [referral], unreadable: 1 })
    expect(messageProblem(message)).toBe('MESSAGE_PARTLY_UNREADABLE')
  })

  test('in the batch of the fixtures two rows are unreadable', () => {
    expect(readMessage(fixture('progres/referral-batch-with-bad-rows')).unreadable).toBe(2)
  })

  test('a decision needs the id of the referral instead', () => {
    const message = readMessage(fixture('progres/decision-batch-with-bad-rows'))

    expect(message).toMatchObject({ kind: 'decisions', unreadable: 1 })
    expect(message.rows).toHaveLength(3)
  })
})

test('a list of one that a converter wrote as the one is read', () => {
  expect(readMessage({ interventions: referral, request_type }).rows).toEqual([referral])
})

test('reading never throws and never loses count of a row', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.array(fc.jsonValue()), (body, interventions) => {
      readMessage(body)
      const { rows, unreadable } = readMessage({ interventions, request_type })
      expect(rows.length + unreadable).toBe(interventions.length)
    }),
  )
})
