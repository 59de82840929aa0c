import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readMessage } from '../../src/referral/gateway/dtp/message.ts'
import { groupInterventions } from '../../src/referral/intervention.ts'
import { fixture } from './fixture.ts'

const row = (more: object = {}) => ({
  progres_interventionnumber: '990-26-PRTITV-0000900',
  'individuals.progres_id': '990-00000900',
  'individuals.progres_givenname': 'Ojulu',
  ...more,
})
const language = (Name: unknown) => ({ 'languages.progres_languagecodeid': { Id: 'x', Name, RowVersion: null } })

test('D5: rows of a language × need join were taken for several interventions; they are one, with every language', () => {
  const rows = [row(language('Nuer')), row(language('Anyuak')), row(language('Nuer'))]

  const interventions = groupInterventions(rows)

  expect(interventions).toHaveLength(1)
  expect(interventions[0]).toMatchObject({
    number: '990-26-PRTITV-0000900',
    individualNo: '990-00000900',
    source: { 'languages.progres_languagecodeid': ['Anyuak', 'Nuer'] },
    conflicts: [],
  })
})

test('D5: in a batch rows stay with their own child', () => {
  const interventions = groupInterventions(readMessage(fixture('progres/referral-batch')).rows)

  expect(interventions.map(({ number, individualNo }) => [number, individualNo])).toEqual([
    ['990-26-PRTITV-0000201', '990-00000201'],
    ['990-26-PRTITV-0000202', '990-00000202'],
    ['990-26-PRTITV-0000203', '990-00000203'],
    ['990-26-PRTITV-0000204', '990-00000204'],
  ])
  expect(interventions.flatMap(({ conflicts }) => conflicts)).toEqual([])
})

describe('rows of one intervention that name different children are not merged into one child', () => {
  test.each([
    'individuals.progres_id',
    'individuals.progres_givenname',
    'individuals.progres_middlename',
    'individuals.progres_familyname',
    'individuals.progres_dateofbirth',
    'individuals.progres_sex',
    'individuals.progres_registrationgroupid',
    'progres_primeroid',
  ])('%s', (field) => {
    const [intervention] = groupInterventions([row({ [field]: 'one' }), row({ [field]: { Name: 'other' } })])

    expect(intervention?.conflicts).toEqual([field])
  })

  test('a value that one row lacks is no disagreement', () => {
    const [intervention] = groupInterventions([
      row({ 'individuals.progres_sex': '' }),
      row({ 'individuals.progres_sex': 1 }),
    ])

    expect(intervention?.conflicts).toEqual([])
    expect(intervention?.source['individuals.progres_sex']).toBe('1')
  })
})

test('D19: a reference without a name is empty, never the text null', () => {
  const [intervention] = groupInterventions([row({ 'individuals.progres_coalocationlevel1': { Id: 'x', Name: null } })])

  expect(intervention?.source).not.toHaveProperty('individuals.progres_coalocationlevel1')
})

describe('the canonical text', () => {
  const canonical = (body: unknown) => groupInterventions(readMessage(body).rows).map((found) => found.canonical)

  test('is the same for the same message wrapped once more', () => {
    const plain = fixture('progres/referral-v8-minimal')

    expect(canonical({ data: plain })).toEqual(canonical(plain))
  })

  test('is another one when anything that was said differs', () => {
    expect(groupInterventions([row({ 'user.title': 'Officer' })])[0]?.canonical).not.toBe(
      groupInterventions([row({ 'user.title': 'Associate' })])[0]?.canonical,
    )
  })
})

const anyRow = fc.dictionary(
  fc.constantFrom(
    'individuals.progres_id',
    'individuals.progres_sex',
    'languages.progres_languagecodeid',
    'user.title',
  ),
  fc.jsonValue(),
)

test('grouping does not depend on the order of rows or keys, and a row sent twice adds nothing', () => {
  fc.assert(
    fc.property(fc.array(anyRow, { minLength: 1 }), fc.nat(), (rows, turn) => {
      const numbered = rows.map((one) => ({ progres_interventionnumber: '990-26-PRTITV-0000900', ...one }))
      const turned = [...numbered.slice(turn % rows.length), ...numbered.slice(0, turn % rows.length), ...numbered]
      const reversed = turned.map((one) => Object.fromEntries(Object.entries(one).reverse()))

      expect(groupInterventions(reversed)).toEqual(groupInterventions(numbered))
    }),
  )
})

test('grouping never throws, and conflicts are names of attributes, never what they held', () => {
  fc.assert(
    fc.property(fc.array(fc.dictionary(fc.string(), fc.jsonValue())), fc.string(), (rows, secret) => {
      const planted = rows.map((one, index) => row({ ...one, 'individuals.progres_givenname': `${secret}${index}` }))
      for (const { conflicts } of groupInterventions([...rows, ...planted])) {
        expect(
          conflicts.every((name) => /^(individuals|interventiontype)\.progres_[a-z]+$|^progres_primeroid$/.test(name)),
        ).toBe(true)
      }
    }),
  )
})
