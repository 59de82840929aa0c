import type { z } from '@hono/zod-openapi'
import { errorBody } from './schemas.ts'

/** An answer with a JSON body, as the OpenAPI document describes it. */
export function answers<T extends z.ZodType>(description: string, schema: T) {
  return { description, content: { 'application/json': { schema } } }
}

/** An answer that says why not. */
export function refuses(description: string) {
  return answers(description, errorBody)
}
