import { z } from '@hono/zod-openapi'
import { beforeEach, expect, it } from 'vitest'
import { administered, as, entryWith, signedIn, stuck, users } from './administered.ts'

/** Everybody who may ask, weakest first. */
const askers = ['stranger', 'wrong password', 'expired', 'viewer', 'operator', 'administrator', 'admin'] as const
type Asker = (typeof askers)[number]
type Rank = 'anyone' | 'viewer' | 'operator' | 'administrator'

/** Every route of the page that changes something: the least role. A new one without a row here fails. */
const acts: Readonly<Record<string, Rank>> = {
  '/login': 'anyone',
  '/logout': 'viewer',
  '/entries/:id/replay': 'operator',
  '/entries/:id/discard': 'administrator',
  '/effects/settle': 'operator',
  '/notices/:id/done': 'operator',
  '/runs': 'operator',
}
/** What is looked at by others than viewers and above. */
const looks: Readonly<Record<string, Rank>> = {
  '/health': 'anyone',
  '/ready': 'anyone',
  '/login': 'anyone',
  '/page/pico.css': 'anyone',
  '/page/page.css': 'anyone',
  '/audit': 'administrator',
}
/** Every route of the API that changes something, as the decision about roles has it. */
const apiActs: Readonly<Record<string, Rank>> = {
  '/api/workflows/{workflow}/runs': 'operator',
  '/api/entries/{id}/replay': 'operator',
  '/api/entries/{id}/discard': 'administrator',
  '/api/effects/{key}/settle': 'operator',
  '/api/notices/{id}/done': 'operator',
}
const apiLooks: Readonly<Record<string, Rank>> = { '/api/audit': 'administrator' }

const passed: Readonly<Record<Rank, readonly Asker[]>> = {
  anyone: askers,
  viewer: ['viewer', 'operator', 'administrator', 'admin'],
  operator: ['operator', 'administrator', 'admin'],
  administrator: ['administrator', 'admin'],
}

const documented = z.object({
  paths: z.record(z.string(), z.record(z.string(), z.object({ 'x-role': z.string().optional() }))),
})

let given: Awaited<ReturnType<typeof administered>>
beforeEach(async () => {
  given = await administered({ users: true })
})

it('every endpoint of the API, as its own document lists them, lets in who has the role and nobody else', async () => {
  const document = documented.parse(await (await given.ask('GET', '/api/openapi.json')).json())
  const endpoints = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { 'x-role': role }]) => ({ path, method: method.toUpperCase(), role })),
  )
  expect(endpoints.length).toBeGreaterThan(9)

  for (const { path, method, role } of endpoints) {
    const needed = method === 'GET' ? (apiLooks[path] ?? 'viewer') : apiActs[path]
    expect(role, `${method} ${path} says its role`).toBe(needed)
    expect(await whoPasses(method, filled(path)), `${method} ${path}`).toEqual(passed[needed ?? 'administrator'])
  }
  expect(await whoPasses('GET', '/api/openapi.json')).toEqual(passed.viewer)
  expect(await whoPasses('POST', '/api/nothing'), 'an unknown act').toEqual(passed.operator)
  expect(await whoPasses('GET', '/metrics')).toEqual(passed.viewer)
})

it('by session, every route of the page lets in who has the role and nobody else', async () => {
  const routes = pageRoutes()
  expect(routes.length).toBeGreaterThan(15)
  const sessions = new Map<Asker, Awaited<ReturnType<typeof signedIn>> | undefined>()
  for (const asker of askers) sessions.set(asker, await signedIn(given, credentials[asker]))

  for (const { method, path } of routes) {
    const needed = method === 'GET' ? (looks[path] ?? 'viewer') : acts[path]
    expect(needed, `${method} ${path} has a row`).toBeDefined()
    if (['/logout', '/login', '/metrics'].includes(path)) continue
    const ones: Asker[] = []
    for (const asker of askers) {
      const session = sessions.get(asker)
      const answer = await given.ask(
        method,
        filled(path),
        { cookie: session?.cookie ?? '', ...(method === 'GET' ? {} : form) },
        method === 'GET' ? undefined : `csrf=${session?.csrf ?? ''}&key=nothing&arrived=true&workflow=nothing`,
      )
      if (!isTurnedAway(answer)) ones.push(asker)
    }
    expect(ones, `${method} ${path}`).toEqual(passed[needed ?? 'administrator'])
  }
})

it('nothing is changed by a session without its token, with that of another session, or by HTTP Basic alone', async () => {
  const mine = await signedIn(given, credentials.administrator)
  const other = await signedIn(given, credentials.administrator)
  if (mine === undefined || other === undefined) throw new Error('nobody could sign in')
  const { id } = await entryWith(given.store, stuck)

  for (const { path } of pageRoutes().filter(({ method, path }) => method === 'POST' && path !== '/login')) {
    const post = async (headers: Record<string, string>, body: string) =>
      (await given.ask('POST', path.replace(':id', id), { ...form, ...headers }, body)).status

    expect(await post({ cookie: mine.cookie }, ''), path).toBe(403)
    expect(await post({ cookie: mine.cookie }, `csrf=${other.csrf}`), path).toBe(403)
    expect(await post({ cookie: mine.cookie }, 'csrf=x'), path).toBe(403)
    expect(await post(credentials.administrator, `csrf=${mine.csrf}`), path).toBe(303)
    expect(await post({ cookie: mine.cookie, 'sec-fetch-site': 'cross-site' }, `csrf=${mine.csrf}`), path).toBe(403)
  }
  expect(await given.store.entries.get(id)).toMatchObject({ state: 'stuck' })
})

it('other methods change nothing and are not there', async () => {
  const paths = [...new Set(pageRoutes().map(({ path }) => filled(path))), '/api/entries/x', '/api/runs']
  for (const path of paths) {
    for (const method of ['PUT', 'PATCH', 'DELETE']) {
      expect((await given.ask(method, path)).status, `${method} ${path}`).toBe(404)
    }
  }
})

const form = { 'content-type': 'application/x-www-form-urlencoded' }
const credentials: Readonly<Record<Asker, Record<string, string>>> = {
  stranger: {},
  'wrong password': as('viewer', 'not the password of viewer'),
  expired: as('expired', users.password),
  viewer: as('viewer', users.password),
  operator: as('operator', users.password),
  administrator: as('administrator', users.password),
  admin: as('admin', users.bootstrap),
}

/** Each asks from another one: so many wrong passwords from one would lock it. */
let addresses = 0

/** The routes themselves, without those of the API and without what stands before all of them. */
function pageRoutes() {
  const routes = given.app.routes.filter(({ method, path }) => method !== 'ALL' && !path.startsWith('/api'))
  return [...new Map(routes.map(({ method, path }) => [`${method} ${path}`, { method, path }])).values()]
}

async function whoPasses(method: string, path: string): Promise<readonly Asker[]> {
  const ones: Asker[] = []
  for (const asker of askers) {
    const headers = { ...credentials[asker], 'content-type': 'application/json' }
    const body = method === 'GET' ? undefined : '{"arrived":true}'
    const answer = await given.ask(method, path, headers, body, `192.0.2.${++addresses % 200}`)
    if (!isTurnedAway(answer)) ones.push(asker)
  }
  return ones
}

/** 404, 409 and the like are answers to somebody who came in. */
function isTurnedAway(answer: Response): boolean {
  return [401, 403, 429].includes(answer.status) || answer.headers.get('location') === '/login'
}

function filled(path: string): string {
  return path.replaceAll(/\{\w+\}|:\w+/g, 'nothing')
}
