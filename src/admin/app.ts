import { type Context, Hono, type MiddlewareHandler } from 'hono'
import { HTTPException } from 'hono/http-exception'
import { secureHeaders } from 'hono/secure-headers'
import { ExchangeError } from '../errors/ExchangeError.ts'
import { placeOf } from '../errors/placeOf.ts'
import type { Metrics } from '../log/metrics.ts'
import { createAccess } from './access.ts'
import { failed, invalid } from './answers.ts'
import { createApi } from './api.ts'
import { countUnfinished, unfinishedStates } from './counts.ts'
import { refuseCrossSite } from './crossSite.ts'
import { homePage } from './home.ts'
import type { AdminPorts, Readiness } from './types.ts'

interface AdminOptions extends AdminPorts {
  /** Of the user `admin` (`ADMIN_PASSWORD`). */
  readonly password: string
  /** Opens `/metrics` as a bearer token (`METRICS_TOKEN`); the administrator may always read it. */
  readonly metricsToken?: string | undefined
  /** Whether store and worker are alive. It must not ask other systems: they may be down while we are well. */
  readonly ready: () => Promise<Readiness>
}

const maxBodyBytes = 64 * 1024

/**
 * The admin side as one function from request to response: `/health`, `/ready`, `/metrics`, `/api/…` and the page.
 * It needs no server and no socket; `/i/…` is not its business.
 */
export function createAdmin(options: AdminOptions): (request: Request) => Response | Promise<Response> {
  const { store, log, metrics, ready } = options
  const access = createAccess(options)
  const app = new Hono()

  app.use(
    secureHeaders({
      contentSecurityPolicy: {
        defaultSrc: ["'none'"],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
      },
      xFrameOptions: 'DENY',
    }),
  )
  app.use(async (c, next) => {
    await next()
    c.header('cache-control', 'no-store')
  })
  app.use(refuseCrossSite)

  app.get('/health', (c) => c.body(null, 204))
  app.get('/ready', async (c) => {
    const state = await ready()
    return state.ready ? c.body(null, 204) : c.json({ error: 'not_ready', message: state.reason }, 503)
  })
  app.get('/metrics', access.metrics, async (c) => {
    await measureEntries(options, metrics)
    return c.body(await metrics.registry.metrics(), 200, { 'content-type': metrics.registry.contentType })
  })
  app.use('/api/*', access.admin)
  app.use('/api/*', limitBody)
  app.route('/', createApi(options))
  app.get('/', access.admin, async (c) => c.html(await homePage(store)))

  app.notFound((c) => failed(c, 'not_found'))
  app.onError((error, c) => answerError(error, c, log))
  return (request) => app.fetch(request)
}

/** hono's own limit fails on a POST that tells no length: it copies the request, which the listener's cannot be. */
const limitBody: MiddlewareHandler = async (c, next) => {
  if (c.req.method === 'GET') return next()
  const told = c.req.header('content-length')
  const bytes = told === undefined ? (await c.req.arrayBuffer()).byteLength : Number(told)
  return bytes > maxBodyBytes ? failed(c, 'too_large') : next()
}

/** Without the store there is no number, which says more than a stale one; the other metrics are still given. */
async function measureEntries({ store, log }: AdminPorts, { entries }: Metrics): Promise<void> {
  entries.reset()
  try {
    const counts = await countUnfinished(store.entries)
    for (const state of unfinishedStates) entries.set({ state }, counts[state])
  } catch (error) {
    log.error('store failed', { error_name: error instanceof Error ? error.name : 'unknown' })
  }
}

function answerError(error: Error, c: Context, log: AdminPorts['log']): Response {
  if (error instanceof HTTPException && error.status < 500) return invalid(c, [])
  if (error instanceof ExchangeError && error.retry === 'later') {
    log.error('store failed', { code: error.code })
    c.header('retry-after', '30')
    return failed(c, 'store_unavailable')
  }
  log.error('unforeseen error', placeOf(error))
  return failed(c, 'unforeseen')
}
