import { z } from '@hono/zod-openapi'

/** The shapes of the admin API: they validate what comes in, type what goes out, and are the OpenAPI document. */
const entryStates = ['waiting', 'running', 'done', 'stuck'] as const
const runStates = ['available', 'started', 'success', 'failed', 'crashed', 'killed'] as const
const effectStates = ['intent', 'done', 'in_doubt', 'refused', 'not_reached'] as const
const outcomes = ['delivered', 'unchanged', 'refused', 'waiting', 'in_doubt'] as const

const time = z.string().openapi({ format: 'date-time', example: '2026-02-03T09:15:00.000Z' })
const code = z.string().openapi({ description: 'A code of the README’s table.', example: 'DELIVERED' })
const limit = z.coerce.number().int().min(1).max(500).default(50)
const before = z
  .string()
  .min(1)
  .optional()
  .openapi({ description: 'Only rows older than the one with this id (effects: this key).' })

export const errorBody = z.object({ error: z.string(), message: z.string() }).openapi('Error')

export const idParameter = z.object({ id: z.string().min(1) })
export const workflowParameter = z.object({ workflow: z.string().min(1) })
export const keyParameter = z.object({
  key: z.string().min(1).openapi({ description: 'The effect’s key, URL-encoded: it has slashes.' }),
})

export const entriesQuery = z.object({ state: z.enum(entryStates).optional(), limit, before })
export const runsQuery = z.object({
  state: z.enum(runStates).optional(),
  workflow: z.string().min(1).optional(),
  limit,
  before,
})
export const effectsQuery = z.object({ state: z.enum(effectStates).optional(), limit, before })
export const recordsQuery = z.object({ outcome: z.enum(outcomes).optional(), limit })

export const status = z.object({
  conditions: z.array(
    z.object({
      what: z.string(),
      state: z.string().openapi({ example: 'expires in 25 days' }),
      until: z.string().openapi({ description: 'A day, or nothing.', example: '2026-12-31' }),
    }),
  ),
})

export const entry = z
  .object({
    id: z.string().openapi({ description: 'The work_order_id that the inbox answered.' }),
    workflow: z.string(),
    state: z.enum(entryStates),
    received_at: time,
    code: code.nullable(),
  })
  .openapi('Entry')
export const entries = z.object({ entries: z.array(entry) })
export const entryMoved = z.object({ id: z.string(), state: z.enum(entryStates) })

export const run = z
  .object({
    id: z.string(),
    workflow: z.string(),
    state: z.enum(runStates),
    started_at: time.nullable(),
    finished_at: time.nullable(),
    mapping_version: z.string().nullable(),
    records: z.array(z.object({ key: z.string(), outcome: z.enum(outcomes), code })),
  })
  .openapi('Run')
export const runs = z.object({ runs: z.array(run) })
export const runAsked = z.object({ run_id: z.string() })

export const effect = z.object({ key: z.string(), state: z.enum(effectStates), updated_at: time }).openapi('Effect')
export const effects = z.object({ effects: z.array(effect) })
export const settlement = z.object({ arrived: z.boolean() })
export const effectSettled = z.object({ key: z.string(), state: z.enum(effectStates) })

export const record = z
  .object({
    workflow: z.string(),
    key: z.string(),
    outcome: z.enum(outcomes),
    code,
    attempt: z.number().int(),
    due_at: time.nullable(),
    since: time,
  })
  .openapi('Record')
export const records = z.object({ records: z.array(record) })

export const noticesQuery = z.object({ state: z.enum(['open', 'done']).optional(), limit, before })
export const notice = z
  .object({
    id: z.string(),
    case_number: z.string(),
    withdrawn_on: z.string().openapi({ format: 'date', example: '2026-02-03' }),
    services: z.array(z.string()),
    tell: z.string().openapi({ description: 'The role that is to be told.' }),
    opened_at: time,
    due_at: time.openapi({ description: 'Until when.' }),
    done_at: time.nullable(),
  })
  .openapi('Notice')
export const notices = z.object({ notices: z.array(notice) })
export const noticeDone = z.object({ id: z.string(), state: z.enum(['open', 'done']) })

export const auditQuery = z.object({ limit, before: z.coerce.number().int().min(1).optional() })
export const auditEntry = z
  .object({
    n: z.number().int(),
    at: time,
    actor: z.string(),
    act: z.string(),
    object: z.string().nullable(),
    code: z.string().nullable(),
    hash: z.string().openapi({ description: 'Seals this entry together with the one before.' }),
  })
  .openapi('AuditEntry')
export const auditEntries = z.object({ entries: z.array(auditEntry) })
