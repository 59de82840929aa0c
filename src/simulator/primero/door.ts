import { randomUUID } from 'node:crypto'
import type { Clock } from '../clock.ts'
import { isObject, text } from '../json.ts'
import type { Caller } from './call.ts'
import { type Content, roleOf } from './content.ts'
import { errors, json, Refusal, unauthorized } from './respond.ts'
import type { Role } from './role.ts'
import type { Profile, User } from './types.ts'

const maximumAttempts = 6
const unlockInMs = 30 * 60_000
const tokenLifeMs = 60 * 60_000
const loginsPerMinute = 6

/** Who gets in. */
export interface Door {
  /** @throws Refusal 401; locked, unknown, disabled and wrong password look alike */
  authenticate(authorization: string | null): Caller
  /** `POST /tokens`: a token on 2.6, 403 on 2.15, whose log-in wants a session and a CSRF token first. */
  login(request: Request): Promise<Response>
  isLocked(userName: string): boolean
}

/**
 * Basic log-in as devise does it: the sixth wrong password in a row locks the user for 30 minutes, for everybody who uses
 * the account, and the right password is then answered 401 too.
 *
 * @source docs/systems.md §Primero/auth
 */
export function createDoor(content: Content, clock: Clock, profile: Profile, accountRole: [string, Role]): Door {
  const attempts = new Map<string, { failures: number; lockedUntil: number }>()
  const tokens = new Map<string, { user: string; expires: number }>()
  const logins = new Map<string, number[]>()
  const nowMs = () => clock.now().getTime()
  const locked = (name: string) => (attempts.get(name)?.lockedUntil ?? 0) > nowMs()

  const check = (userName: string, password: string): User => {
    const user = content.user(userName)
    const refuse = () => unauthorized('Invalid User name or password.')
    if (!user) throw refuse()
    const name = user.user_name
    if (locked(name)) throw refuse()
    if (user.password === undefined || user.password !== password) {
      const before = attempts.get(name)
      const failures = (before && before.lockedUntil === 0 ? before.failures : 0) + 1
      attempts.set(name, { failures, lockedUntil: failures >= maximumAttempts ? nowMs() + unlockInMs : 0 })
      throw refuse()
    }
    attempts.delete(name)
    if (user.disabled) throw refuse()
    return user
  }
  const asCaller = (user: User): Caller => ({
    user,
    role: user.user_name === accountRole[0] ? accountRole[1] : roleOf(user),
  })

  return {
    authenticate(authorization) {
      const [scheme, credentials = ''] = (authorization ?? '').split(' ')
      if (scheme === 'Basic') {
        const [name = '', ...password] = Buffer.from(credentials, 'base64').toString('utf8').split(':')
        return asCaller(check(name, password.join(':')))
      }
      if (scheme === 'Bearer' && profile === '2.6') {
        const token = tokens.get(credentials)
        const user = token && token.expires > nowMs() ? content.user(token.user) : undefined
        if (!user || user.disabled) throw unauthorized(token ? 'Signature has expired' : 'revoked token')
        return asCaller(user)
      }
      throw unauthorized('You need to sign in or sign up before continuing.')
    },
    async login(request) {
      const path = new URL(request.url).pathname
      const body: unknown = await request.json().catch(() => undefined)
      const given = isObject(body) && isObject(body.user) ? body.user : {}
      const name = text(given.user_name) ?? ''
      const recent = (logins.get(name) ?? []).filter((at) => at > nowMs() - 60_000)
      logins.set(name, [...recent, nowMs()])
      // rack-attack: plain text and no Retry-After.
      if (recent.length >= loginsPerMinute) {
        throw new Refusal(new Response('Retry later\n', { status: 429, headers: { 'content-type': 'text/plain' } }))
      }
      if (profile === '2.15') throw errors(403, path, "Can't verify CSRF token authenticity.")
      const user = check(name, text(given.password) ?? '')
      const token = `${randomUUID()}.${randomUUID()}`
      tokens.set(token, { user: user.user_name, expires: nowMs() + tokenLifeMs })
      return json(200, { id: user.id, user_name: user.user_name, token }, { authorization: `Bearer ${token}` })
    },
    isLocked: locked,
  }
}
