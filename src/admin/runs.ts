import type { OpenAPIHono } from '@hono/zod-openapi'
import type { RunRow } from '../store/types.ts'
import type { Acts } from './acts.ts'
import { failed } from './answers.ts'
import { answers, refuses, routeFor } from './documented.ts'
import { newApi } from './newApi.ts'
import { idParameter, run, runAsked, runs, runsQuery, workflowParameter } from './schemas.ts'
import type { AdminEnv, AdminPorts } from './types.ts'

const ask = routeFor('operator', {
  method: 'post',
  path: '/api/workflows/{workflow}/runs',
  summary: 'Run a workflow now. While one of its runs is under way, the new one is queued.',
  request: { params: workflowParameter },
  responses: {
    202: answers('The run was stored and will begin.', runAsked),
    404: refuses('No such workflow.'),
    409: refuses('The workflow starts with a message.'),
  },
})

const list = routeFor('viewer', {
  method: 'get',
  path: '/api/runs',
  summary: 'Runs, newest first.',
  request: { query: runsQuery },
  responses: { 200: answers('Runs.', runs), 400: refuses('The query is not valid.') },
})

const show = routeFor('viewer', {
  method: 'get',
  path: '/api/runs/{id}',
  summary: 'One run with the outcome of each record.',
  request: { params: idParameter },
  responses: { 200: answers('The run.', run), 404: refuses('No such run.') },
})

export function runsApi({ store }: AdminPorts, acts: Acts): OpenAPIHono<AdminEnv> {
  const api = newApi()

  api.openapi(ask, async (c) => {
    const { workflow } = c.req.valid('param')
    const asked = await acts.ask(workflow, c.get('person').name)
    if (asked === 'unknown') return failed(c, 'unknown_workflow')
    if (asked === 'conflict') return failed(c, 'needs_message')
    return c.json({ run_id: asked.runId }, 202)
  })

  api.openapi(list, async (c) => {
    const { state, workflow, limit, before } = c.req.valid('query')
    const rows = await store.runs.list({
      limit,
      ...(state === undefined ? {} : { state }),
      ...(workflow === undefined ? {} : { workflow }),
      ...(before === undefined ? {} : { before }),
    })
    return c.json({ runs: rows.map(shown) }, 200)
  })

  api.openapi(show, async (c) => {
    const row = await store.runs.get(c.req.valid('param').id)
    return row === undefined ? failed(c, 'unknown_run') : c.json(shown(row), 200)
  })

  return api
}

function shown({ id, workflow, state, started_at, finished_at, mapping_version, records }: RunRow) {
  return {
    id,
    workflow,
    state,
    started_at,
    finished_at,
    mapping_version,
    records: records.map(({ key, outcome, code }) => ({ key, outcome, code })),
  }
}
