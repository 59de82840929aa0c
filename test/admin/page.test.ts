import { beforeEach, describe, expect, it } from 'vitest'
import { administered, as, done, entryWith, keptRecords, signedIn, stuck, users } from './administered.ts'

type Session = NonNullable<Awaited<ReturnType<typeof signedIn>>>

let given: Awaited<ReturnType<typeof administered>>
beforeEach(async () => {
  given = await administered({ users: true })
})

async function session(name: string): Promise<Session> {
  const found = await signedIn(given, as(name, users.password))
  if (found === undefined) throw new Error(`${name} could not sign in`)
  return found
}
const textOf = async ({ cookie }: Session, path: string) => (await given.ask('GET', path, { cookie })).text()
const press = (path: string, { cookie, csrf }: Session, fields: Record<string, string> = {}) =>
  given.ask(
    'POST',
    path,
    { cookie, 'content-type': 'application/x-www-form-urlencoded' },
    new URLSearchParams({ csrf, ...fields }).toString(),
  )
const effect = (key: string) =>
  ({ key, state: 'in_doubt', fingerprint: null, detail: null, updated_at: '2026-01-01T00:00:00.000Z' }) as const

describe('what a page shows', () => {
  it.each(['/', '/entries', '/runs', '/records', '/effects', '/notices', '/activity', '/audit'])(
    '%s is a document without a script, with one heading, and says which page it is',
    async (path) => {
      await entryWith(given.store, stuck, [{ key: 'INT-1', outcome: 'refused', code: 'FIELDS_MISSING' }])
      await given.store.ledger.write(effect('one/referral/1'))

      const text = await textOf(await session('administrator'), path)

      expect(text).toMatch(/^<!doctype html><html lang="en">/)
      expect(text.match(/<h1>/g)).toHaveLength(1)
      expect(text).toContain(`<a href="${path}" aria-current="page">`)
      expect(text).not.toMatch(/<script|<style|\son\w+=|style=|javascript:|Canary/i)
    },
  )

  it('filters by state, and leads from an entry to its runs, their records and what each code means', async () => {
    const records = [{ key: 'INT-1', outcome: 'refused', code: 'FIELDS_MISSING' }] as const
    const bad = await entryWith(given.store, stuck, records)
    const good = await entryWith(given.store, done)
    await keptRecords(given.store, [
      {
        key: 'R-7',
        outcome: 'waiting',
        code: 'REMOTE_DOWN',
        ids: {},
        attempt: 2,
        due_at: null,
        since: '2026-01-01T00:00:00.000Z',
      },
    ])
    const viewer = await session('viewer')

    const list = await textOf(viewer, '/entries?state=stuck')
    const entry = await textOf(viewer, `/entries/${bad.id}`)

    expect(list).toContain(bad.id)
    expect(list).not.toContain(good.id)
    expect(entry).toContain(`href="/runs/${bad.runId}"`)
    expect(entry).toContain('INT-1')
    expect(entry).toContain('Required fields are missing; the feedback names each. Next: UNHCR.')
    expect(await textOf(viewer, `/runs/${bad.runId}`)).toContain('INT-1')
    expect(await textOf(viewer, '/records?outcome=waiting')).toContain('R-7')
    expect(await textOf(viewer, '/records?outcome=refused')).not.toContain('R-7')
  })

  it('an unknown state, entry, run or saying is no page of its own', async () => {
    const viewer = await session('viewer')

    expect((await given.ask('GET', '/entries?state=%3Cb%3E', { cookie: viewer.cookie })).status).toBe(200)
    expect((await given.ask('GET', '/entries/nothing', { cookie: viewer.cookie })).status).toBe(404)
    expect((await given.ask('GET', '/runs/nothing', { cookie: viewer.cookie })).status).toBe(404)
    expect(await textOf(viewer, '/?said=You+have+won')).not.toContain('won')
  })

  it('more than one page of entries is turned', async () => {
    const ids: string[] = []
    for (let n = 0; n < 51; n++) ids.unshift((await entryWith(given.store, done)).id)
    const viewer = await session('viewer')

    const first = await textOf(viewer, '/entries')
    const older = /href="(\/entries\?[^"]*before=[^"]+)"/.exec(first)?.[1]?.replaceAll('&amp;', '&') ?? ''
    const second = await textOf(viewer, older)

    expect(first).toContain(ids[0])
    expect(first).not.toContain(ids[50])
    expect(second).toContain(ids[50])
    expect(second).not.toContain(ids[49])
  })
})

describe('what can be pressed', () => {
  it.each([
    ['viewer', []],
    ['operator', ['Replay', 'It arrived', 'It did not arrive', 'Run now']],
    ['administrator', ['Replay', 'Discard for ever', 'It arrived', 'It did not arrive', 'Run now']],
  ])('by a %s: %s', async (role, labels) => {
    const { id } = await entryWith(given.store, stuck)
    await given.store.ledger.write(effect('one/referral/1'))
    const whose = await session(role)

    const text =
      (await textOf(whose, `/entries/${id}`)) + (await textOf(whose, '/effects')) + (await textOf(whose, '/'))

    const buttons = new Set([...text.matchAll(/<button[^>]*>([^<]+)</g)].map(([, label]) => label))
    expect([...buttons].filter((label) => label !== 'Sign out').sort()).toEqual([...labels].sort())
  })

  it('nothing by who came with HTTP Basic', async () => {
    await entryWith(given.store, stuck)

    const text = await (await given.ask('GET', '/')).text()

    expect(text).toContain('CREDENTIALS_REFUSED')
    expect(text).not.toContain('<button')
  })

  it('replay, discard, settle and a run do what the API does, and the log says who did', async () => {
    const [first, second] = [await entryWith(given.store, stuck), await entryWith(given.store, stuck)]
    await given.store.ledger.write(effect('one/referral/INT-1#0a/1'))
    const administrator = await session('administrator')

    const answers = [
      await press(`/entries/${first.id}/replay`, administrator),
      await press(`/entries/${second.id}/discard`, administrator),
      await press('/effects/settle', administrator, { key: 'one/referral/INT-1#0a/1', arrived: 'false' }),
      await press('/runs', administrator, { workflow: 'poll' }),
    ]

    expect(answers.map(({ status, headers }) => [status, headers.get('location')])).toEqual([
      [303, `/entries/${first.id}?said=replayed`],
      [303, `/entries/${second.id}?said=discarded`],
      [303, '/effects?said=settled'],
      [303, '/runs?said=asked'],
    ])
    expect(await given.store.entries.get(first.id)).toMatchObject({ state: 'waiting' })
    expect(await given.store.entries.get(second.id)).toMatchObject({ state: 'done', code: 'DISCARDED' })
    expect(await given.store.ledger.find('one/referral/INT-1#0a/1')).toMatchObject({ state: 'not_reached' })
    const acts = (await given.store.audit.list({})).filter(({ actor }) => actor === 'administrator')
    expect(acts.map(({ act, object, code }) => [act, object, code]).reverse()).toEqual([
      ['signed in', null, null],
      ['entry replayed', first.id, null],
      ['entry discarded', second.id, null],
      ['effect settled', 'one/referral/INT-1#0a/1', 'not_reached'],
      ['run asked for', expect.any(String), 'poll'],
    ])
    expect(await textOf(administrator, `/entries/${first.id}?said=replayed`)).toContain('The entry is worked on again.')
  })

  it('an open notice is on the first page until somebody says that it was told', async () => {
    const now = new Date()
    const { id } = await given.store.entries.accept({ workflow: 'poll', kind: 'manual', locks: [], now })
    const claim = await given.store.entries.claim({ owner: 'test', now, leaseMs: 10_000, id })
    if (claim === undefined) throw new Error('the entry could not be claimed')
    const [opened_at, due_at] = ['2026-01-01T00:00:00.000Z', '2026-01-02T00:00:00.000Z']
    const notice = { id: 'n/1', case_number: 'case-1', withdrawn_on: '2026-01-01', services: ['one'], tell: 'role' }
    const notices = [{ ...notice, opened_at, due_at }]
    const end = { state: 'success', records: [], fate: done, now, mappingVersion: 'v1', notices } as const
    await given.store.entries.settle(claim, end)
    const operator = await session('operator')

    expect(await textOf(operator, '/')).toContain('case-1')
    expect(await textOf(await session('viewer'), '/notices')).not.toContain('I have told it')
    const answer = await press('/notices/n%2F1/done', operator)

    expect(answer.headers.get('location')).toBe('/notices?said=told')
    expect(await textOf(operator, '/')).not.toContain('case-1')
    expect(await textOf(operator, '/notices?state=done')).toContain('case-1')
  })

  it('what cannot be done any more is said', async () => {
    const { id } = await entryWith(given.store, done)
    const operator = await session('operator')
    const where = async (answer: Promise<Response>) => (await answer).headers.get('location')

    expect(await where(press(`/entries/${id}/replay`, operator))).toBe(`/entries/${id}?said=not_stuck`)
    expect(await where(press('/entries/nothing/replay', operator))).toBe('/?said=unknown')
    expect(await where(press('/runs', operator, { workflow: 'inbox' }))).toBe('/runs?said=needs_message')
    expect((await press('/effects/settle', operator, { key: 'x', arrived: 'perhaps' })).status).toBe(403)
  })
})
