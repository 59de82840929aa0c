import { describe, expect, test } from 'vitest'
import { ask, child, primero, uuid } from './ask.ts'

const at = (second: number, ms = 0) =>
  `2026-05-01T08:00:${String(second).padStart(2, '0')}.${String(ms).padStart(3, '0')}Z`

describe('a list', () => {
  test('has 20 rows by default, newest first, and tells the total', async () => {
    const cases = Array.from({ length: 25 }, (_, n) => child(n, { created_at: at(n) }))
    const simulator = await primero({ seed: { cases } })

    const { status, body } = await ask(simulator, 'GET cases')

    expect(status).toBe(200)
    expect(body.metadata).toEqual({ total: 25, per: 20, page: 1 })
    expect(body.data).toHaveLength(20)
    expect(body.data[0].id).toBe(uuid(24))
  })

  test('trap 4: `per` above 1000 is cut to 1000 without a word', async () => {
    const cases = Array.from({ length: 1005 }, (_, n) => child(n))
    const simulator = await primero({ seed: { cases } })

    const { body } = await ask(simulator, 'GET cases?per=2000&fields=case_id')

    expect(body.metadata).toEqual({ total: 1005, per: 1000, page: 1 })
    expect(body.data).toHaveLength(1000)
  })

  test.each([
    ['per=0', 200, 0],
    ['per=abc', 200, 0],
    ['page=9', 200, 0],
    ['per=-1', 500, undefined],
    ['page=0', 500, undefined],
  ])('with %s answers %i', async (query, status, rows) => {
    const simulator = await primero({ seed: { cases: [child(1)] } })

    const answer = await ask(simulator, `GET cases?${query}`)

    expect(answer.status).toBe(status)
    expect(answer.body.data?.length).toBe(rows)
  })

  test('with `fields` has id, enabled and last_updated_at besides, and drops unknown names', async () => {
    const simulator = await primero({ seed: { cases: [child(1, { name_nickname: null })] } })

    const { body } = await ask(simulator, 'GET cases?fields=name_last,nonsense,name_nickname,sex')

    const row = { id: uuid(1), enabled: true, name_last: 'Example 1', name_nickname: null, last_updated_at: at(0) }
    expect(body.data).toEqual([row])
  })

  test('trap 29: disabled and closed cases are in it', async () => {
    const cases = [child(1, { record_state: false }), child(2, { status: 'closed' }), child(3)]
    const simulator = await primero({ seed: { cases } })

    const all = await ask(simulator, 'GET cases')
    const wanted = await ask(simulator, 'GET cases?record_state=true&status=open')

    expect(all.body.metadata.total).toBe(3)
    expect(all.body.data.find((one: { id: string }) => one.id === uuid(1)).enabled).toBe(false)
    expect(wanted.body.data.map((one: { id: string }) => one.id)).toEqual([uuid(3)])
  })

  test('trap 5: a case saved between two pages sorted by last_updated_at moves to the end and is skipped', async () => {
    const cases = Array.from({ length: 4 }, (_, n) => child(n + 1, { last_updated_at: at(n) }))
    const simulator = await primero({ seed: { cases } })
    const page = (n: number) => ask(simulator, `GET cases?order_by=last_updated_at&order=asc&per=2&page=${n}&fields=id`)

    const first = await page(1)
    simulator.content.touch(uuid(1), at(30))
    const second = await page(2)

    const seen = [...first.body.data, ...second.body.data].map((one) => one.id)
    expect(seen).toEqual([uuid(1), uuid(2), uuid(4), uuid(1)])
  })

  test('trap 5: rows with the same last_updated_at come in another order each time where ties are shuffled', async () => {
    const cases = Array.from({ length: 30 }, (_, n) => child(n))
    const simulator = await primero({ seed: { cases }, ties: 'shuffled' })
    const ids = async () => {
      const { body } = await ask(simulator, 'GET cases?order_by=last_updated_at&order=asc&per=100&fields=id')
      return body.data.map((one: { id: string }) => one.id)
    }

    const [first, second] = [await ids(), await ids()]

    expect(first).not.toEqual(second)
    expect([...first].sort()).toEqual([...second].sort())
  })

  test('trap 6: last_updated_at is compared by whole seconds, both ends included', async () => {
    const cases = [
      child(1, { last_updated_at: at(4, 999) }),
      child(2, { last_updated_at: at(5, 100) }),
      child(3, { last_updated_at: at(6, 1) }),
    ]
    const simulator = await primero({ seed: { cases } })
    const found = async (range: string) =>
      (await ask(simulator, `GET cases?last_updated_at=${range}`)).body.metadata.total

    expect(await found(`${at(5, 587)}..`)).toBe(2)
    expect(await found(`${at(5, 587)}..${at(5, 590)}`)).toBe(1)
    expect(await found(`${at(4, 0)}..${at(5, 0)}`)).toBe(2)
  })

  test('trap 6: a row stamped before its commit appears later than a younger one', async () => {
    const simulator = await primero({ seed: { cases: [child(1, { visible_at: '2026-05-01T09:00:00Z' }), child(2)] } })
    simulator.clock.freeze('2026-05-01T08:59:59Z')
    simulator.content.touch(uuid(2), '2026-05-01T08:30:00Z')
    const before = await ask(simulator, 'GET cases')

    simulator.clock.advance(1000)
    const after = await ask(simulator, 'GET cases?order_by=last_updated_at&order=asc')

    expect(before.body.data.map((one: { id: string }) => one.id)).toEqual([uuid(2)])
    expect(after.body.data.map((one: { id: string }) => one.id)).toEqual([uuid(1), uuid(2)])
  })

  test('a change that is not committed leaves the old row visible', async () => {
    const simulator = await primero({ seed: { cases: [child(1)] } })
    simulator.clock.freeze('2026-05-01T09:00:00Z')

    simulator.content.touch(uuid(1), '2026-05-01T09:00:00Z', { name_first: 'Bol' }, '2026-05-01T09:00:10Z')
    const before = await ask(simulator, `GET cases/${uuid(1)}`)
    simulator.clock.advance(10_000)
    const after = await ask(simulator, `GET cases/${uuid(1)}`)

    expect([before.body.data.name_first, after.body.data.name_first]).toEqual(['Abeba', 'Bol'])
  })

  test('carries the time of Primero in the Date header', async () => {
    const simulator = await primero()
    simulator.clock.freeze('2026-05-04T08:19:31Z')

    const { headers } = await ask(simulator, 'GET cases?per=1')

    expect(headers.get('date')).toBe('Mon, 04 May 2026 08:19:31 GMT')
  })

  test('shows a self-scoped account its own cases and those it is assigned to', async () => {
    const cases = [child(1), child(2, { owned_by: 'openfn_api' }), child(3, { assigned_user_names: ['openfn_api'] })]
    const simulator = await primero({ seed: { cases }, account: { visible: 'self' } })

    const { body } = await ask(simulator, 'GET cases')
    const hidden = await ask(simulator, `GET cases/${uuid(1)}`)

    expect(body.metadata.total).toBe(2)
    expect(hidden.status).toBe(403)
  })

  test('trap 35: a request line above 1 KB dies at the proxy with an HTML page', async () => {
    const simulator = await primero()

    const { status, headers } = await ask(simulator, `GET cases?fields=${'x'.repeat(1000)}`)

    expect(status).toBe(414)
    expect(headers.get('content-type')).toContain('html')
  })
})
