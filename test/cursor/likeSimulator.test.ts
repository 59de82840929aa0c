import { describe, expect, test } from 'vitest'
import { ask, primero } from '../simulator/ask.ts'
import { primeroAnswer } from './systems.ts'
import { createWorld, unhcrUser } from './world.ts'

const beganMs = Date.parse('2026-05-04T08:00:00.000Z')

/** Both with the same children: seven at one time, others within one second of each other, half of them referred. */
async function bothSystems() {
  let nowMs = beganMs
  const world = createWorld(() => nowMs)
  for (let n = 0; n < 30; n++) {
    if (n < 10 || n > 16) nowMs += 370
    world.register({ refers: n % 2 === 0 })
  }
  const cases = world.visible().map((row) => ({ module_id: 'primeromodule-cp', ...row }))
  const referrals = world.children.flatMap(({ id }) => world.referralsOf(id))
  const simulator = await primero({ seed: { cases, referrals } as never, ties: 'shuffled' })
  const double = (path: string) => primeroAnswer(world, new URL(`http://localhost/primero/api/v2/${path}`))
  return { world, simulator, double }
}

interface List {
  readonly data: readonly Readonly<Record<string, unknown>>[]
  readonly metadata: unknown
}

/** Rows of one time have no order; names in a list neither. */
function comparable({ data, metadata }: List) {
  const rows = data.map((row) => ({ ...row, associated_user_names: [row.associated_user_names].flat().toSorted() }))
  const key = (row: Readonly<Record<string, unknown>>) => `${row.last_updated_at} ${row.id}`
  return { rows: rows.toSorted((a, b) => (key(a) < key(b) ? -1 : 1)), metadata }
}

const fields = 'case_id,owned_by,associated_user_names,last_updated_at'
const order = 'order_by=last_updated_at&order=asc'

describe('the double of Primero in tests by the thousand answers as the simulator does', () => {
  test.each([
    `per=1000&page=1&last_updated_at=2026-05-04T08:00:00Z..`,
    // Both ends count, to the whole second.
    `per=1000&page=1&last_updated_at=2026-05-04T08:00:01Z..2026-05-04T08:00:02Z`,
    `per=1000&page=1&last_updated_at=2026-05-04T08:00:03Z..2026-05-04T08:00:03Z`,
    `per=1000&page=1&last_updated_at=2026-05-04T09:00:00Z..`,
    `per=1000&page=1&last_updated_at=2026-05-04T08:00:00Z..&associated_user_names[0]=${encodeURIComponent(unhcrUser)}`,
    `per=3&page=1&last_updated_at=2026-05-04T08:00:00Z..`,
    `per=3&page=2&last_updated_at=2026-05-04T08:00:00Z..`,
    `per=20&page=9&last_updated_at=2026-05-04T08:00:00Z..`,
  ])('to the list %s', async (query) => {
    const { simulator, double } = await bothSystems()
    const path = `cases?${order}&${query}&fields=${fields}`

    const { status, body } = await ask(simulator, `GET ${path}`)

    expect(status).toBe(200)
    expect(comparable(double(path) as List)).toEqual(comparable(body))
  })

  test('to pages across a tie: of either, the pages together hold what lies before and after it once', async () => {
    const { simulator, double, world } = await bothSystems()
    const tied = world.visible()[10]?.last_updated_at
    const pages = [1, 2, 3, 4, 5].map(
      (page) => `cases?${order}&per=6&page=${page}&last_updated_at=2026-05-04T08:00:00Z..`,
    )

    const theirs = await Promise.all(
      pages.map(async (path) => (await ask(simulator, `GET ${path}&fields=case_id`)).body),
    )
    const ours = pages.map((path) => double(`${path}&fields=case_id`) as List)

    const times = (lists: readonly List[]) => lists.flatMap(({ data }) => data.map((row) => row.last_updated_at))
    const apart = (lists: readonly List[]) =>
      lists.flatMap(({ data }) => data.filter((row) => row.last_updated_at !== tied).map(({ id }) => id))
    expect(times(ours)).toEqual(times(theirs))
    expect(apart(ours)).toEqual(apart(theirs))
  })

  test('to one case, its referrals, a case that is not there, and a user', async () => {
    const { simulator, double, world } = await bothSystems()
    const id = world.children[0]?.id
    const get = async (path: string) => (await ask(simulator, `GET ${path}`)).body
    const ids = (answer: unknown) =>
      (answer as List).data.map(({ id, status, transitioned_to }) => [id, status, transitioned_to])

    const one = `cases/${id}?fields=${fields}`
    expect(Object.entries((double(one) as { data: object }).data)).toEqual(
      expect.arrayContaining(Object.entries((await get(one)).data).filter(([key]) => key !== 'associated_user_names')),
    )
    expect(ids(double(`cases/${id}/referrals`))).toEqual(ids(await get(`cases/${id}/referrals`)))
    expect(double('cases/00000000-0000-4000-8000-000000000000')).toBeUndefined()
    expect((await ask(simulator, 'GET cases/00000000-0000-4000-8000-000000000000')).status).toBe(404)
    const user = (await get('users?user_name=cw1')).data[0]
    expect(Object.keys((double('users?user_name=cw1') as List).data[0] ?? {})).toEqual(
      expect.arrayContaining(['user_name', 'full_name', 'position', 'email', 'phone'].filter((key) => key in user)),
    )
  })
})
