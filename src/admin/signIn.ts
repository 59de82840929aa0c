import { createHmac, randomBytes } from 'node:crypto'
import type { Log } from '../log/log.ts'
import { createSecretCheck } from '../store/secretCheck.ts'
import type { Act, Store } from '../store/types.ts'
import { type Attempt, createLockOut } from './lockOut.ts'
import { isPassword } from './users/password.ts'
import type { Role } from './users/roles.ts'
import { bootstrapName, isExpired, readUsers, type User } from './users/usersFile.ts'

/** Somebody who may come in, and what a session of theirs hangs on: it ends when `credential` changes. */
export interface Person {
  readonly name: string
  readonly role: Role
  readonly credential: string
}

type Judgement =
  | { readonly is: 'in'; readonly person: Person }
  | { readonly is: 'refused' }
  | { readonly is: 'locked'; readonly seconds: number }

export interface SignIn {
  judge(attempt: Attempt, password: string): Promise<Judgement>
  /** Who this is now; undefined: removed, or expired. */
  person(name: string): Promise<Person | undefined>
}

interface Options {
  /** Of the user `admin` (`ADMIN_PASSWORD`). */
  readonly password: string
  /** Path of the file of all other users. */
  readonly usersFile: string
  readonly store: Pick<Store, 'audit' | 'fingerprint'>
  readonly log: Log
  readonly now: () => Date
}

/** Judged at once; whoever comes when so many wait is sent away, so that guessing cannot fill the memory. */
const mostWaiting = 50
const busySeconds = 5

/**
 * Judges names and passwords. Failures are in the audit log under the name of a user that there is; another name is not
 * written down, since it may be a password typed into the wrong field.
 *
 * One guess is judged at a time, and locks are looked at when its turn has come: a thousand at once are no way round them.
 */
export function createSignIn({ password, usersFile, store, log, now }: Options): SignIn {
  const isBootstrapPassword = createSecretCheck([password])
  const lockOut = createLockOut(bootstrapName)
  const seen = createSeen()
  const alone = createTurns()

  const bootstrap: Person = {
    name: bootstrapName,
    role: 'administrator',
    credential: store.fingerprint(`credential ${password}`),
  }
  const personOf = ({ name, role, password: hash }: User): Person => ({
    name,
    role,
    credential: store.fingerprint(`credential ${hash}`),
  })

  return {
    async judge(attempt, given) {
      const locked = lockOut.lockedFor(attempt, now())
      if (locked !== undefined) return { is: 'locked', seconds: locked }
      if (attempt.user === bootstrapName) {
        return isBootstrapPassword(given) ? letIn(attempt, bootstrap) : refuse(attempt, bootstrapName, 'password')
      }
      const all = await users()
      const user = all.find(({ name }) => name === attempt.user)
      if (user !== undefined && !isExpired(user, now()) && seen.has(user, given)) return letIn(attempt, personOf(user))
      // A name that there is not takes as long as one that there is, so that names cannot be found out.
      const hash = (user ?? all[0])?.password
      return (await alone(() => judgeOne(attempt, user, given, hash))) ?? { is: 'locked', seconds: busySeconds }
    },
    async person(name) {
      if (name === bootstrapName) return bootstrap
      const user = (await users()).find((one) => one.name === name)
      return user === undefined || isExpired(user, now()) ? undefined : personOf(user)
    },
  }

  async function judgeOne(
    attempt: Attempt,
    user: User | undefined,
    given: string,
    hash: string | undefined,
  ): Promise<Judgement> {
    const locked = lockOut.lockedFor(attempt, now())
    if (locked !== undefined) return { is: 'locked', seconds: locked }
    const isRight = hash !== undefined && (await isPassword(given, hash))
    if (user === undefined || !isRight) return refuse(attempt, user?.name ?? 'unknown', 'password')
    if (isExpired(user, now())) return refuse(attempt, user.name, 'expired')
    seen.add(user, given)
    return letIn(attempt, personOf(user))
  }

  function letIn(attempt: Attempt, person: Person): Judgement {
    lockOut.succeeded(attempt)
    return { is: 'in', person }
  }

  async function refuse(attempt: Attempt, actor: string, code: string): Promise<Judgement> {
    const locks = lockOut.failed(attempt, now())
    log.warn('access refused', { status: 401, reason: code })
    await note(actor, 'sign-in failed', code)
    if (locks) await note(actor, 'sign-in locked', null)
    return { is: 'refused' }
  }

  function note(actor: string, act: Act, code: string | null): Promise<void> {
    return store.audit.add({ at: now().toISOString(), actor, act, object: null, code })
  }

  /** A file that is wrong keeps its users out, not the administrator who has to mend it. */
  async function users(): Promise<readonly User[]> {
    return readUsers(usersFile).catch(() => {
      log.error('users refused')
      return []
    })
  }
}

/**
 * Passwords that were right before: a program that asks every second need not wait for scrypt each time. Only a digest is
 * kept, under a key that dies with the process, one a user, and none of a password that was wrong.
 */
function createSeen() {
  const key = randomBytes(32)
  const digests = new Map<string, string>()
  const digestOf = ({ password }: User, given: string) =>
    createHmac('sha256', key)
      .update(JSON.stringify([password, given]))
      .digest('base64')
  return {
    has: (user: User, given: string) => digests.get(user.name) === digestOf(user, given),
    add: (user: User, given: string) => void digests.set(user.name, digestOf(user, given)),
  }
}

/** One after the other; undefined: too many are waiting. */
function createTurns() {
  let waiting = 0
  let last: Promise<unknown> = Promise.resolve()
  return async <T>(work: () => Promise<T>): Promise<T | undefined> => {
    if (waiting >= mostWaiting) return undefined
    waiting++
    const mine = last.then(work)
    last = mine.catch(() => {})
    try {
      return await mine
    } finally {
      waiting--
    }
  }
}
