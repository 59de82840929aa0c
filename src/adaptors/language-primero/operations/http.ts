import { ExchangeError } from '../../../errors/ExchangeError.ts'
import { connectionTo } from '../client.ts'
import { isObject } from '../json.ts'
import type { Row } from '../rows.ts'
import { dataOf, queryOf } from './parameters.ts'
import { type Lazy, nextState, type Operation, resolve } from './state.ts'

export interface HttpOptions {
  readonly query?: Lazy<Row>
  readonly headers?: Lazy<Readonly<Record<string, string>>>
  /** `json` (default), or `text` for the body as it is. */
  readonly parseAs?: 'json' | 'text'
}

/**
 * Asks Primero for anything: `http.get('users', { query: { user_name: 'cw1' } })`.
 *
 * Leaves `data`: the whole body (`{ data, metadata }`), `response`: `{ method, statusCode, headers }`.
 *
 * @param path  below `/api/v2/`
 * @throws as `Connection.ask`; FIELDS_INVALID (never) for an address instead of a path
 * @source docs/systems.md §Primero/lists
 */
export function get(path: Lazy<string>, options?: Lazy<HttpOptions>): Operation {
  return request('GET', path, undefined, options)
}

/** Posts `{ data: … }` to Primero; `data` may be given wrapped or bare. Otherwise as `http.get`; never repeated. */
export function post(path: Lazy<string>, data: Lazy<Row>, options?: Lazy<HttpOptions>): Operation {
  return request('POST', path, data, options)
}

/** Patches with `{ data: … }`; `data` may be given wrapped or bare. Otherwise as `http.get`; never repeated. */
export function patch(path: Lazy<string>, data: Lazy<Row>, options?: Lazy<HttpOptions>): Operation {
  return request('PATCH', path, data, options)
}

function request(
  method: 'GET' | 'POST' | 'PATCH',
  path: Lazy<string>,
  data: Lazy<Row> | undefined,
  options: Lazy<HttpOptions> | undefined,
): Operation {
  return async (state) => {
    const resolved = resolve(state, options)
    const { query, headers, parseAs } = isObject(resolved) ? resolved : {}
    const answer = await connectionTo(state.configuration).ask({
      method,
      path: relative(resolve(state, path)),
      query: queryOf(query),
      ...(method === 'GET' ? {} : { body: { data: dataOf(resolve(state, data), `http.${method.toLowerCase()}`) } }),
      ...(isObject(headers) ? { headers: textsOf(headers) } : {}),
      ...(parseAs === 'text' ? { as: 'text' } : {}),
      doing: `${method} request`,
    })
    const { 'set-cookie': _, ...shown } = answer.headers
    return nextState(state, answer.body, { response: { method, statusCode: answer.status, headers: shown } })
  }
}

function relative(path: unknown): string {
  const plain = typeof path === 'string' ? path.replace(/^\/+/, '') : ''
  if (/^[A-Za-z0-9_/-]+$/.test(plain)) return `/${plain}`
  throw new ExchangeError('A path below /api/v2 is needed, e.g. "cases"; the query goes into the options.', {
    code: 'FIELDS_INVALID',
    retry: 'never',
    fields: ['path'],
  })
}

function textsOf(headers: Row): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]))
}
