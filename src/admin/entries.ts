import type { OpenAPIHono } from '@hono/zod-openapi'
import type { EntryRow } from '../store/types.ts'
import type { Acts } from './acts.ts'
import { failed } from './answers.ts'
import { answers, refuses, routeFor } from './documented.ts'
import { newApi } from './newApi.ts'
import { entries, entriesQuery, entry, entryMoved, idParameter } from './schemas.ts'
import type { AdminEnv, AdminPorts } from './types.ts'

const list = routeFor('viewer', {
  method: 'get',
  path: '/api/entries',
  summary: 'Messages that the inbox accepted, newest first.',
  request: { query: entriesQuery },
  responses: { 200: answers('Entries.', entries), 400: refuses('The query is not valid.') },
})

const show = routeFor('viewer', {
  method: 'get',
  path: '/api/entries/{id}',
  summary: 'One entry. Its payload is never shown.',
  request: { params: idParameter },
  responses: { 200: answers('The entry.', entry), 404: refuses('No such entry.') },
})

const replay = routeFor('operator', {
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

const discard = routeFor('administrator', {
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

export function entriesApi({ store }: AdminPorts, acts: Acts): OpenAPIHono<AdminEnv> {
  const api = newApi()

  api.openapi(list, async (c) => {
    const { state, limit, before } = c.req.valid('query')
    const rows = await store.entries.list({
      kind: 'webhook',
      limit,
      ...(state === undefined ? {} : { state }),
      ...(before === undefined ? {} : { before }),
    })
    return c.json({ entries: rows.map(shown) }, 200)
  })

  api.openapi(show, async (c) => {
    const row = await store.entries.get(c.req.valid('param').id)
    return row === undefined ? failed(c, 'unknown_entry') : c.json(shown(row), 200)
  })

  api.openapi(replay, async (c) => {
    const { id } = c.req.valid('param')
    const result = await acts.replay(id, c.get('person').name)
    if (result === 'unknown') return failed(c, 'unknown_entry')
    if (result === 'conflict') return failed(c, 'not_stuck')
    return c.json({ id, state: 'waiting' as const }, 200)
  })

  api.openapi(discard, async (c) => {
    const { id } = c.req.valid('param')
    const result = await acts.discard(id, c.get('person').name)
    if (result === 'unknown') return failed(c, 'unknown_entry')
    if (result === 'conflict') return failed(c, 'not_stuck')
    return c.json({ id, state: 'done' as const }, 200)
  })

  return api
}

function shown({ id, workflow, state, received_at, code }: EntryRow) {
  return { id, workflow, state, received_at, code }
}
