import { createRoute, type RouteConfig, type z } from '@hono/zod-openapi'
import { mayOnly } from './access.ts'
import { errorBody } from './schemas.ts'
import type { Role } from './users/roles.ts'

/** An answer with a JSON body, as the OpenAPI document describes it. */
export function answers<T extends z.ZodType>(description: string, schema: T) {
  return { description, content: { 'application/json': { schema } } }
}

/** An answer that says why not. */
export function refuses(description: string) {
  return answers(description, errorBody)
}

/** A route, and the least role that it needs: the gate asks for it, and the OpenAPI document says it (`x-role`). */
export function routeFor<P extends string, R extends Omit<RouteConfig, 'path'> & { path: P }>(role: Role, route: R) {
  return createRoute({ ...route, 'x-role': role, middleware: [mayOnly(role)] as const })
}
