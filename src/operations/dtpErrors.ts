import { retryAfterMs } from '../adaptors/http/retryAfter.ts'
import { ExchangeError } from '../errors/ExchangeError.ts'

/**
 * What a status other than 2xx says: nobody has recorded DTP's error bodies, so only the status and `Retry-After` count.
 *
 * 401 is the gateway's answer to a wrong subscription key, 403 to a certificate whose thumbprint is not registered.
 *
 * @source docs/systems.md §DTP/transport
 */
export function dtpRefusal(status: number, retryAfter: string | string[] | undefined, now: Date): ExchangeError {
  const waitMs = retryAfterMs(retryAfter, now)
  const wait = waitMs === undefined ? {} : { retryAfterMs: waitMs }
  if (status === 429 || status === 503) {
    const options = { code: 'REMOTE_DOWN', retry: 'later', reach: 'not_reached', status, ...wait } as const
    return new ExchangeError(`DTP cannot now (${status}).`, options)
  }
  if ([408, 425].includes(status) || status >= 500) {
    const options = { code: 'REMOTE_DOWN', retry: 'later', reach: 'unsure', status, ...wait } as const
    return new ExchangeError(`DTP failed (${status}).`, options)
  }
  if (status === 401 || status === 403) {
    const what = status === 401 ? 'subscription key' : 'client certificate or the subscription key'
    return new ExchangeError(`DTP did not accept the ${what} (${status}).`, {
      code: 'ACCESS_REFUSED',
      retry: 'never',
      reach: 'refused',
      status,
      hint: 'Compare DTP_SUBSCRIPTION_KEY and `exchange keys thumbprint` with what UNHCR has registered, then replay.',
    })
  }
  const redirected = status >= 300 && status < 400
  const said = redirected ? `DTP answered with a redirect (${status}).` : `DTP refused the message (${status}).`
  const hint = redirected ? { hint: 'DTP_URL must be the final address; redirects are not followed.' } : {}
  return new ExchangeError(said, { code: 'REMOTE_REFUSED', retry: 'never', reach: 'refused', status, ...hint })
}

export function certificateMissing(): ExchangeError {
  return new ExchangeError('DTP is reached with a client certificate, and none is configured. Nothing was sent.', {
    code: 'CONFIGURATION',
    retry: 'never',
    reach: 'refused',
    fields: ['tls.cert', 'tls.key'],
    hint: 'Set DTP_CLIENT_CERT and DTP_CLIENT_KEY (or …_FILE) to the PEM files whose thumbprint UNHCR has registered.',
  })
}

export interface CertificatePeriod {
  readonly from: Date
  readonly to: Date
  /** SHA-1, as gateways show it. */
  readonly thumbprint: string
}

export function certificateOutOfDate({ from, to, thumbprint }: CertificatePeriod, now: Date): ExchangeError {
  const day = (at: Date) => at.toISOString().slice(0, 10)
  const why = now > to ? `has expired on ${day(to)}` : `is not valid before ${day(from)}`
  return new ExchangeError(`The client certificate for DTP (thumbprint ${thumbprint}) ${why}. Nothing was sent.`, {
    code: 'CONFIGURATION',
    retry: 'never',
    reach: 'refused',
    fields: ['tls.cert'],
    hint: 'Have UNHCR register a new one, replace DTP_CLIENT_CERT and DTP_CLIENT_KEY (or their files), then replay.',
  })
}

/** Another post has just run out of time. */
export function resting(): ExchangeError {
  return new ExchangeError('DTP was not asked: it has just left a message without an answer.', {
    code: 'REMOTE_DOWN',
    retry: 'later',
    reach: 'not_reached',
  })
}
