import type { Context, MiddlewareHandler } from 'hono'
import type { Log } from '../log/log.ts'
import { createSecretCheck } from '../store/secretCheck.ts'
import { failed } from './answers.ts'

interface AccessOptions {
  /** Of the user `admin`. */
  readonly password: string
  readonly metricsToken?: string | undefined
  readonly log: Log
}

interface Access {
  readonly admin: MiddlewareHandler
  /** The bearer token where one is configured, else the administrator. */
  readonly metrics: MiddlewareHandler
}

/**
 * Who may come in: HTTP Basic as `admin`, compared in constant time as one text with the user name.
 * Failures by address are counted by the listener, which sees the address.
 */
export function createAccess({ password, metricsToken, log }: AccessOptions): Access {
  const isAdmin = createSecretCheck([`admin:${password}`])
  const isMetricsToken = createSecretCheck(metricsToken === undefined ? [] : [metricsToken])
  const byPassword = (c: Context) => isAdmin(basic(c.req.header('authorization')))
  const byToken = (c: Context) => isMetricsToken(bearer(c.req.header('authorization')))

  function only(mayEnter: (c: Context) => boolean): MiddlewareHandler {
    return async (c, next) => {
      if (mayEnter(c)) return next()
      if (c.req.header('authorization') !== undefined) log.warn('access refused', { status: 401 })
      c.header('www-authenticate', 'Basic realm="exchange", charset="UTF-8"')
      return failed(c, 'unauthorized')
    }
  }

  return { admin: only(byPassword), metrics: only((c) => byToken(c) || byPassword(c)) }
}

function basic(header: string | undefined): string | undefined {
  const encoded = /^basic +([a-z0-9+/=]+) *$/i.exec(header ?? '')?.[1]
  return encoded === undefined ? undefined : Buffer.from(encoded, 'base64').toString('utf8')
}

function bearer(header: string | undefined): string | undefined {
  return /^bearer +(\S+) *$/i.exec(header ?? '')?.[1]
}
