import { z } from '@hono/zod-openapi'
import { describe, expect, it } from 'vitest'
import * as schemas from '../../src/admin/schemas.ts'
import { ExchangeError } from '../../src/errors/ExchangeError.ts'
import { administered, asAdmin, done, entryWith, keptRecords, stuck } from './administered.ts'

const documented = z.object({
  paths: z.record(z.string(), z.record(z.string(), z.object({ responses: z.record(z.string(), z.unknown()) }))),
  components: z.object({ schemas: z.record(z.string(), z.unknown()), securitySchemes: z.unknown() }),
})

const json = { ...asAdmin, 'content-type': 'application/json' }

describe('POST /api/workflows/WORKFLOW/runs', () => {
  it('202 with the id of a run that can be asked for at once; the worker is woken', async () => {
    const { ask, store, seen } = await administered()

    const answer = await ask('POST', '/api/workflows/poll/runs')

    expect(answer.status).toBe(202)
    const { run_id: id } = schemas.runAsked.parse(await answer.json())
    expect(await (await ask('GET', `/api/runs/${id}`)).json()).toEqual({
      id,
      workflow: 'poll',
      state: 'available',
      started_at: null,
      finished_at: null,
      mapping_version: null,
      records: [],
    })
    expect(seen.wakes).toBe(1)
    expect(await store.activity.list({})).toMatchObject([{ what: 'run asked for', workflow: 'poll', run: id }])
  })

  it('a second one is queued, and waits for the first', async () => {
    const { ask, store } = await administered()

    const answers = [await ask('POST', '/api/workflows/poll/runs'), await ask('POST', '/api/workflows/poll/runs')]

    expect(answers.map(({ status }) => status)).toEqual([202, 202])
    const now = new Date()
    expect(await store.entries.claim({ owner: 'test', now, leaseMs: 10_000 })).toMatchObject({ kind: 'manual' })
    expect(await store.entries.claim({ owner: 'test', now, leaseMs: 10_000 })).toBeUndefined()
  })

  it('a disabled trigger does not keep a person from running the workflow, and a key may hold any character', async () => {
    const { ask } = await administered()

    expect((await ask('POST', `/api/workflows/${encodeURIComponent('odd → key')}/runs`)).status).toBe(202)
  })

  it.each(['nothing', 'toString', '__proto__'])('404 for %s', async (key) => {
    const { ask } = await administered()

    expect((await ask('POST', `/api/workflows/${key}/runs`)).status).toBe(404)
  })

  it('409 for a workflow that starts with a message', async () => {
    const { ask, store } = await administered()

    expect((await ask('POST', '/api/workflows/inbox/runs')).status).toBe(409)
    expect(await store.entries.list({})).toEqual([])
  })
})

describe('GET /api/runs', () => {
  it('lists newest first, with records, by state, by workflow, in pages', async () => {
    const { ask, store } = await administered()
    const records = [{ key: 'INT-1', outcome: 'delivered', code: 'DELIVERED' }] as const
    const first = await entryWith(store, done, records)
    const second = await entryWith(store, done)
    await ask('POST', '/api/workflows/poll/runs')

    const all = await runs('')
    const pages = [await runs('?limit=2'), await runs(`?limit=2&before=${all[1]?.id}`)]

    expect(all.map(({ workflow, state }) => [workflow, state])).toEqual([
      ['poll', 'available'],
      ['inbox', 'success'],
      ['inbox', 'success'],
    ])
    expect(all.slice(1).map(({ id }) => id)).toEqual([second.runId, first.runId])
    expect(all[2]).toMatchObject({ mapping_version: 'v1', records })
    expect(pages.flat()).toEqual(all)
    expect(await runs('?state=success')).toEqual(all.slice(1))
    expect(await runs('?workflow=poll')).toEqual(all.slice(0, 1))

    async function runs(query: string) {
      return schemas.runs.parse(await (await ask('GET', `/api/runs${query}`)).json()).runs
    }
  })

  it('404 for a run that does not exist', async () => {
    const { ask } = await administered()

    const answer = await ask('GET', '/api/runs/nothing')

    expect(answer.status).toBe(404)
    expect(await answer.json()).toEqual({ error: 'unknown_run', message: expect.any(String) })
  })
})

describe('GET /api/entries', () => {
  it('lists messages only, newest first, with the work order id and no payload', async () => {
    const { ask, store } = await administered()
    const first = await entryWith(store, done)
    const second = await entryWith(store, stuck)
    await ask('POST', '/api/workflows/poll/runs')

    const answer = await ask('GET', '/api/entries')

    const row = { workflow: 'inbox', received_at: expect.stringMatching(/^\d{4}-.*Z$/) }
    const text = await answer.text()
    expect(JSON.parse(text)).toEqual({
      entries: [
        { id: second.id, state: 'stuck', code: 'CREDENTIALS_REFUSED', ...row },
        { id: first.id, state: 'done', code: null, ...row },
      ],
    })
    expect(text).not.toContain('Canary')
  })

  it('by state, in pages, and singly', async () => {
    const { ask, store } = await administered()
    const ids: string[] = []
    for (const fate of [done, stuck, done]) ids.unshift((await entryWith(store, fate)).id)

    expect(await entries('?state=done')).toEqual([ids[0], ids[2]])
    expect(await entries('?limit=1')).toEqual([ids[0]])
    expect(await entries(`?limit=1&before=${ids[0]}`)).toEqual([ids[1]])
    expect(await (await ask('GET', `/api/entries/${ids[1]}`)).json()).toMatchObject({ id: ids[1], state: 'stuck' })
    expect((await ask('GET', '/api/entries/nothing')).status).toBe(404)

    async function entries(query: string) {
      return schemas.entries.parse(await (await ask('GET', `/api/entries${query}`)).json()).entries.map(({ id }) => id)
    }
  })

  it.each(['?state=lost', '?limit=0', '?limit=501', '?limit=x', '?limit=1.5'])(
    '%s: 400 that names the field',
    async (query) => {
      const { ask } = await administered()

      const answer = await ask('GET', `/api/entries${query}`)

      expect(answer.status).toBe(400)
      const field = query.slice(1).split('=')[0]
      expect(await answer.json()).toEqual({ error: 'invalid_request', message: expect.stringContaining(String(field)) })
    },
  )
})

describe('POST /api/entries/ID/replay and discard', () => {
  it('a stuck entry waits again and is due now', async () => {
    const { ask, store, seen } = await administered()
    const { id } = await entryWith(store, stuck)

    const answer = await ask('POST', `/api/entries/${id}/replay`)

    expect(answer.status).toBe(200)
    expect(await answer.json()).toEqual({ id, state: 'waiting' })
    expect(await store.entries.claim({ owner: 'test', now: new Date(), leaseMs: 1000 })).toMatchObject({ id })
    expect(seen.wakes).toBe(1)
    expect(await store.activity.list({})).toMatchObject([
      { what: 'replayed', entry: id, workflow: 'inbox', level: 'info' },
    ])
  })

  it('a stuck entry that is discarded is done and never runs again', async () => {
    const { ask, store } = await administered()
    const { id } = await entryWith(store, stuck)

    const answer = await ask('POST', `/api/entries/${id}/discard`)

    expect(answer.status).toBe(200)
    expect(await store.entries.get(id)).toMatchObject({ state: 'done', code: 'DISCARDED' })
    expect((await ask('POST', `/api/entries/${id}/replay`)).status).toBe(409)
    expect(await store.activity.list({})).toMatchObject([{ what: 'discarded', entry: id }])
  })

  it.each(['replay', 'discard'])(
    '%s: 409 for an entry that is not stuck, 404 for none, and no activity',
    async (verb) => {
      const { ask, store } = await administered()
      const finished = await entryWith(store, done)
      const waiting = await store.entries.accept({
        workflow: 'inbox',
        kind: 'webhook',
        payload: '{}',
        locks: [],
        now: new Date(),
      })

      const statuses = []
      for (const id of [finished.id, waiting.id, 'nothing'])
        statuses.push((await ask('POST', `/api/entries/${id}/${verb}`)).status)

      expect(statuses).toEqual([409, 409, 404])
      expect(await store.activity.list({})).toEqual([])
    },
  )

  it('a stuck entry whose payload is gone cannot be replayed', async () => {
    const { ask, store } = await administered()
    const { id } = await entryWith(store, { state: 'stuck', code: 'FEEDBACK_REFUSED' })

    expect((await ask('POST', `/api/entries/${id}/replay`)).status).toBe(409)
  })
})

describe('effects', () => {
  const key = 'one/referral/INT-1#0a/1'
  const row = {
    key,
    state: 'in_doubt',
    fingerprint: 'f',
    detail: null,
    updated_at: '2026-01-01T00:00:00.000Z',
  } as const

  it('lists them by state, in pages, without their fingerprints', async () => {
    const { ask, store } = await administered()
    await store.ledger.write(row)
    await store.ledger.write({ ...row, key: 'one/referral/2', state: 'done', updated_at: '2026-01-02T00:00:00.000Z' })

    const doubtful = await (await ask('GET', '/api/effects?state=in_doubt')).json()
    const newest = schemas.effects.parse(await (await ask('GET', '/api/effects?limit=1')).json())
    const next = await (await ask('GET', `/api/effects?before=${encodeURIComponent('one/referral/2')}`)).json()

    expect(doubtful).toEqual({ effects: [{ key, state: 'in_doubt', updated_at: row.updated_at }] })
    expect(newest.effects.map((effect) => effect.key)).toEqual(['one/referral/2'])
    expect(next).toEqual(doubtful)
  })

  it.each([
    [true, 'done', 'settled as arrived'],
    [false, 'not_reached', 'settled as not arrived'],
  ])('a person says that it arrived: %s', async (arrived, state, what) => {
    const { ask, store, seen } = await administered()
    await store.ledger.write(row)

    const answer = await ask(
      'POST',
      `/api/effects/${encodeURIComponent(key)}/settle`,
      json,
      JSON.stringify({ arrived }),
    )

    expect(answer.status).toBe(200)
    expect(await answer.json()).toEqual({ key, state })
    expect(await store.ledger.find(key)).toMatchObject({ state })
    expect(await store.activity.list({})).toMatchObject([{ what, record: key }])
    expect(seen.wakes).toBe(1)
  })

  it('404 for an unknown one, 409 for a settled one', async () => {
    const { ask, store } = await administered()
    await store.ledger.write({ ...row, state: 'done' })

    expect((await ask('POST', '/api/effects/nothing/settle', json, '{"arrived":true}')).status).toBe(404)
    expect((await ask('POST', `/api/effects/${encodeURIComponent(key)}/settle`, json, '{"arrived":true}')).status).toBe(
      409,
    )
  })

  it.each([
    ['no body', json, undefined],
    ['no JSON', json, 'arrived'],
    ['text for a boolean', json, '{"arrived":"true"}'],
    ['nothing said', json, '{}'],
    ['a form', { ...asAdmin, 'content-type': 'application/x-www-form-urlencoded' }, 'arrived=true'],
    ['JSON sent as text', { ...asAdmin, 'content-type': 'text/plain' }, '{"arrived":true}'],
  ])('%s: 400 and nothing is settled', async (_, headers, body) => {
    const { ask, store } = await administered()
    await store.ledger.write(row)

    const answer = await ask('POST', `/api/effects/${encodeURIComponent(key)}/settle`, headers, body)

    expect(answer.status).toBe(400)
    expect(await answer.json()).toEqual({ error: 'invalid_request', message: expect.any(String) })
    expect(await store.ledger.find(key)).toMatchObject({ state: 'in_doubt' })
  })

  it('a body over 64 KiB: 413', async () => {
    const { ask } = await administered()

    const body = JSON.stringify({ arrived: true, x: 'x'.repeat(70_000) })

    expect((await ask('POST', '/api/effects/x/settle', json, body)).status).toBe(413)
  })
})

describe('GET /api/records', () => {
  it('lists records of cron runs by outcome', async () => {
    const { ask, store } = await administered()
    const kept = { ids: { case: 'C-1' }, attempt: 1, since: '2026-01-01T00:00:00.000Z' }
    await keptRecords(store, [
      { ...kept, key: 'R-1', outcome: 'waiting', code: 'REMOTE_DOWN', due_at: '2026-01-01T01:00:00.000Z' },
      { ...kept, key: 'R-2', outcome: 'refused', code: 'CONSENT_MISSING', due_at: null },
    ])

    const refused = await (await ask('GET', '/api/records?outcome=refused')).json()
    const all = schemas.records.parse(await (await ask('GET', '/api/records')).json())

    expect(refused).toEqual({
      records: [
        {
          workflow: 'poll',
          key: 'R-2',
          outcome: 'refused',
          code: 'CONSENT_MISSING',
          attempt: 1,
          due_at: null,
          since: kept.since,
        },
      ],
    })
    expect(all.records).toHaveLength(2)
  })
})

describe('GET /api/status', () => {
  it('tells which system is silent and until when the client certificate is valid', async () => {
    const { ask, metrics } = await administered()
    const days = (count: number) => Math.floor(Date.now() / 1000) + count * 86_400 + 60
    const conditions = async () => schemas.status.parse(await (await ask('GET', '/api/status')).json()).conditions
    expect(await conditions()).toEqual([])

    metrics.systemsDown.set({ system: 'one' }, 1)
    metrics.certificateExpires.set(days(25))
    expect(await conditions()).toEqual([
      { what: 'one', state: 'silent', until: '' },
      { what: 'client certificate', state: 'expires in 25 days', until: expect.stringMatching(/^\d{4}-\d\d-\d\d$/) },
    ])
    expect(await (await ask('GET', '/')).text()).toContain('expires in 25 days')

    metrics.systemsDown.set({ system: 'one' }, 0)
    metrics.certificateExpires.set(days(-2))
    expect((await conditions()).map(({ state }) => state)).toEqual(['answers', 'expired'])
    metrics.certificateExpires.set(days(300))
    expect((await conditions()).map(({ state }) => state)).toEqual(['answers', 'valid'])
  })
})

describe('the document', () => {
  it('names every path, its answers and its security', async () => {
    const { ask } = await administered()

    const document = z.record(z.string(), z.unknown()).parse(await (await ask('GET', '/api/openapi.json')).json())

    const { paths, components } = documented.parse(document)
    expect(document).toMatchObject({ openapi: '3.1.0', security: [{ admin: [] }] })
    expect(Object.keys(paths).sort()).toEqual([
      '/api/audit',
      '/api/effects',
      '/api/effects/{key}/settle',
      '/api/entries',
      '/api/entries/{id}',
      '/api/entries/{id}/discard',
      '/api/entries/{id}/replay',
      '/api/mapping',
      '/api/notices',
      '/api/notices/{id}/done',
      '/api/records',
      '/api/runs',
      '/api/runs/{id}',
      '/api/status',
      '/api/workflows/{workflow}/runs',
    ])
    expect(Object.keys(paths['/api/entries/{id}/replay']?.post?.responses ?? {})).toEqual(['200', '404', '409'])
    expect(components.securitySchemes).toEqual({ admin: { type: 'http', scheme: 'basic' } })
    expect(Object.keys(components.schemas).sort()).toEqual([
      'AuditEntry',
      'Effect',
      'Entry',
      'Error',
      'Mapping',
      'Notice',
      'Record',
      'Run',
    ])
  })
})

describe('failures', () => {
  it.each(['/api', '/api/', '/api/nothing', '/api/runs/x/y', '/api/workflows'])('%s: 404 in JSON', async (path) => {
    const { ask } = await administered()

    const answer = await ask('GET', path)

    expect(answer.status).toBe(404)
    expect(await answer.json()).toEqual({ error: 'not_found', message: expect.any(String) })
  })

  it('a store that cannot be read: 503 with Retry-After', async () => {
    const { ask } = await administered({
      store: (real) => ({
        ...real,
        runs: {
          ...real.runs,
          list: () => Promise.reject(new ExchangeError('No disk.', { code: 'STORE_UNAVAILABLE', retry: 'later' })),
        },
      }),
    })

    const answer = await ask('GET', '/api/runs')

    expect(answer.status).toBe(503)
    expect(answer.headers.get('retry-after')).toBe('30')
  })

  it('a bug: 500 without its text', async () => {
    const { ask, lines } = await administered({
      store: (real) => ({
        ...real,
        runs: { ...real.runs, list: () => Promise.reject(new TypeError('Invented Child')) },
      }),
    })

    const answer = await ask('GET', '/api/runs')

    expect(answer.status).toBe(500)
    expect((await answer.text()) + lines.join('')).not.toContain('Invented')
    expect(lines.join('')).toContain('TypeError')
  })
})
