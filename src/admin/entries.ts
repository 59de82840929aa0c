import { createRoute, type OpenAPIHono } from '@hono/zod-openapi'
import type { Entries, EntryRow, ListOptions } from '../store/types.ts'
import { failed } from './answers.ts'
import { answers, refuses } from './documented.ts'
import { newApi } from './newApi.ts'
import { entries, entriesQuery, entry, entryMoved, idParameter } from './schemas.ts'
import type { AdminPorts } from './types.ts'

const list = createRoute({
  method: 'get',
  path: '/api/entries',
  summary: 'Messages that the inbox accepted, newest first.',
  request: { query: entriesQuery },
  responses: { 200: answers('Entries.', entries), 400: refuses('The query is not valid.') },
})

const show = createRoute({
  method: 'get',
  path: '/api/entries/{id}',
  summary: 'One entry. Its payload is never shown.',
  request: { params: idParameter },
  responses: { 200: answers('The entry.', entry), 404: refuses('No such entry.') },
})

const replay = createRoute({
  method: 'post',
  path: '/api/entries/{id}/replay',
  summary: 'Work on a stuck entry again, from now on for RETRY_FOR.',
  request: { params: idParameter },
  responses: {
    200: answers('The entry waits and is due now.', entryMoved),
    404: refuses('No such entry.'),
    409: refuses('The entry is not stuck, or its payload is gone.'),
  },
})

const discard = createRoute({
  method: 'post',
  path: '/api/entries/{id}/discard',
  summary: 'Give a stuck entry up and erase its payload.',
  request: { params: idParameter },
  responses: {
    200: answers('The entry is done.', entryMoved),
    404: refuses('No such entry.'),
    409: refuses('The entry is not stuck.'),
  },
})

export function entriesApi({ store, log, wake, now }: AdminPorts): OpenAPIHono {
  const api = newApi()

  api.openapi(list, async (c) => {
    const { state, limit, before } = c.req.valid('query')
    const rows = await listWebhookEntries(store.entries, { state, limit, before })
    return c.json({ entries: rows.map(shown) }, 200)
  })

  api.openapi(show, async (c) => {
    const row = await store.entries.get(c.req.valid('param').id)
    return row === undefined ? failed(c, 'unknown_entry') : c.json(shown(row), 200)
  })

  api.openapi(replay, async (c) => {
    const { id } = c.req.valid('param')
    const at = now()
    const result = await store.entries.replay(id, at)
    if (result === 'unknown') return failed(c, 'unknown_entry')
    if (result === 'conflict') return failed(c, 'not_stuck')
    await note(id, 'replayed', at)
    log.info('entry replayed', { entry: id })
    wake()
    return c.json({ id, state: 'waiting' as const }, 200)
  })

  api.openapi(discard, async (c) => {
    const { id } = c.req.valid('param')
    const at = now()
    const result = await store.entries.discard(id, at)
    if (result === 'unknown') return failed(c, 'unknown_entry')
    if (result === 'conflict') return failed(c, 'not_stuck')
    await note(id, 'discarded', at)
    log.info('entry discarded', { entry: id })
    return c.json({ id, state: 'done' as const }, 200)
  })

  return api

  async function note(id: string, what: string, at: Date): Promise<void> {
    const row = await store.entries.get(id)
    await store.activity.add({
      at: at.toISOString(),
      level: 'info',
      what,
      workflow: row?.workflow ?? null,
      entry: id,
      run: null,
      record: null,
    })
  }
}

/** The store lists entries of every kind; ticks, retries and runs asked for by hand are shown as runs only. */
export async function listWebhookEntries(
  store: Pick<Entries, 'list'>,
  { state, limit, before }: { state?: string | undefined; limit: number; before?: string | undefined },
): Promise<readonly EntryRow[]> {
  const found: EntryRow[] = []
  let last = before
  while (found.length < limit) {
    const page: ListOptions = {
      limit,
      ...(state === undefined ? {} : { state }),
      ...(last === undefined ? {} : { before: last }),
    }
    const rows = await store.list(page)
    found.push(...rows.filter(({ kind }) => kind === 'webhook'))
    last = rows.at(-1)?.id
    if (rows.length < limit) break
  }
  return found.slice(0, limit)
}

function shown({ id, workflow, state, received_at, code }: EntryRow) {
  return { id, workflow, state, received_at, code }
}
