import type { OpenAPIHono } from '@hono/zod-openapi'
import { answers, refuses, routeFor } from './documented.ts'
import { newApi } from './newApi.ts'
import { records, recordsQuery } from './schemas.ts'
import type { AdminEnv, AdminPorts } from './types.ts'

const list = routeFor('viewer', {
  method: 'get',
  path: '/api/records',
  summary: 'Records of cron runs that wait for a retry or for a person.',
  request: { query: recordsQuery },
  responses: { 200: answers('Records.', records), 400: refuses('The query is not valid.') },
})

export function recordsApi({ store }: AdminPorts): OpenAPIHono<AdminEnv> {
  const api = newApi()

  api.openapi(list, async (c) => {
    const { outcome, limit } = c.req.valid('query')
    const rows = await store.records.list({ limit, ...(outcome === undefined ? {} : { outcome }) })
    const shown = rows.map(({ workflow, key, outcome, code, attempt, due_at, since }) => ({
      workflow,
      key,
      outcome,
      code,
      attempt,
      due_at,
      since,
    }))
    return c.json({ records: shown }, 200)
  })

  return api
}
