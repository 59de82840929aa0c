import { createRoute, type OpenAPIHono } from '@hono/zod-openapi'
import type { RunRow } from '../store/types.ts'
import { workflowLock } from '../store/workflowLock.ts'
import { failed } from './answers.ts'
import { answers, refuses } from './documented.ts'
import { newApi } from './newApi.ts'
import { idParameter, run, runAsked, runs, runsQuery, workflowParameter } from './schemas.ts'
import type { AdminPorts } from './types.ts'

const ask = createRoute({
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

const list = createRoute({
  method: 'get',
  path: '/api/runs',
  summary: 'Runs, newest first.',
  request: { query: runsQuery },
  responses: { 200: answers('Runs.', runs), 400: refuses('The query is not valid.') },
})

const show = createRoute({
  method: 'get',
  path: '/api/runs/{id}',
  summary: 'One run with the outcome of each record.',
  request: { params: idParameter },
  responses: { 200: answers('The run.', run), 404: refuses('No such run.') },
})

export function runsApi({ workflows, store, wake, now }: AdminPorts): OpenAPIHono {
  const api = newApi()

  api.openapi(ask, async (c) => {
    const { workflow } = c.req.valid('param')
    const found = Object.hasOwn(workflows, workflow) ? workflows[workflow] : undefined
    if (found === undefined) return failed(c, 'unknown_workflow')
    if (found.trigger.type === 'webhook') return failed(c, 'needs_message')
    const at = now()
    const { id, runId } = await store.entries.accept({
      workflow,
      kind: 'manual',
      locks: [workflowLock(store, workflow)],
      now: at,
    })
    await store.activity.add({
      at: at.toISOString(),
      level: 'info',
      what: 'run asked for',
      workflow,
      entry: id,
      run: runId,
      record: null,
    })
    wake(id)
    return c.json({ run_id: runId }, 202)
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
