import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { loadLibrary } from '../../src/store/sqlite/library.ts'
import { newChild } from './messages.ts'
import { repository, startSite } from './site.ts'
import { until } from './until.ts'

const site = await startSite()
afterAll(() => site.close())

/** The real command, with something on its standard input. */
async function exchange(args: readonly string[], input = '') {
  let [out, err] = ['', '']
  const child = execFile(process.execPath, [join(repository, 'bin/exchange.js'), ...args], {
    cwd: repository,
    env: { PATH: process.env.PATH, ...site.env },
  })
  child.stdout?.on('data', (chunk) => {
    out += chunk
  })
  child.stderr?.on('data', (chunk) => {
    err += chunk
  })
  child.stdin?.end(input)
  const [code] = await once(child, 'close')
  return { code, out, err }
}

const statusFor = async (name: string, password: string, path = '/api/runs', method = 'GET') => {
  const authorization = `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`
  return (await fetch(`${site.exchange.address}${path}`, { method, headers: { authorization } })).status
}
const usersFile = join(site.dataDir, 'users.json')

describe('exchange users beside a running start', () => {
  const password = 'a long invented password'

  test('a user comes in at once, as what they are; another password, role or none takes effect at once', {
    timeout: 300_000,
  }, async () => {
    expect(await exchange(['users', 'add', 'almaz', '--role', 'viewer'], `${password}\n`)).toMatchObject({ code: 0 })
    expect(await statusFor('almaz', password)).toBe(200)
    expect(await statusFor('almaz', password, '/api/workflows/send-referrals/runs', 'POST')).toBe(403)
    expect((await stat(usersFile)).mode & 0o777).toBe(0o600)
    expect(await readFile(usersFile, 'utf8')).not.toContain(password)

    await exchange(['users', 'role', 'almaz', 'operator'])
    expect(await statusFor('almaz', password, '/api/workflows/nothing/runs', 'POST')).toBe(404)
    await exchange(['users', 'password', 'almaz'], 'another long password\n')
    expect([await statusFor('almaz', password), await statusFor('almaz', 'another long password')]).toEqual([401, 200])
    await exchange(['users', 'expires', 'almaz', '2020-01-31'])
    expect(await statusFor('almaz', 'another long password')).toBe(401)
    expect((await exchange(['users', 'list'])).out).toMatch(/^almaz +operator +expired 2020-01-31\n$/)
    await exchange(['users', 'remove', 'almaz'])

    expect(JSON.parse(await readFile(usersFile, 'utf8'))).toEqual({ users: [] })
    const acts = (await exchange(['audit', 'list'])).out
    for (const act of ['user added', 'user role', 'user password', 'user expiry', 'user removed']) {
      expect(acts).toMatch(new RegExp(`command:\\S+  ${act}  almaz`))
    }
    expect(acts).not.toContain(password)
  })

  test.each([
    ['a short password', ['add', 'bekele', '--role', 'viewer'], 'short\n', '12 to 200 characters'],
    ['a role that there is not', ['add', 'bekele', '--role', 'king'], '', 'viewer, operator, administrator'],
    ['the name of ADMIN_PASSWORD', ['add', 'admin', '--role', 'viewer'], '', 'choose another name'],
    ['a day that there is not', ['add', 'bekele', '--role', 'viewer', '--expires', 'soon'], '', '2027-01-31'],
    ['a user that there is not', ['password', 'bekele'], '', 'there is no user bekele'],
  ])('1: %s is refused and nothing is changed', async (_, args, input, says) => {
    const { code, err } = await exchange(['users', ...args], input)

    expect(code).toBe(1)
    expect(err).toContain(says)
    expect(JSON.parse(await readFile(usersFile, 'utf8'))).toEqual({ users: [] })
  })

  test('start refuses a file of users that it cannot understand, and names the place', async () => {
    await writeFile(usersFile, '{"users":[{"name":"almaz","role":"king"}]}')

    const { code, err } = await exchange(['start'])

    expect(code).toBe(1)
    expect(err).toContain('users.0.role is none of viewer, operator, administrator')
    await writeFile(usersFile, '{"users":[]}')
  })
})

describe('exchange audit', () => {
  test('holds every effect, verifies beside a running start, and the head is in the log', async () => {
    const child = newChild()
    await site.deliver(child.message())

    const head = (await exchange(['audit', 'head'])).out.trim()
    const logged = await until('the head of the start', () => /"head":"(\d+:[0-9a-f]*)"/.exec(site.log())?.[1])

    expect((await exchange(['audit', 'list'])).out).toMatch(/exchange {2}effect {2}\S+ {2}done/)
    const verdict = await exchange(['audit', 'verify', '--head', head, '--head', logged])
    expect(verdict).toMatchObject({ code: 0, err: '' })
    expect(verdict.out).toContain('are intact and hold the printed head')
  })

  test('2: what was altered or cut off is found, the latter against a head that was printed', async () => {
    const head = (await exchange(['audit', 'head'])).out.trim()
    const { DatabaseSync } = await loadLibrary()
    const database = new DatabaseSync(join(site.dataDir, 'exchange.db'))
    database.exec("update audit set code = 'refused' where n = 2")
    const altered = await exchange(['audit', 'verify'])
    database.exec('delete from audit where n >= 2')
    database.close()

    expect(altered).toMatchObject({ code: 2, out: expect.stringContaining('Entry 2 was altered') })
    expect((await exchange(['audit', 'verify'])).code).toBe(0)
    expect(await exchange(['audit', 'verify', '--head', head])).toMatchObject({
      code: 2,
      out: expect.stringContaining('cut off'),
    })
  })

  test('1: a head that is none', async () => {
    expect(await exchange(['audit', 'verify', '--head', 'x'])).toMatchObject({
      code: 1,
      err: expect.stringContaining('exchange audit head'),
    })
  })
})
