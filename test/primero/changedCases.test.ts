import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type PrimeroClient, primero } from '../../src/adaptors/language-primero/client.ts'
import { type PrimeroSimulator, startPrimero } from '../../src/simulator/primero/server.ts'
import { collect, configurationFor, failureOf, json, serve } from './server.ts'

const since = '2026-05-01T00:00:00Z'
const second = (number: number, ms = 0) => new Date(Date.parse(since) + number * 1000 + ms).toISOString()
const id = (number: number) => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`

describe('with the simulator', () => {
  let simulator: PrimeroSimulator
  let client: PrimeroClient

  beforeEach(async () => {
    simulator = await startPrimero({ seed: { cases: [], referrals: [] }, ties: 'shuffled' })
    simulator.content.addUser({ user_name: 'unhcr_cw' })
    client = primero({ url: simulator.url, ...simulator.account })
  })

  afterEach(() => simulator.close())

  function addCase(number: number, at: string, more: Record<string, string[]> = {}) {
    simulator.content.addCase({ id: id(number), module_id: 'primeromodule-cp', owned_by: 'cw1', ...more })
    simulator.content.touch(id(number), at)
  }

  const changed = (more: Partial<Parameters<PrimeroClient['changedCases']>[0]> = {}) =>
    client.changedCases({ since, filters: {}, fields: ['status'], pageSize: 20, ...more })

  test('every case once, oldest change first, over many pages', async () => {
    for (let number = 0; number < 95; number += 1) addCase(number, second(number % 40, number))

    const found = await collect(changed())

    expect(found).toHaveLength(95)
    expect(new Set(found.map((row) => row.id)).size).toBe(95)
    const seconds = found.map((row) => row.last_updated_at.slice(0, 19))
    expect(seconds).toEqual([...seconds].sort())
  })

  test('F23: 60 cases with the same last_updated_at over three pages, in no stable order: all of them, and what follows', async () => {
    addCase(0, second(1))
    for (let number = 1; number <= 60; number += 1) addCase(number, second(5, 123))
    addCase(61, second(9))

    const found = await collect(changed())

    expect(found.map((row) => row.id).sort()).toEqual(Array.from({ length: 62 }, (_, number) => id(number)).sort())
  })

  test('D44: 20 cases a page and the newest page only; a case saved while we read comes again and hides no other', async () => {
    for (let number = 0; number < 100; number += 1) addCase(number, second(number))
    const met = new Map<string, number>()

    let count = 0
    for await (const row of changed()) {
      met.set(row.id, (met.get(row.id) ?? 0) + 1)
      // Every fifth row, a case that was read already and one that was not are saved.
      if (++count % 5 === 0 && count <= 50) {
        simulator.content.touch(id(count - 1), second(200 + count))
        simulator.content.touch(id(count + 40), second(300 + count))
      }
    }

    expect(met.size).toBe(100)
    expect(met.get(id(4))).toBe(2)
  })

  test('a page that Primero cuts shorter than asked for does not end the list', async () => {
    for (let number = 0; number < 30; number += 1) addCase(number, second(number))
    const cut = await serve(async (one, response) => {
      const asked = new URL(one.url, simulator.url)
      asked.searchParams.set('per', '7')
      const answer = await fetch(asked, { headers: { authorization: String(one.headers.authorization) } })
      json(response, await answer.json())
    })

    const reader = primero({ url: cut.url, ...simulator.account })
    const found = await collect(reader.changedCases({ since, filters: {}, fields: [], pageSize: 20 }))

    expect(found).toHaveLength(30)
  })

  test('until is inclusive to the second; since is cut to the second', async () => {
    for (let number = 0; number < 10; number += 1) addCase(number, second(number, 500))

    const found = await collect(changed({ since: second(3, 900), until: second(5, 100) }))

    expect(found.map((row) => row.id)).toEqual([id(3), id(4), id(5)])
  })

  test('D45: only the fields asked for leave Primero, and filters are verified and asked for as well', async () => {
    addCase(1, second(1), { assigned_user_names: ['unhcr_cw'] })
    addCase(2, second(2))

    const found = await collect(changed({ filters: { associated_user_names: ['unhcr_cw'], record_state: true } }))

    expect(found.map((row) => row.id)).toEqual([id(1)])
    expect(Object.keys(found[0] ?? {}).sort()).toEqual(
      ['associated_user_names', 'enabled', 'id', 'last_updated_at', 'record_state', 'status'].sort(),
    )
    expect(simulator.requests.every((one) => one.query.get('page') === '1')).toBe(true)
  })

  test('a filter that Primero ignores stops everything instead of handing out the caseload', async () => {
    addCase(1, second(1))

    const error = await failureOf(collect(changed({ filters: { no_such_field: 'x' } })))

    expect(error).toMatchObject({ code: 'FILTER_IGNORED', retry: 'never', fields: ['no_such_field'] })
  })

  test('nothing changed: one request', async () => {
    expect(await collect(changed())).toEqual([])
    expect(simulator.requests).toHaveLength(1)
  })

  test('2,500 cases are read in three requests of a thousand, each below a kilobyte', async () => {
    for (let number = 0; number < 2500; number += 1) addCase(number, second(Math.floor(number / 10), number % 10))

    const found = await collect(changed({ pageSize: 1000 }))

    expect(new Set(found.map((row) => row.id)).size).toBe(2500)
    expect(simulator.requests).toHaveLength(3)
  })
})

const row = (number: number, at: string) => ({ id: id(number), last_updated_at: at })
const query = { since, filters: {}, fields: [], pageSize: 2 }

test('rows older than since mean that the range was ignored', async () => {
  const { url } = await serve((_, response) =>
    json(response, { data: [row(1, '2020-01-01T00:00:00.000Z')], metadata: { total: 1, per: 2, page: 1 } }),
  )

  const error = await failureOf(collect(primero(configurationFor(url)).changedCases(query)))

  expect(error).toMatchObject({ code: 'FILTER_IGNORED', retry: 'never', fields: ['last_updated_at'] })
})

test.each([
  ['in another order than asked for', [row(1, second(9)), row(2, second(3))]],
  ['without a time', [{ id: id(1) }]],
])('rows %s are REMOTE_NONSENSE', async (_, data) => {
  const { url } = await serve((_seen, response) => json(response, { data, metadata: { total: 2, per: 2, page: 1 } }))

  const error = await failureOf(collect(primero(configurationFor(url)).changedCases(query)))

  expect(error).toMatchObject({ code: 'REMOTE_NONSENSE', retry: 'later' })
})

test('a server that always answers with the same full page does not keep us for ever', async () => {
  const { url, seen } = await serve((_, response) =>
    json(response, { data: [row(1, second(3)), row(2, second(3))], metadata: { total: 50, per: 2, page: 1 } }),
  )
  const client = primero(configurationFor(url))

  const error = await failureOf(collect(client.changedCases({ ...query, since: second(3) })))

  expect(error).toMatchObject({ code: 'REMOTE_NONSENSE', retry: 'later' })
  expect(seen.length).toBeLessThan(300)
})

describe('a list that does not say how long its pages are', () => {
  /** Answers from `rows` as a server without pages would: all that match, in the order they lie. */
  const without = (rows: readonly { readonly last_updated_at: string }[], metadata: (total: number) => unknown) =>
    serve((one, response) => {
      const [from = ''] = (new URL(one.url, 'http://x').searchParams.get('last_updated_at') ?? '').split('..')
      const data = rows.filter((each) => each.last_updated_at >= from.replace('Z', ''))
      json(response, { data, metadata: metadata(data.length) })
    })
  const unsorted = [row(1, second(9)), row(2, second(3)), row(3, second(5))]

  test.each([
    ['a total', (total: number) => ({ total })],
    ['nothing', () => undefined],
  ])('with %s it is whole when it can be, and its order does not matter', async (_, metadata) => {
    const { url, seen } = await without(unsorted, metadata)

    const found = await collect(primero(configurationFor(url)).changedCases({ ...query, pageSize: 1000 }))

    expect(found.map((each) => each.id)).toEqual([2, 3, 1].map(id))
    expect(seen).toHaveLength(1)
  })

  test('where more may follow it is asked again from its last row, until nothing new comes', async () => {
    const rows = Array.from({ length: 60 }, (_, index) => row(index + 1, second(index < 30 ? 3 : 4)))
    const { url } = await without(rows, () => undefined)

    const found = await collect(primero(configurationFor(url)).changedCases({ ...query, pageSize: 1000 }))

    expect(new Set(found.map((each) => each.id)).size).toBe(60)
  })

  test('where more may follow and the order is wrong it cannot be read safely', async () => {
    const { url } = await without(unsorted, () => ({ total: 50 }))

    const error = await failureOf(collect(primero(configurationFor(url)).changedCases({ ...query, pageSize: 1000 })))

    expect(error).toMatchObject({ code: 'REMOTE_NONSENSE' })
  })
})

test('F24: a row that leaves its second while its pages are turned does not hide another', async () => {
  const all = [1, 2, 3, 4, 5].map((number) => row(number, second(3)))
  let requests = 0
  const { url } = await serve((one, response) => {
    requests += 1
    const asked = new URL(one.url, 'http://x').searchParams
    const [from = '', to = ''] = (asked.get('last_updated_at') ?? '').split('..')
    // Before page 2 of the second is asked for, the first row is saved: the others move up by one.
    if (requests === 3) all.splice(0, 1, row(1, second(8)))
    const within = all
      .filter(
        (each) =>
          each.last_updated_at >= from.replace('Z', '') &&
          (to === '' || each.last_updated_at.slice(0, 19) <= to.slice(0, 19)),
      )
      .sort((a, b) => (a.last_updated_at < b.last_updated_at ? -1 : 1))
    const start = (Number(asked.get('page')) - 1) * 2
    json(response, { data: within.slice(start, start + 2), metadata: { total: within.length, per: 2, page: 1 } })
  })

  const found = await collect(primero(configurationFor(url)).changedCases({ ...query, since: second(3) }))

  expect(new Set(found.map((each) => each.id)).size).toBe(5)
  expect(found.filter((each) => each.id === id(1)).map((each) => each.last_updated_at)).toEqual([second(3), second(8)])
})
