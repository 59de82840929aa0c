/// <reference path="../language-common.d.ts" />
import { expandReferences } from '@openfn/language-common/util'
import { Agent, request as send } from 'undici'
import { ExchangeError } from '../../errors/ExchangeError.ts'
import { networkFailure } from '../http/networkFailure.ts'
import * as current from '../language-primero/operations/http.ts'

/** What an old `http` operation resolves to: an answer in the shape of the library behind it, and no state. */
export interface OldResponse {
  readonly status: number
  readonly data: unknown
  readonly headers: Readonly<Record<string, unknown>>
  /** Never the credentials and key material that the request was made with. */
  readonly config: Readonly<{ url: string; method: string }>
}

interface State {
  readonly [key: string]: unknown
}

type OldOperation = (state: State) => Promise<OldResponse>

/** Time without an answer after which a request is given up, in milliseconds. */
const patienceMs = 60_000

/**
 * `http.post({ url, data, headers, agentOptions })` as adaptors had it until 2022, with its `get`, `put`, `patch`, `delete`,
 * `request`. Values may be functions of the state, at any depth. The client certificate is in `agentOptions`.
 *
 * `http.post('path', …)` with a text is what today's Primero adaptor has.
 *
 * @throws (the operation) ExchangeError with `response` for an answer of 400 and more; as `networkFailure` without an answer
 * @source docs/systems.md §OpenFn/legacy
 */
export const http = {
  get: old('GET', current.get),
  post: old('POST', current.post),
  patch: old('PATCH', current.patch),
  put: old('PUT'),
  delete: old('DELETE'),
  del: old('DELETE'),
  request: old(undefined),
}

function old<Rest extends never[]>(method: string | undefined, today?: (path: never, ...rest: Rest) => unknown) {
  return (first: unknown, ...rest: unknown[]): OldOperation => {
    if (typeof first === 'string' && today !== undefined) return Reflect.apply(today, undefined, [first, ...rest])
    return async (state) => {
      const [parameters] = expandReferences(state, first)
      if (!isRecord(parameters) || typeof parameters.url !== 'string') {
        throw new TypeError('An old http operation needs { url, data, headers }.')
      }
      return ask(parameters.url, String(method ?? parameters.method ?? 'GET').toUpperCase(), parameters)
    }
  }
}

async function ask(
  url: string,
  method: string,
  { data, headers, params, agentOptions }: Record<string, unknown>,
): Promise<OldResponse> {
  const body = data === undefined ? undefined : typeof data === 'string' ? data : JSON.stringify(data)
  const dispatcher = new Agent({
    ...(isRecord(agentOptions) ? { connect: agentOptions } : {}),
    headersTimeout: patienceMs,
  })
  try {
    const answer = await send(withQuery(url, params), {
      method: method as 'GET',
      dispatcher,
      headers: {
        ...(typeof data === 'object' ? { 'content-type': 'application/json' } : {}),
        ...(isRecord(headers) ? textsOf(headers) : {}),
      },
      ...(body === undefined ? {} : { body }),
    }).catch((error: unknown) => {
      throw networkFailure(error, { system: new URL(url).host })
    })
    const text = await answer.body.text()
    const response = { status: answer.statusCode, data: parsed(text), headers: answer.headers, config: { url, method } }
    if (answer.statusCode >= 400) throw refused(response)
    return response
  } finally {
    await dispatcher.close()
  }
}

function refused(response: OldResponse): ExchangeError {
  const { status } = response
  const isLater = [408, 425, 429, 500, 502, 503, 504].includes(status)
  const error = new ExchangeError(`Request failed with status code ${status}`, {
    code: isLater ? 'REMOTE_DOWN' : 'REMOTE_REFUSED',
    retry: isLater ? 'later' : 'never',
    reach: status === 429 || status === 503 ? 'not_reached' : isLater ? 'unsure' : 'refused',
    status,
  })
  return Object.assign(error, { response, config: response.config })
}

function withQuery(url: string, params: unknown): string {
  if (!isRecord(params)) return url
  const asked = new URL(url)
  for (const [name, value] of Object.entries(params)) asked.searchParams.set(name, String(value))
  return asked.href
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

function textsOf(headers: Record<string, unknown>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [name, String(value)]),
  )
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
