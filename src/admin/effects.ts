import type { OpenAPIHono } from '@hono/zod-openapi'
import type { Acts } from './acts.ts'
import { failed } from './answers.ts'
import { answers, refuses, routeFor } from './documented.ts'
import { newApi } from './newApi.ts'
import { effectSettled, effects, effectsQuery, keyParameter, settlement } from './schemas.ts'
import type { AdminEnv, AdminPorts } from './types.ts'

const list = routeFor('viewer', {
  method: 'get',
  path: '/api/effects',
  summary: 'Effects on other systems, newest first.',
  request: { query: effectsQuery },
  responses: { 200: answers('Effects.', effects), 400: refuses('The query is not valid.') },
})

const settle = routeFor('operator', {
  method: 'post',
  path: '/api/effects/{key}/settle',
  summary: 'Say whether an effect in doubt arrived. What did not arrive may be sent again.',
  request: {
    params: keyParameter,
    body: { required: true, content: { 'application/json': { schema: settlement } } },
  },
  responses: {
    200: answers('The effect is settled.', effectSettled),
    400: refuses('The body is not valid.'),
    404: refuses('No such effect.'),
    409: refuses('The effect is not in doubt.'),
  },
})

export function effectsApi({ store }: AdminPorts, acts: Acts): OpenAPIHono<AdminEnv> {
  const api = newApi()

  api.openapi(list, async (c) => {
    const { state, limit, before } = c.req.valid('query')
    const rows = await store.ledger.list({
      limit,
      ...(state === undefined ? {} : { state }),
      ...(before === undefined ? {} : { before }),
    })
    return c.json({ effects: rows.map(({ key, state, updated_at }) => ({ key, state, updated_at })) }, 200)
  })

  api.openapi(settle, async (c) => {
    const { key } = c.req.valid('param')
    const { arrived } = c.req.valid('json')
    const result = await acts.settle(key, arrived, c.get('person').name)
    if (result === 'unknown') return failed(c, 'unknown_effect')
    if (result === 'conflict') return failed(c, 'not_in_doubt')
    return c.json({ key, state: arrived ? ('done' as const) : ('not_reached' as const) }, 200)
  })

  return api
}
