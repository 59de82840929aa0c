import type { Context, MiddlewareHandler } from 'hono'
import { createSecretCheck } from '../store/secretCheck.ts'
import { failed } from './answers.ts'
import type { Person, SignIn } from './signIn.ts'
import type { AdminEnv } from './types.ts'
import { may, type Role } from './users/roles.ts'

interface AccessOptions {
  readonly signIn: SignIn
  readonly metricsToken?: string | undefined
}

interface Access {
  /** HTTP Basic, any role; each route says which it needs (`mayOnly`). */
  readonly basic: MiddlewareHandler<AdminEnv>
  /** The bearer token where one is configured, else HTTP Basic. */
  readonly metrics: MiddlewareHandler<AdminEnv>
}

/** Who may come in by a header. A browser gets its question for a password from here, as curl does. */
export function createAccess({ signIn, metricsToken }: AccessOptions): Access {
  const isMetricsToken = createSecretCheck(metricsToken === undefined ? [] : [metricsToken])

  const basic: MiddlewareHandler<AdminEnv> = async (c, next) => {
    const judged = await judgeBasic(c, signIn)
    if (judged instanceof Response) return judged
    c.set('person', judged)
    return next()
  }
  return {
    basic,
    metrics: async (c, next) => (isMetricsToken(bearer(c.req.header('authorization'))) ? next() : basic(c, next)),
  }
}

/** The person of the header, or the answer to give instead. */
export async function judgeBasic(c: Context<AdminEnv>, signIn: SignIn): Promise<Person | Response> {
  const header = c.req.header('authorization')
  const [, user = '', password = ''] = /^([^:]*):([\s\S]*)$/.exec(basicOf(header) ?? '') ?? []
  const attempt = { user, address: c.env.address, device: undefined }
  const judged = header === undefined ? ({ is: 'refused' } as const) : await signIn.judge(attempt, password)
  if (judged.is === 'in') return judged.person
  if (judged.is === 'locked') {
    c.header('retry-after', String(judged.seconds))
    return failed(c, 'locked')
  }
  c.header('www-authenticate', 'Basic realm="exchange", charset="UTF-8"')
  return failed(c, 'unauthorized')
}

/** For a route: whoever came in has this role, or a higher one. */
export function mayOnly(role: Role): MiddlewareHandler<AdminEnv> {
  return async (c, next) => (may(c.get('person').role, role) ? next() : failed(c, 'forbidden'))
}

function basicOf(header: string | undefined): string | undefined {
  const encoded = /^basic +([a-z0-9+/=]+) *$/i.exec(header ?? '')?.[1]
  return encoded === undefined ? undefined : Buffer.from(encoded, 'base64').toString('utf8')
}

function bearer(header: string | undefined): string | undefined {
  return /^bearer +(\S+) *$/i.exec(header ?? '')?.[1]
}
