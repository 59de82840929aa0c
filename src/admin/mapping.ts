import { type OpenAPIHono, z } from '@hono/zod-openapi'
import { answers, routeFor } from './documented.ts'
import { newApi } from './newApi.ts'
import type { AdminEnv, AdminPorts } from './types.ts'

const state = z
  .object({
    country: z.string(),
    version: z.string(),
    hash: z.string(),
    draft: z.boolean(),
    next: z.object({ version: z.string(), from: z.string() }).nullable(),
    files_changed_at: z.string().nullable(),
  })
  .openapi('Mapping')

const show = routeFor('viewer', {
  method: 'get',
  path: '/api/mapping',
  summary:
    'The mapping specification in force, the one to come, and since when its files are others than those that were loaded.',
  responses: { 200: answers('The mapping specification.', state) },
})

export function mappingApi({ mapping }: AdminPorts): OpenAPIHono<AdminEnv> {
  const api = newApi()
  api.openapi(show, (c) => c.json(mapping(), 200))
  return api
}
