import { describe, expect, test } from 'vitest'
import type { PrimeroSimulator } from '../../src/simulator/primero/server.ts'
import { ask, child, primero, uuid } from './ask.ts'

const cases = [
  child(1, {
    unhcr_individual_no: '989-00000001',
    sex: 'female',
    age: 9,
    cpims_id: '123',
    language: ['language1'],
    case_id: 'a,b',
  }),
  child(2, {
    unhcr_individual_no: '0012',
    sex: 'male',
    age: 12,
    language: ['language1', 'language2'],
    registration_date: '2026-01-15',
  }),
  child(3, { unhcr_individual_no: '989-00000003', sex: 'male', age: 15, location_current: 'ET1201', flagged: true }),
]

async function found(simulator: PrimeroSimulator, query: string): Promise<readonly number[]> {
  const { status, body } = await ask(simulator, `GET cases?order_by=id&order=asc&${query}`)
  expect(status).toBe(200)
  expect(body.metadata.total).toBe(body.data.length)
  return body.data.map((one: { id: string }) => Number(one.id.slice(-3)))
}

const everybody = [1, 2, 3]
const nobody: readonly number[] = []

describe('trap 1: a filter that Primero does not like is ignored, and the whole caseload comes back', () => {
  test.each([
    ['a misspelt name', 'unhcr_individual_number=989-00000001'],
    ['`remote`', 'remote=true'],
    ['a field of a subform', 'unhcr_referral_status=accepted'],
    ['`f[]=`', 'sex[]=male'],
    ['a range without a beginning', 'last_updated_at=..2020-01-01T00:00:00Z'],
    ['a time zone whose + was not encoded', 'last_updated_at=2026-06-01T00:00:00+03:00..&x=1'],
    ['the indexed form on an identifier', 'unhcr_individual_no[0]=989-00000001'],
    ['an empty value', 'unhcr_individual_no='],
    ['a dashboard filter', 'referred_users[0]=unhcr_cw@cpims.example.org'],
  ])('%s', async (_, query) => {
    const simulator = await primero({ seed: { cases } })

    const rows = await found(simulator, query)

    expect(rows).toEqual(everybody)
  })

  test('an identifier that no form of the role holds', async () => {
    const simulator = await primero({ seed: { cases }, account: { filterable: ['name_first'] } })

    expect(await found(simulator, 'unhcr_individual_no=989-00000001')).toEqual(everybody)
    expect(await found(simulator, 'case_id=nothing')).toEqual(everybody)
    expect(await found(simulator, 'sex=female')).toEqual([1])
  })
})

describe('trap 2: an error of the query is answered as an empty list', () => {
  test.each([
    ['a quote in the value', 'unhcr_individual_no=98"9'],
    ['a backslash in the value', 'unhcr_individual_no=98%5C9'],
    ['a single time', 'last_updated_at=2026-05-01T08:00:00Z'],
    ['an id that is no UUID', 'id=42'],
    ['digits for a text field', 'cpims_id=123'],
    ['an open range on age', 'age=10..'],
  ])('%s', async (_, query) => {
    const simulator = await primero({ seed: { cases } })

    expect(await found(simulator, query)).toEqual(nobody)
  })
})

describe('a filter that Primero understands', () => {
  test.each([
    ['an identifier keeps its zeros', 'unhcr_individual_no=0012', [2]],
    ['an identifier is not split at commas', 'case_id=a,b', [1]],
    ['a list', 'age=9,15', [1, 3]],
    ['a list in brackets', 'sex[0]=female&sex[1]=x', [1]],
    ['the last of two', 'sex=male&sex=female', [1]],
    ['a range of numbers', 'age=9..12', [1, 2]],
    ['a range of days', 'registration_date=2026-01-01..2026-01-31', [2]],
    ['one of several values of a field', 'language=language2', [2]],
    ['not', 'not[sex]=male', [1]],
    ['or', 'or[sex]=female&or[age]=15', [1, 3]],
    ['ids', `id=${uuid(1)},${uuid(3)}`, [1, 3]],
    ['a location above', 'loc:location_current[0]=ET12', [3]],
    ['false finds what was never set', 'case_status_reopened=false', everybody],
    ['an encoded time zone', 'last_updated_at=2026-05-01T11:00:00%2B03:00..', everybody],
    ['text in identifiers', 'query=00000003', [3]],
  ])('%s', async (_, query, rows) => {
    const simulator = await primero({ seed: { cases } })

    expect(await found(simulator, query)).toEqual(rows)
  })

  test('trap 31: several cases share one individual number', async () => {
    const simulator = await primero()

    const { body } = await ask(simulator, 'GET cases?unhcr_individual_no=989-00000007')

    expect(body.metadata.total).toBe(2)
  })

  test('trap 24: associated_user_names holds the focal user only while a referral is open', async () => {
    const simulator = await primero()
    const total = async () =>
      (await ask(simulator, 'GET cases?associated_user_names[0]=unhcr_cw@cpims.example.org&per=100')).body.metadata
        .total
    const before = await total()

    simulator.people.revoke(uuid(3011))

    expect(await total()).toBe(before - 1)
  })
})
