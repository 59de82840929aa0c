import { ask } from '../contract/ask.ts'
import type { CanarySite } from './site.ts'

const mostOfAKind = 4

/** Every GET of the API, as the OpenAPI document lists them, the metrics, and every page that links lead to. */
export async function lookAround(canaries: CanarySite): Promise<void> {
  const { text } = await get(canaries, '/api/openapi.json')
  const { paths } = JSON.parse(text) as { readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>> }
  const asked = Object.entries(paths).flatMap(([path, methods]) => (methods.get === undefined ? [] : [path]))
  for (const path of asked) await get(canaries, await withId(canaries, path))
  for (const path of ['/api/openapi.json', '/metrics', '/health', '/ready', '/login']) await get(canaries, path)
  await crawl(canaries)
}

async function get({ site, places }: CanarySite, path: string) {
  const admin = `Basic ${Buffer.from(`admin:${site.env.ADMIN_PASSWORD}`).toString('base64')}`
  const answer = await ask(`${site.exchange.address}${path}`, { headers: { authorization: admin } })
  const name = `GET ${path.replace(/[0-9a-f-]{36}/, ':id')} → ${answer.status}`
  places.push({ name, bytes: `${JSON.stringify(answer.headers)}${answer.text}` })
  return answer
}

/** `/api/entries/{id}` with the id of the first in the list above it; lists as long as they may be. */
async function withId({ site }: CanarySite, path: string): Promise<string> {
  const list = path.replace(/\/\{\w+\}$/, '')
  if (list === path) return path === '/api/status' || path === '/api/mapping' ? path : `${path}?limit=500`
  const rows = Object.values(await site.get<Readonly<Record<string, readonly { readonly id: string }[]>>>(list))[0]
  return `${list}/${rows?.[0]?.id}`
}

/** Follows links from the start page: every list, and a few of each kind of detail. */
async function crawl(canaries: CanarySite): Promise<void> {
  const waiting = ['/']
  const kinds = new Map<string, number>()
  for (let path = waiting.shift(); path !== undefined; path = waiting.shift()) {
    const { text } = await get(canaries, path)
    for (const [, link = ''] of text.matchAll(/href="(\/[^"#]*)"/g)) {
      const next = link.replaceAll('&amp;', '&')
      const kind = next.replace(/[0-9a-f-]{36}/, ':id').replace(/before=[^&]*/, 'before=')
      const count = kinds.get(kind) ?? 0
      if (count >= (kind.includes(':id') ? mostOfAKind : 1) || next.startsWith('/api')) continue
      kinds.set(kind, count + 1)
      waiting.push(next)
    }
  }
}

/** Requests that are refused, with canaries in every part of them. */
export async function knockAtTheDoor({ site, planted, places }: CanarySite): Promise<readonly number[]> {
  const body = JSON.stringify(planted.progres['referral-v7-production-like.json'])
  const canaries = planted.garden.canaries
  const [name = ''] = Object.entries(canaries).flatMap(([field, text]) => (field.endsWith('givenname') ? [text] : []))
  const quoted = encodeURIComponent(name)
  const { address } = site.exchange
  const json = { 'content-type': 'application/json', 'x-api-key': site.token }
  const admin = { authorization: `Basic ${Buffer.from(`admin:${site.env.ADMIN_PASSWORD}`).toString('base64')}` }
  const inbox = (headers: Readonly<Record<string, string>>, text: string, path = 'dtp-inbox') =>
    ask(`${address}/i/${path}`, { method: 'POST', headers, body: text })
  const form = { 'content-type': 'application/x-www-form-urlencoded', origin: address }
  const answers = await Promise.all([
    inbox({ ...json, 'x-api-key': 'wrong' }, body),
    inbox({ ...json, 'content-type': 'text/plain' }, body),
    inbox(json, body.slice(0, -1)),
    inbox(json, `${body}${name}`),
    inbox(json, body.replace('{', '{"interventions":[],')),
    inbox(json, `{"__proto__":${body}}`),
    inbox(json, `${'['.repeat(120)}${body}`),
    inbox(json, body, quoted),
    inbox({ ...json, 'x-api-key': Buffer.from(name).toString('latin1') }, body),
    ...[`/api/runs?state=${quoted}`, `/api/entries/${quoted}`, `/api/${quoted}`, `/${quoted}`].map((path) =>
      ask(`${address}${path}`, { headers: admin }),
    ),
    ask(`${address}/api/entries`, {
      headers: { authorization: `Basic ${Buffer.from(`${name}:${name}`).toString('base64')}` },
    }),
    ask(`${address}/login`, { method: 'POST', headers: form, body: `name=${quoted}&password=${quoted}` }),
    ask(`${address}/api/workflows/${quoted}/runs`, { method: 'POST', headers: { ...admin, ...json }, body }),
  ])
  places.push(
    ...answers.map(({ status, text, headers }, n) => ({
      name: `answer ${n}: ${status}`,
      bytes: `${text}${JSON.stringify(headers)}`,
    })),
  )
  return answers.map(({ status }) => status)
}
