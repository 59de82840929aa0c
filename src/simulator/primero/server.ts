import { type Clock, createClock } from '../clock.ts'
import { createControl } from '../control.ts'
import { createFaults, type Faults } from '../faults.ts'
import type { JsonObject } from '../json.ts'
import { countsOf, type ListenOptions, listen, type SeenRequest } from '../listener.ts'
import type { Call } from './call.ts'
import { type Content, createContent } from './content.ts'
import { createDoor, type Door } from './door.ts'
import { generateCases } from './generate.ts'
import { createPeople, type People } from './people.ts'
import { errors, json, Refusal } from './respond.ts'
import { type FieldNames, integrationRole, type Permission, type Role, type Scope } from './role.ts'
import { findRoute } from './router.ts'
import { readSeed } from './seed.ts'
import type { Profile, Seed, SeedUser } from './types.ts'

/** The integration account and what its role may do; everything has a default. */
export interface AccountOptions {
  readonly user?: string
  readonly password?: string
  readonly visible?: Scope
  readonly permissions?: readonly Permission[]
  readonly filterable?: FieldNames
  readonly readable?: FieldNames
  readonly writable?: FieldNames
}

export interface PrimeroOptions extends ListenOptions {
  readonly profile?: Profile
  /** Replaces parts of fixtures/primero: `{ cases: [], referrals: [] }` starts without any. */
  readonly seed?: Partial<Seed>
  /** Added to the users of the seed: the names that a country's settings ask for. */
  readonly users?: readonly SeedUser[]
  readonly account?: AccountOptions
  readonly now?: () => Date
  readonly ties?: 'stable' | 'shuffled'
  /** Longest request line the proxy lets through, 1 KB at the stock nginx; above it answers 414 in HTML. */
  readonly maxRequestLineBytes?: number
}

export interface PrimeroSimulator {
  /** Base URL, without `/api/v2`. On a unix socket the socket path has to be told to the client as well. */
  readonly url: string
  readonly account: { readonly user: string; readonly password: string }
  readonly requests: readonly SeenRequest[]
  readonly content: Content
  readonly people: People
  readonly faults: Faults
  readonly clock: Clock
  isLocked(userName: string): boolean
  close(): Promise<void>
}

/**
 * A Primero v2 on loopback, as far as an exchange can tell: lists, cases, referrals, users and forms with their traps.
 *
 * Not there: GBV rules, transfers, webhooks, record history, Solr's delay on 2.6, the session log-in of 2.11 and later.
 */
export async function startPrimero(options: PrimeroOptions = {}): Promise<PrimeroSimulator> {
  const { user = 'openfn_api', password = 'an-invented-password' } = options.account ?? {}
  const clock = createClock(options.now)
  const profile = options.profile ?? '2.15'
  const seed = readSeed(options.seed, profile)
  const content = createContent(
    { ...seed, users: [...seed.users, ...(options.users ?? []), { user_name: user, password }] },
    clock,
  )
  content.changeUser(user, { role_unique_id: integrationRole.unique_id, password })
  const role: Role = { ...integrationRole, ...options.account }
  const door = createDoor(content, clock, profile, [user, role])
  const faults = createFaults()
  const control = createControl({
    faults,
    counts: () => countsOf(listening.tally),
    content: () => summary(content),
    actions: { cases: (body) => generateCases(content, clock, body) },
  })

  const listening = await listen(
    {
      answer: (request) => answer(request, { content, clock, profile, door, options }),
      control,
    },
    faults,
    clock,
    options,
  )
  return {
    url: listening.url,
    account: { user, password },
    requests: listening.requests,
    content,
    people: createPeople(content, clock, profile),
    faults,
    clock,
    isLocked: (name) => door.isLocked(name),
    close: () => listening.close(),
  }
}

interface Site {
  readonly content: Content
  readonly clock: Clock
  readonly profile: Profile
  readonly door: Door
  readonly options: PrimeroOptions
}

async function answer(request: Request, site: Site): Promise<Response> {
  const response = await route(request, site).catch((error: unknown) => {
    if (error instanceof Refusal) return error.response
    throw error
  })
  response.headers.set('date', site.clock.now().toUTCString())
  return response
}

async function route(request: Request, site: Site): Promise<Response> {
  const url = new URL(request.url)
  const line = request.method.length + url.pathname.length + url.search.length + ' HTTP/1.1'.length + 1
  if (line > (site.options.maxRequestLineBytes ?? 1024)) return html(414, '414 Request-URI Too Large')
  const isLocked = site.content.configurationLocked
  if (url.pathname.startsWith('/health')) return new Response(null, { status: isLocked ? 503 : 204 })
  const [, api, version, ...segments] = url.pathname.split('/')
  if (api !== 'api' || version !== 'v2') return html(404, 'The page you were looking for does not exist.')

  const resource = `${request.method} ${segments.join('/')}`
  if (resource === 'POST tokens') return site.door.login(request)
  if (resource === 'DELETE tokens') return json(200, {})
  if (resource === 'GET primero' && !isLocked) return json(200, { data: publicInformation(site.content) })
  const caller = resource === 'GET primero' ? undefined : site.door.authenticate(request.headers.get('authorization'))
  if (isLocked) throw errors(503, url.pathname, 'Service Unavailable', 'Retry-After: 60')
  const run = findRoute(request.method, segments)
  if (!run || !caller) return html(404, 'The page you were looking for does not exist.')

  const { content, clock, profile } = site
  const call: Call = {
    request,
    path: url.pathname,
    query: url.searchParams,
    caller,
    content,
    clock,
    profile,
    ties: site.options.ties ?? 'stable',
  }
  return run(call)
}

function html(status: number, title: string): Response {
  const body = `<html><head><title>${title}</title></head><body><h1>${title}</h1></body></html>`
  return new Response(body, { status, headers: { 'content-type': 'text/html' } })
}

function publicInformation(content: Content): JsonObject {
  const agencies = content.seed.agencies.map(({ unique_id, name }) => ({ unique_id, name }))
  return { sandbox_ui: false, config_ui: 'full', locales: ['en'], agencies }
}

function summary(content: Content): JsonObject {
  const cases = content.cases()
  const statuses = new Map<string, number>()
  for (const { status } of content.referrals()) statuses.set(status, (statuses.get(status) ?? 0) + 1)
  const services = cases.reduce(
    (sum, one) => sum + (Array.isArray(one.services_section) ? one.services_section.length : 0),
    0,
  )
  return { cases: cases.length, services, users: content.users().length, referrals: Object.fromEntries(statuses) }
}
