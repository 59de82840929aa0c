import { describe, expect, test } from 'vitest'
import type { Settings } from '../../src/mapping/types.ts'
import { chooseCase, type Hits } from '../../src/referral/caseMatch.ts'
import { caseRecordId } from '../../src/referral/ids.ts'

const individualNo = '990-00000900'
const other = '990-00000901'
const a = '0a000000-0000-4000-8000-000000000001'
const b = '0b000000-0000-4000-8000-000000000002'

const row = (id: string, more: object = {}) => ({
  id,
  case_id: `c${id.slice(1)}`,
  enabled: true,
  status: 'open',
  unhcr_individual_no: individualNo,
  ...more,
})
const none: Hits = { byPrimeroId: [], byIndividualNo: [], byRecordId: [] }
const reopen = { closed_case: 'reopen', matches: { none: 'create', many: 'refuse' } } as const

const choose = (
  hits: Partial<Hits>,
  primeroId?: string,
  settings: Pick<Settings, 'closed_case' | 'matches'> = reopen,
) => chooseCase({ ...none, ...hits }, { individualNo, ...(primeroId === undefined ? {} : { primeroId }) }, settings)

test('nothing found anywhere: there is no case', () => {
  expect(choose({})).toEqual({ kind: 'none' })
})

test('the same case found three times is one case', () => {
  const found = row(caseRecordId(individualNo))

  const match = choose({ byPrimeroId: [found], byIndividualNo: [found], byRecordId: [found] }, found.case_id)

  expect(match).toEqual({ kind: 'one', case: found, closed: false })
})

test.each(['byIndividualNo', 'byRecordId'] as const)('a case found %s alone is taken', (how) => {
  const found = row(caseRecordId(individualNo))

  expect(choose({ [how]: [found] })).toMatchObject({ kind: 'one', case: found })
})

test('a number in other case or with blanks is the same number', () => {
  const found = row(a, { unhcr_individual_no: ' dad-00000900 ' })

  expect(chooseCase({ ...none, byIndividualNo: [found] }, { individualNo: 'DAD-00000900' }, reopen)).toMatchObject({
    kind: 'one',
  })
})

test('D10: of several matching cases the first was updated; nothing is chosen and a person must look', () => {
  expect(choose({ byIndividualNo: [row(a), row(b)] })).toEqual({ kind: 'refused', code: 'CASE_AMBIGUOUS' })
})

test('D10: a disabled case beside an open one still leaves two', () => {
  expect(choose({ byIndividualNo: [row(a), row(b, { enabled: false })] })).toMatchObject({ code: 'CASE_AMBIGUOUS' })
})

test('a case marked as a duplicate has another beside it, which a person must name', () => {
  expect(choose({ byIndividualNo: [row(a, { status: 'duplicate' })] })).toMatchObject({ code: 'CASE_AMBIGUOUS' })
})

describe('D11: the Primero id that proGres knows was ignored; it finds the case', () => {
  test.each([
    ['record id', a],
    ['case_id', row(a).case_id],
    ['in capitals and braces', `{${a.toUpperCase()}}`],
  ])('by %s, also where the case has no individual number yet', (_name, primeroId) => {
    const found = row(a, { unhcr_individual_no: null })

    expect(choose({ byPrimeroId: [found] }, primeroId)).toMatchObject({ kind: 'one', case: found })
  })

  test('but not a case that has another individual number', () => {
    const found = row(a, { unhcr_individual_no: other })

    expect(choose({ byPrimeroId: [found] }, a)).toEqual({ kind: 'refused', code: 'CASE_IDENTITY_CONFLICT' })
  })

  test('and where the number finds another case, neither is taken', () => {
    const hits = { byPrimeroId: [row(a, { unhcr_individual_no: '' })], byIndividualNo: [row(b)] }

    expect(choose(hits, a)).toEqual({ kind: 'refused', code: 'CASE_AMBIGUOUS' })
  })
})

test('a case with our own id whose number was changed since is a conflict', () => {
  const found = row(caseRecordId(individualNo), { unhcr_individual_no: other })

  expect(choose({ byRecordId: [found] })).toEqual({ kind: 'refused', code: 'CASE_IDENTITY_CONFLICT' })
})

test.each([{ enabled: false }, { record_state: false }])('a disabled case (%j) is not written to', (state) => {
  expect(choose({ byIndividualNo: [row(a, state)] })).toEqual({ kind: 'refused', code: 'CASE_DISABLED' })
})

test("D7: a closed case was re-opened without a word; the country's setting decides, and it is said", () => {
  const hits = { byIndividualNo: [row(a, { status: 'closed' })] }

  expect(choose(hits, undefined, reopen)).toMatchObject({ kind: 'one', closed: true })
  expect(choose(hits, undefined, { ...reopen, closed_case: 'refuse' })).toEqual({
    kind: 'refused',
    code: 'CASE_CLOSED',
  })
})

describe('Primero ignores a filter it does not like: a foreign row makes the whole answer unbelievable', () => {
  test.each<[string, Partial<Hits>]>([
    ['another number', { byIndividualNo: [row(a), row(b, { unhcr_individual_no: other })] }],
    ['no number', { byIndividualNo: [row(a, { unhcr_individual_no: null })] }],
    ['another record', { byRecordId: [row(a)] }],
    ['another Primero id', { byPrimeroId: [row(b)] }],
    ['no id at all', { byIndividualNo: [{ unhcr_individual_no: individualNo }] }],
  ])('%s', (_name, hits) => {
    expect(choose(hits, a)).toEqual({ kind: 'refused', code: 'FILTER_IGNORED' })
  })
})

test.each<[title: string, settings: Pick<Settings, 'closed_case' | 'matches'>, hits: Partial<Hits>]>([
  ['no case matches', { ...reopen, matches: { none: 'hold', many: 'refuse' } }, {}],
  ['several match', { ...reopen, matches: { none: 'create', many: 'hold' } }, { byIndividualNo: [row(a), row(b)] }],
  ['the case is closed', { ...reopen, closed_case: 'hold' }, { byIndividualNo: [row(a, { status: 'closed' })] }],
])('where settings leave it to a person, nothing is written: %s', (_, settings, hits) => {
  expect(choose(hits, undefined, settings)).toEqual({ kind: 'refused', code: 'CASE_HELD' })
})
