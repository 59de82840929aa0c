import type { OpenAPIHono } from '@hono/zod-openapi'
import { answers, routeFor } from './documented.ts'
import { newApi } from './newApi.ts'
import { conditionsOf } from './page/conditions.ts'
import { status } from './schemas.ts'
import type { AdminEnv, AdminPorts } from './types.ts'

const show = routeFor('viewer', {
  method: 'get',
  path: '/api/status',
  summary: 'The systems around this process and the client certificate, as the start page shows them.',
  responses: { 200: answers('What is true now.', status) },
})

export function statusApi({ metrics, now }: AdminPorts): OpenAPIHono<AdminEnv> {
  const api = newApi()
  api.openapi(show, async (c) => c.json({ conditions: [...(await conditionsOf(metrics, now()))] }, 200))
  return api
}
