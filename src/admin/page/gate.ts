import type { Context, MiddlewareHandler } from 'hono'
import { createSecretCheck } from '../../store/secretCheck.ts'
import { judgeBasic } from '../access.ts'
import { failed } from '../answers.ts'
import type { BrowserSessions } from '../session.ts'
import type { SignIn } from '../signIn.ts'
import type { AdminEnv } from '../types.ts'
import { may, type Role } from '../users/roles.ts'

interface Options {
  readonly signIn: SignIn
  readonly sessions: BrowserSessions
}

/**
 * Pages are for sessions, and for HTTP Basic, by which they can only be looked at. A stranger is shown the way to the
 * sign-in. What changes something needs a session and the token that only its own pages know.
 */
export function createGate({ signIn, sessions }: Options) {
  const look = (role: Role): MiddlewareHandler<AdminEnv> => {
    return async (c, next) => {
      const session = await sessions.find(c)
      if (session === undefined && c.req.header('authorization') === undefined) return c.redirect('/login', 303)
      const judged = session?.person ?? (await judgeBasic(c, signIn))
      if (judged instanceof Response) return judged
      if (!may(judged.role, role)) return failed(c, 'forbidden')
      const { path } = c.req
      c.set('visit', { person: judged, csrf: session?.csrf, path, said: c.req.query('said') })
      return next()
    }
  }
  const act = (role: Role): MiddlewareHandler<AdminEnv> => {
    return async (c, next) => {
      const session = await sessions.find(c)
      if (session === undefined) return c.redirect('/login', 303)
      const form = await formOf(c)
      if (!createSecretCheck([session.csrf])(form.get('csrf'))) return failed(c, 'wrong_form')
      if (!may(session.person.role, role)) return failed(c, 'forbidden')
      c.set('person', session.person)
      c.set('form', form)
      return next()
    }
  }
  return { look, act }
}

/** Empty for a body that is no form. */
export async function formOf(c: Context): Promise<ReadonlyMap<string, string>> {
  if (!/^application\/x-www-form-urlencoded\b/i.test(c.req.header('content-type') ?? '')) return new Map()
  return new Map(new URLSearchParams(await c.req.text()))
}
