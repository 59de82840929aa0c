import type { OpenAPIHono } from '@hono/zod-openapi'
import type { Acts } from './acts.ts'
import { auditApi } from './audit.ts'
import { effectsApi } from './effects.ts'
import { entriesApi } from './entries.ts'
import { mappingApi } from './mapping.ts'
import { newApi } from './newApi.ts'
import { noticesApi } from './notices.ts'
import { recordsApi } from './records.ts'
import { runsApi } from './runs.ts'
import { statusApi } from './status.ts'
import type { AdminEnv, AdminPorts } from './types.ts'

/** Everything under `/api`, and the document of it, which is made from the schemas that validate. */
export function createApi(ports: AdminPorts, acts: Acts): OpenAPIHono<AdminEnv> {
  const api = newApi()
  for (const part of [runsApi, entriesApi, effectsApi, recordsApi, noticesApi, auditApi, mappingApi, statusApi])
    api.route('/', part(ports, acts))
  api.openAPIRegistry.registerComponent('securitySchemes', 'admin', { type: 'http', scheme: 'basic' })
  api.doc31('/api/openapi.json', {
    openapi: '3.1.0',
    info: {
      title: 'Exchange admin API',
      version: '1',
      description: 'Runs, entries, effects and records. System ids, codes and times only; no personal data.',
    },
    security: [{ admin: [] }],
  })
  return api
}
