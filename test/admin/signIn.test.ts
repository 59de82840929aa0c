import { describe, expect, it } from 'vitest'
import { createLockOut, most, windowMs } from '../../src/admin/lockOut.ts'
import { hashPassword, isPassword, recommendedCost } from '../../src/admin/users/password.ts'
import { changeUsers, readUsers, type User } from '../../src/admin/users/usersFile.ts'
import { administered, as, signedIn, users } from './administered.ts'

const form = { 'content-type': 'application/x-www-form-urlencoded' }

describe('a session', () => {
  it.each([
    [false, /^exchange=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/],
    [true, /^__Host-exchange=[\w-]{43}; Path=\/; HttpOnly; Secure; SameSite=Strict$/],
  ])('is a cookie that no script and no other site gets; by https: %s', async (secure, shape) => {
    const given = await administered({ users: true, secure })

    const session = await signedIn(given, as('viewer', users.password))

    expect(session?.setCookies.find((cookie) => !cookie.startsWith('exchange-device'))).toMatch(shape)
  })

  it('ends with signing out, and its token opens nothing any more', async () => {
    const given = await administered({ users: true })
    const { cookie = '', csrf = '' } = (await signedIn(given, as('viewer', users.password))) ?? {}

    expect((await given.ask('GET', '/', { cookie })).status).toBe(200)
    expect((await given.ask('POST', '/logout', { ...form, cookie }, `csrf=${csrf}`)).status).toBe(303)

    expect((await given.ask('GET', '/', { cookie })).headers.get('location')).toBe('/login')
  })

  it.each<[string, (user: User, hash: string) => readonly User[]]>([
    ['removed', () => []],
    ['given another password', (user, hash) => [{ ...user, password: hash }]],
    ['expired', (user) => [{ ...user, expires: '2020-01-01' }]],
  ])('ends at once when its user is %s', async (_, after) => {
    const given = await administered({ users: true })
    const { cookie = '' } = (await signedIn(given, as('viewer', users.password))) ?? {}
    const hash = await hashPassword('quite another password', { ln: 2, r: 1, p: 1 })

    await changeUsers(given.usersFile, async ([first]) => (first === undefined ? [] : after(first, hash)))

    expect((await given.ask('GET', '/', { cookie })).headers.get('location')).toBe('/login')
  })

  it('has the role that the user has now', async () => {
    const given = await administered({ users: true })
    const { cookie = '' } = (await signedIn(given, as('viewer', users.password))) ?? {}

    await changeUsers(given.usersFile, async (all) => all.map((user) => ({ ...user, role: 'administrator' })))

    expect((await given.ask('GET', '/audit', { cookie })).status).toBe(200)
  })

  it('is in the audit log with its beginning, its end and each failure, and no word that somebody typed', async () => {
    const given = await administered({ users: true })
    const { cookie = '', csrf = '' } = (await signedIn(given, as('viewer', users.password))) ?? {}
    await given.ask('POST', '/logout', { ...form, cookie }, `csrf=${csrf}`)
    await signedIn(given, as('viewer', 'typed wrongly'))
    await signedIn(given, as('a password in the wrong field', ''))
    await signedIn(given, as('expired', users.password))

    const rows = await given.store.audit.list({})
    expect(rows.map(({ actor, act, code }) => [actor, act, code])).toEqual([
      ['expired', 'sign-in failed', 'expired'],
      ['unknown', 'sign-in failed', 'password'],
      ['viewer', 'sign-in failed', 'password'],
      ['viewer', 'signed out', null],
      ['viewer', 'signed in', null],
    ])
    expect(JSON.stringify(rows) + given.lines.join('')).not.toMatch(/typed wrongly|wrong field/)
  })
})

describe('bad passwords', () => {
  it('of one user from one address lock that pair, by page and by API, and nobody else', async () => {
    const given = await administered({ users: true })
    for (let n = 0; n < most.userAtAddress; n++) await given.ask('GET', '/api/runs', as('viewer', `guess ${n}`))

    const right = as('viewer', users.password)
    const locked = await given.ask('GET', '/api/runs', right)
    expect(locked.status).toBe(429)
    expect(Number(locked.headers.get('retry-after'))).toBeGreaterThan(800)
    expect(await signedIn(given, right)).toBeUndefined()
    expect((await given.ask('GET', '/api/runs', right, undefined, '198.51.100.7')).status).toBe(200)
    expect((await given.ask('GET', '/api/runs', as('operator', users.password))).status).toBe(200)
    expect((await given.store.audit.list({ limit: 1 }))[0]).toMatchObject({ actor: 'viewer', act: 'sign-in locked' })
  })

  it('a thousand guesses at once are not judged more often than one after the other', async () => {
    const given = await administered({ users: true })

    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, n) => given.ask('GET', '/api/runs', as('viewer', `guess ${n}`))),
    )

    expect(answers.filter(({ status }) => status === 401)).toHaveLength(most.userAtAddress)
  })

  it('do not lock out a browser in which the user has signed in before', async () => {
    const given = await administered({ users: true })
    const { setCookies = [] } = (await signedIn(given, as('viewer', users.password))) ?? {}
    const mark = setCookies.find((cookie) => cookie.startsWith('exchange-device='))?.split(';')[0] ?? ''
    for (let n = 0; n < most.userAtAddress; n++) await given.ask('GET', '/api/runs', as('viewer', `guess ${n}`))

    const body = (name: string) => new URLSearchParams({ name, password: users.password }).toString()
    expect((await given.ask('POST', '/login', { ...form, cookie: mark }, body('viewer'))).status).toBe(303)
    expect((await given.ask('POST', '/login', { ...form, cookie: `${mark}0` }, body('viewer'))).status).toBe(429)
  })

  it('lock for a quarter of an hour after the first, however many follow', () => {
    const lockOut = createLockOut('admin')
    const attempt = { user: 'viewer', address: '192.0.2.1', device: undefined }
    const at = (ms: number) => new Date(1_800_000_000_000 + ms)
    for (let n = 0; n < most.userAtAddress; n++) lockOut.failed(attempt, at(n))

    for (let n = 0; n < 1000; n++) lockOut.lockedFor(attempt, at(windowMs - 1000 + n))

    expect(lockOut.lockedFor(attempt, at(windowMs - 1))).toBe(1)
    expect(lockOut.lockedFor(attempt, at(windowMs))).toBeUndefined()
  })

  it('of one user from everywhere lock that user, but never the administrator of ADMIN_PASSWORD', () => {
    const lockOut = createLockOut('admin')
    const now = new Date()
    for (let n = 0; n < most.user; n++) {
      for (const user of ['viewer', 'admin']) {
        lockOut.failed({ user, address: `2001:db8:0:${n}`, device: undefined }, now)
      }
    }

    expect(lockOut.lockedFor({ user: 'viewer', address: '192.0.2.1', device: undefined }, now)).toBeGreaterThan(0)
    expect(lockOut.lockedFor({ user: 'admin', address: '192.0.2.1', device: undefined }, now)).toBeUndefined()
    expect(lockOut.lockedFor({ user: 'viewer', address: '192.0.2.1', device: 'known' }, now)).toBeUndefined()
  })
})

describe('the file of users', () => {
  it('that is wrong keeps its users out and the administrator in', async () => {
    const given = await administered({ users: true })
    await changeUsers(given.usersFile, async ([first]) => (first === undefined ? [] : [first, first]))

    await expect(readUsers(given.usersFile)).rejects.toMatchObject({ code: 'CONFIGURATION' })
    expect((await given.ask('GET', '/api/runs', as('viewer', users.password))).status).toBe(401)
    expect((await given.ask('GET', '/api/runs')).status).toBe(200)
    expect(given.lines.join('')).toContain('users refused')
  })

  it('holds hashes that cost what OWASP recommends, each its own, and the cost is read from the hash', async () => {
    const hashes = [await hashPassword('twelve letters'), await hashPassword('twelve letters', { ln: 2, r: 1, p: 1 })]

    expect(recommendedCost).toEqual({ ln: 15, r: 8, p: 3 })
    expect(hashes[0]).toMatch(/^scrypt\$15\$8\$3\$/)
    expect(new Set(hashes.map((hash) => hash.split('$')[4])).size).toBe(2)
    for (const hash of hashes) {
      expect(await isPassword('twelve letters', hash)).toBe(true)
      expect(await isPassword('twelve letterS', hash)).toBe(false)
    }
  })

  it.each(['', 'plain', 'scrypt$99$8$1$AAAAAAAAAAAAAAAAAAAAAA==$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA='])(
    'opens nothing with %s in place of a hash',
    async (hash) => {
      expect(await isPassword('', hash)).toBe(false)
    },
  )

  it('a letter typed in two ways is the same password', async () => {
    const hash = await hashPassword('pässword of twelve'.normalize('NFD'), { ln: 2, r: 1, p: 1 })

    expect(await isPassword('pässword of twelve'.normalize('NFC'), hash)).toBe(true)
  })
})
