import { ExchangeError } from '../../errors/ExchangeError.ts'
import { retryAfterMs } from '../http/retryAfter.ts'
import type { Headers } from './transport.ts'

interface Refusal {
  readonly status: number
  readonly headers: Headers
  /** Parsed JSON, or `undefined` where the body is none (proxies answer HTML, the login throttle plain text). */
  readonly body: unknown
  /** What was being done, for the sentence: `Reading cases`. */
  readonly doing: string
}

/**
 * Says what an answer other than 2xx means. 401 is judged in connection.ts.
 *
 * Of the body only field names and a waiting time are read: the text of a 500 is the server's raw exception and quotes
 * the record. 503 has two faces, JSON with `Retry-After` while a configuration is being applied, and the proxy's HTML.
 *
 * @source docs/systems.md §Primero/errors, §Primero/validation
 */
export function failureOf({ status, headers, body, doing }: Refusal, now: Date): ExchangeError {
  const say = (text: string) => `${doing}: ${text}`
  const waitMs = retryAfterMs(headers['retry-after'] ?? waitInDetail(body), now)
  const wait = waitMs === undefined ? {} : { retryAfterMs: waitMs }
  if (status === 429 || status === 503) {
    const options = { code: 'REMOTE_DOWN', retry: 'later', reach: 'not_reached', status, ...wait } as const
    return new ExchangeError(say(`Primero cannot now (${status}).`), options)
  }
  if ([408, 425].includes(status) || status >= 500) {
    const options = { code: 'REMOTE_DOWN', retry: 'later', reach: 'unsure', status, ...wait } as const
    return new ExchangeError(say(`Primero failed (${status}).`), options)
  }
  if (status === 403) {
    return new ExchangeError(say('the account may not do this (403).'), {
      code: 'ACCESS_DENIED',
      retry: 'never',
      reach: 'refused',
      status,
      hint: 'Give the role of the account the permission in Primero, then replay.',
    })
  }
  if (status === 422) {
    const fields = refusedFields(body)
    const named = fields.length === 0 ? '' : `: ${fields.join(', ')}`
    return new ExchangeError(say(`Primero refused the data (422)${named}.`), {
      code: 'PRIMERO_REJECTED',
      retry: 'never',
      reach: 'refused',
      status,
      fields,
    })
  }
  const redirected = status >= 300 && status < 400
  return new ExchangeError(
    say(redirected ? `Primero answered with a redirect (${status}).` : `Primero refused the request (${status}).`),
    {
      code: 'REMOTE_REFUSED',
      retry: 'never',
      reach: 'refused',
      status,
      ...(redirected ? { hint: 'PRIMERO_URL must be the final address; redirects are not followed.' } : {}),
    },
  )
}

/** 2xx with a body that is not Primero's. Whether a write happened is open. */
export function nonsense(doing: string, what: string, status?: number): ExchangeError {
  return new ExchangeError(`${doing}: Primero answered with ${what}.`, {
    code: 'REMOTE_NONSENSE',
    retry: 'later',
    reach: 'unsure',
    ...(status === undefined ? {} : { status }),
    hint: 'A proxy or login page may stand before Primero; open PRIMERO_URL from this machine.',
  })
}

const mostFieldsNamed = 20

/**
 * Names of the fields in a 422: `detail` is a list of JSON pointers (`/services_section/0/service_type`, may repeat) or the
 * name of one attribute. Row numbers are left out, and so is whatever does not look like a field name.
 */
function refusedFields(body: unknown): readonly string[] {
  const names = details(body).map((detail) =>
    detail
      .split('/')
      .filter((part) => part !== '' && !/^\d+$/.test(part))
      .join('.'),
  )
  return [...new Set(names)].filter((name) => /^[a-z][a-z0-9_.]{0,99}$/i.test(name)).slice(0, mostFieldsNamed)
}

/** While a configuration is applied, the JSON says `"detail": "Retry-After: 60"` beside the header. */
function waitInDetail(body: unknown): string | undefined {
  for (const detail of details(body)) {
    const seconds = /^Retry-After:\s*(\d+)$/i.exec(detail)?.[1]
    if (seconds !== undefined) return seconds
  }
  return undefined
}

function details(body: unknown): readonly string[] {
  const errors = typeof body === 'object' && body !== null && 'errors' in body ? body.errors : undefined
  if (!Array.isArray(errors)) return []
  return errors
    .flatMap((error: unknown) => (typeof error === 'object' && error !== null && 'detail' in error ? error.detail : []))
    .filter((detail): detail is string => typeof detail === 'string')
}
