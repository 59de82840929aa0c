import type { OpenAPIHono } from '@hono/zod-openapi'
import { answers, refuses, routeFor } from './documented.ts'
import { newApi } from './newApi.ts'
import { auditEntries, auditQuery } from './schemas.ts'
import type { AdminEnv, AdminPorts } from './types.ts'

const list = routeFor('administrator', {
  method: 'get',
  path: '/api/audit',
  summary: 'Acts of people and effects on other systems, newest first.',
  request: { query: auditQuery },
  responses: { 200: answers('Entries of the log.', auditEntries), 400: refuses('The query is not valid.') },
})

export function auditApi({ store }: AdminPorts): OpenAPIHono<AdminEnv> {
  const api = newApi()

  api.openapi(list, async (c) => {
    const { limit, before } = c.req.valid('query')
    const rows = await store.audit.list({ limit, ...(before === undefined ? {} : { before }) })
    const entries = rows.map(({ n, at, actor, act, object, code, hash }) => ({ n, at, actor, act, object, code, hash }))
    return c.json({ entries }, 200)
  })

  return api
}
