import type { MiddlewareHandler } from 'hono'
import { failed } from './answers.ts'

/**
 * Refuses requests that change something when a browser says that they come from another site.
 *
 * A browser adds the stored Basic credentials to a form that any page on the web submits. Programs send neither header.
 */
export const refuseCrossSite: MiddlewareHandler = async (c, next) => {
  if (c.req.method === 'GET' || c.req.method === 'HEAD') return next()
  const site = c.req.header('sec-fetch-site')
  const origin = c.req.header('origin')
  const isOwnSite = site === undefined || site === 'same-origin' || site === 'none'
  const isOwnOrigin = origin === undefined || hostOf(origin) === c.req.header('host')
  return isOwnSite && isOwnOrigin ? next() : failed(c, 'cross_site')
}

/** Without the scheme: behind a proxy that ends TLS the two differ. */
function hostOf(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined
}
