import type { OpenAPIHono } from '@hono/zod-openapi'
import type { Acts } from './acts.ts'
import { failed } from './answers.ts'
import { answers, refuses, routeFor } from './documented.ts'
import { newApi } from './newApi.ts'
import { idParameter, noticeDone, notices, noticesQuery } from './schemas.ts'
import type { AdminEnv, AdminPorts } from './types.ts'

const list = routeFor('viewer', {
  method: 'get',
  path: '/api/notices',
  summary: 'What a person has to tell somebody outside, newest first.',
  request: { query: noticesQuery },
  responses: { 200: answers('Notices.', notices), 400: refuses('The query is not valid.') },
})

const done = routeFor('operator', {
  method: 'post',
  path: '/api/notices/{id}/done',
  summary: 'Say that it was told.',
  request: { params: idParameter },
  responses: {
    200: answers('It is done.', noticeDone),
    404: refuses('No such notice.'),
    409: refuses('It was done before.'),
  },
})

export function noticesApi({ store }: AdminPorts, acts: Acts): OpenAPIHono<AdminEnv> {
  const api = newApi()

  api.openapi(list, async (c) => {
    const { state, limit, before } = c.req.valid('query')
    const rows = await store.notices.list({
      limit,
      ...(state === undefined ? {} : { state }),
      ...(before === undefined ? {} : { before }),
    })
    return c.json({ notices: rows.map((row) => ({ ...row, services: [...row.services] })) }, 200)
  })

  api.openapi(done, async (c) => {
    const { id } = c.req.valid('param')
    const result = await acts.tell(id, c.get('person').name)
    if (result === 'unknown') return failed(c, 'unknown_notice')
    if (result === 'conflict') return failed(c, 'notice_done')
    return c.json({ id, state: 'done' as const }, 200)
  })

  return api
}
