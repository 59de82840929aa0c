import { randomBytes } from 'node:crypto'
import type { Context } from 'hono'
import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import { createSecretCheck } from '../store/secretCheck.ts'
import type { Store } from '../store/types.ts'
import type { Person, SignIn } from './signIn.ts'
import type { AdminEnv } from './types.ts'

interface Options {
  readonly store: Pick<Store, 'sessions' | 'fingerprint'>
  readonly signIn: SignIn
  /** Browsers reach this exchange by https. */
  readonly secure: boolean
  readonly now: () => Date
}

interface Session {
  readonly person: Person
  /** What every form of this session carries. */
  readonly csrf: string
}

export interface BrowserSessions {
  begin(c: Context<AdminEnv>, person: Person): Promise<void>
  find(c: Context<AdminEnv>): Promise<Session | undefined>
  end(c: Context<AdminEnv>): Promise<void>
  /** The browser's mark, if this user has signed in with it before; see `createLockOut`. */
  deviceOf(c: Context<AdminEnv>, user: string): string | undefined
}

/** A working day. */
const sessionMs = 8 * 60 * 60_000
const deviceSeconds = 90 * 24 * 60 * 60

/**
 * Sessions of browsers: a random token in a cookie that scripts cannot read and other sites cannot send. Whose it is, is
 * asked anew at each request, so a user who was removed, expired or has another password is out at once.
 */
export function createBrowserSessions({ store, signIn, secure, now }: Options): BrowserSessions {
  // With this prefix browsers take the cookie from this very host by https alone.
  const name = secure ? '__Host-exchange' : 'exchange'
  const device = 'exchange-device'
  const kept = { path: '/', httpOnly: true, sameSite: 'Strict', secure } as const
  const markOf = (user: string, nonce: string) => store.fingerprint(`device ${user} ${nonce}`)

  return {
    async begin(c, person) {
      const token = randomBytes(32).toString('base64url')
      const { name: user, credential } = person
      await store.sessions.begin(token, { user, credential, until: new Date(now().getTime() + sessionMs) }, now())
      setCookie(c, name, token, kept)
      const nonce = randomBytes(16).toString('base64url')
      setCookie(c, device, `${nonce}.${markOf(user, nonce)}`, { ...kept, path: '/login', maxAge: deviceSeconds })
    },
    async find(c) {
      const token = getCookie(c, name)
      const found = token === undefined ? undefined : await store.sessions.find(token, now())
      const person = found && (await signIn.person(found.user))
      if (token === undefined || person === undefined || person.credential !== found?.credential) return undefined
      return { person, csrf: store.fingerprint(`csrf ${token}`) }
    },
    async end(c) {
      const token = getCookie(c, name)
      if (token !== undefined) await store.sessions.end(token)
      deleteCookie(c, name, { path: '/', secure })
    },
    deviceOf(c, user) {
      const [nonce = '', mark] = getCookie(c, device)?.split('.') ?? []
      return createSecretCheck([markOf(user, nonce)])(mark) ? nonce : undefined
    },
  }
}
