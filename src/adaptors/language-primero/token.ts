import { ExchangeError } from '../../errors/ExchangeError.ts'
import type { Account } from './configuration.ts'
import { failureOf } from './failures.ts'
import { isObject, parseJson } from './json.ts'
import type { Transport } from './transport.ts'

export interface Authorization {
  /** Value of the `Authorization` header; getting one may take a request of its own. */
  header(): Promise<string>
  /** After a 401 for a request that carried `refused`: a new header, or `undefined` where there is none to be had. */
  renew(refused: string): Promise<string | undefined>
}

/**
 * HTTP Basic: nothing to renew. Asking again after a 401 would only bring the account nearer to its lock.
 *
 * @source docs/systems.md §Primero/auth
 */
export function basic({ user, password }: Account): Authorization {
  const value = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
  return { header: async () => value, renew: async () => undefined }
}

/**
 * Token login of releases up to 2.10: `POST /tokens`, then `Authorization: Bearer` for an hour.
 *
 * The token lives in this closure only, never in a job's state. Requests that need one at the same time share one login,
 * because the login is throttled (6 a minute) and locks the account after six failures.
 *
 * @throws (from header and renew) CREDENTIALS_REFUSED (never) on 401; CONFIGURATION (never) where the release gives no
 *         token (2.11 and later); REMOTE_DOWN (later) as everywhere
 * @source docs/systems.md §Primero/auth
 */
export function token(account: Account, send: Transport['send']): Authorization {
  let current: Promise<string> | undefined
  const fresh = () => {
    const login = logIn(account, send)
    current = login
    login.catch(() => {
      if (current === login) current = undefined
    })
    return login
  }
  return {
    header: () => current ?? fresh(),
    async renew(refused) {
      const header = await current?.catch(() => undefined)
      return header !== undefined && header !== refused ? header : fresh()
    },
  }
}

async function logIn({ base, user, password }: Account, send: Transport['send']): Promise<string> {
  const doing = 'Logging in'
  const answer = await send({
    method: 'POST',
    url: `${base}/tokens`,
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: JSON.stringify({ user: { user_name: user, password } }),
  })
  if (answer.is === 'failure') throw answer.error
  const body = parseJson(answer.text)
  if (answer.status === 401) throw loginRefused()
  const forged = answer.status === 403
  if (answer.status !== 200 && !forged) {
    throw failureOf({ status: answer.status, headers: answer.headers, body, doing }, new Date())
  }
  const given = !forged && isObject(body) ? body.token : undefined
  if (typeof given !== 'string' || given === '') {
    throw new ExchangeError('This Primero gives no token: releases from 2.11 on do not.', {
      code: 'CONFIGURATION',
      retry: 'never',
      reach: 'refused',
      hint: 'Set basicAuth to true in the credential.',
    })
  }
  return `Bearer ${given}`
}

/** @source docs/systems.md §Primero/auth (locked, unknown and wrong password look alike; 6 attempts, 30 minutes) */
export function loginRefused(): ExchangeError {
  return new ExchangeError('Primero refused the user name and password (401). Nothing more is sent to it.', {
    code: 'CREDENTIALS_REFUSED',
    retry: 'never',
    reach: 'refused',
    status: 401,
    hint: 'Correct PRIMERO_USERNAME and PRIMERO_PASSWORD and restart. Six failed logins lock the account for 30 minutes.',
  })
}
