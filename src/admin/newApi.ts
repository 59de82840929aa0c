import { OpenAPIHono } from '@hono/zod-openapi'
import { invalid } from './answers.ts'
import type { AdminEnv } from './types.ts'

/** A router whose routes validate by their schemas; what does not fit is answered 400 with the names of the fields. */
export function newApi(): OpenAPIHono<AdminEnv> {
  return new OpenAPIHono<AdminEnv>({
    defaultHook: (result, c) => {
      if (result.success) return
      return invalid(c, [...new Set(result.error.issues.map(({ path }) => path.join('.')))])
    },
  })
}
