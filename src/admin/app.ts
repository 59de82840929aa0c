import { type Context, Hono, type MiddlewareHandler } from 'hono'
import { HTTPException } from 'hono/http-exception'
import { secureHeaders } from 'hono/secure-headers'
import { ExchangeError } from '../errors/ExchangeError.ts'
import { placeOf } from '../errors/placeOf.ts'
import type { Metrics } from '../log/metrics.ts'
import { createAccess, mayOnly } from './access.ts'
import { createActs } from './acts.ts'
import { failed, invalid } from './answers.ts'
import { createApi } from './api.ts'
import { countUnfinished, unfinishedStates } from './counts.ts'
import { refuseCrossSite } from './crossSite.ts'
import { createPage } from './page/routes.ts'
import { createBrowserSessions } from './session.ts'
import { createSignIn } from './signIn.ts'
import type { AdminEnv, AdminPorts, Readiness } from './types.ts'

interface AdminOptions extends AdminPorts {
  /** Of the user `admin` (`ADMIN_PASSWORD`). */
  readonly password: string
  /** Path of the file of all other users. */
  readonly usersFile: string
  /** Browsers reach this exchange by https. */
  readonly secure: boolean
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
export function createAdmin(
  options: AdminOptions,
): (request: Request, env: AdminEnv['Bindings']) => Response | Promise<Response> {
  const app = createAdminApp(options)
  return (request, env) => app.fetch(request, env)
}

/** The same with its routes to be looked at. */
export function createAdminApp(options: AdminOptions): Hono<AdminEnv> {
  const { store, log, metrics, ready, secure, now } = options
  const signIn = createSignIn(options)
  const sessions = createBrowserSessions({ store, signIn, secure, now })
  const access = createAccess({ signIn, metricsToken: options.metricsToken })
  const acts = createActs(options)
  const app = new Hono<AdminEnv>()

  app.use(
    secureHeaders({
      contentSecurityPolicy: {
        defaultSrc: ["'none'"],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
        styleSrc: ["'self'"],
        // The arrows and ticks in pico.css.
        imgSrc: ['data:'],
      },
      xFrameOptions: 'DENY',
      // Under no-referrer browsers send forms with `Origin: null`, as another site would.
      referrerPolicy: 'same-origin',
      strictTransportSecurity: secure ? 'max-age=15552000' : false,
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
    await measureStore(options, metrics)
    return c.body(await metrics.registry.metrics(), 200, { 'content-type': metrics.registry.contentType })
  })
  app.use('/api/*', access.basic)
  app.use('/api/*', async (c, next) => (isLooking(c) ? next() : mayOnly('operator')(c, next)))
  app.use(limitBody)
  app.route('/', createApi(options, acts))
  app.route('/', createPage({ ports: options, acts, signIn, sessions }))

  app.notFound((c) => failed(c, 'not_found'))
  app.onError((error, c) => answerError(error, c, log))
  return app
}

function isLooking(c: Context): boolean {
  return c.req.method === 'GET' || c.req.method === 'HEAD'
}

/** hono's own limit fails on a POST that tells no length: it copies the request, which the listener's cannot be. */
const limitBody: MiddlewareHandler<AdminEnv> = async (c, next) => {
  if (isLooking(c)) return next()
  const told = c.req.header('content-length')
  // Only who has come in may send a body whose end is not known.
  if (told === undefined && c.req.header('transfer-encoding') !== undefined && !c.get('person')) {
    return failed(c, 'length_required')
  }
  const bytes = told === undefined ? (await c.req.arrayBuffer()).byteLength : Number(told)
  return bytes > maxBodyBytes ? failed(c, 'too_large') : next()
}

/** Without the store there is no number, which says more than a stale one; the other metrics are still given. */
async function measureStore({ store, log, now }: AdminPorts, { entries, notices }: Metrics): Promise<void> {
  entries.reset()
  notices.reset()
  try {
    const at = now().toISOString()
    const open = await store.notices.list({ state: 'open' })
    const overdue = open.filter(({ due_at }) => due_at <= at).length
    notices.set({ state: 'open' }, open.length - overdue)
    notices.set({ state: 'overdue' }, overdue)
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
