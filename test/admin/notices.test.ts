import { describe, expect, it } from 'vitest'
import * as schemas from '../../src/admin/schemas.ts'
import type { NewNotice, Store } from '../../src/store/types.ts'
import { administered, done } from './administered.ts'

describe('notices', () => {
  it('are listed newest first, by state and page', async () => {
    const { ask, store } = await administered()
    await open(store, notice('a', 1), notice('b', 2), notice('c', 3))
    await store.notices.done('b', new Date('2026-01-02T00:00:00Z'))
    const ids = async (query: string) =>
      schemas.notices.parse(await (await ask('GET', `/api/notices${query}`)).json()).notices.map(({ id }) => id)

    expect(await ids('')).toEqual(['c', 'b', 'a'])
    expect(await ids('?state=open')).toEqual(['c', 'a'])
    expect(await ids('?limit=1&before=c')).toEqual(['b'])
    expect(await (await ask('GET', '/api/notices?state=done')).json()).toEqual({
      notices: [{ ...notice('b', 2), done_at: '2026-01-02T00:00:00.000Z' }],
    })
    expect((await ask('GET', '/api/notices?state=other')).status).toBe(400)
  })

  it('are done once; 409 after that, 404 for an unknown one', async () => {
    const { ask, store, lines } = await administered()
    await open(store, notice('a', 1))

    const first = await ask('POST', '/api/notices/a/done')

    expect(first.status).toBe(200)
    expect(await first.json()).toEqual({ id: 'a', state: 'done' })
    expect((await ask('POST', '/api/notices/a/done')).status).toBe(409)
    expect((await ask('POST', '/api/notices/b/done')).status).toBe(404)
    expect(await store.activity.list({})).toMatchObject([{ what: 'notice done', record: 'a' }])
    expect((await store.audit.list({}))[0]).toMatchObject({ act: 'notice done', actor: 'admin', object: 'a' })
    expect(lines.some((line) => line.includes('"fact":"notice done"'))).toBe(true)
  })

  it('are counted in the metrics: open in time, and overdue', async () => {
    const { ask, store } = await administered()
    const late = { ...notice('late', 1), due_at: '2026-01-01T01:00:00.000Z' }
    await open(store, late, { ...notice('a', 2), due_at: '2999-01-01T00:00:00.000Z' }, notice('done', 3))
    await store.notices.done('done', new Date())

    const text = await (await ask('GET', '/metrics')).text()

    expect(text).toContain('notices{state="open"} 1')
    expect(text).toContain('notices{state="overdue"} 1')
  })
})

function notice(id: string, hour: number): NewNotice {
  const opened_at = `2026-01-01T0${hour}:00:00.000Z`
  const due_at = `2026-01-02T0${hour}:00:00.000Z`
  const what = { case_number: 'case-1', withdrawn_on: '2026-01-01', services: ['one'], tell: 'the focal point' }
  return { id, ...what, opened_at, due_at }
}

async function open(store: Store, ...notices: readonly NewNotice[]): Promise<void> {
  const now = new Date()
  const { id } = await store.entries.accept({ workflow: 'poll', kind: 'manual', locks: [], now })
  const claim = await store.entries.claim({ owner: 'test', now, leaseMs: 10_000, id })
  if (claim === undefined) throw new Error('the entry could not be claimed')
  await store.entries.settle(claim, { state: 'success', records: [], fate: done, now, mappingVersion: 'v1', notices })
}
