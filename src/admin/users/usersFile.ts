import { mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { z } from 'zod'
import { ExchangeError } from '../../errors/ExchangeError.ts'
import { passwordHash } from './password.ts'
import { roles } from './roles.ts'

/** The user of `ADMIN_PASSWORD`, who is in no file. */
export const bootstrapName = 'admin'

export const userName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]{0,31}$/, 'is no user name: 1 to 32 small letters, digits, dots, hyphens, underscores.')
  .refine((name) => name !== bootstrapName, `is the user of ADMIN_PASSWORD: choose another name than ${bootstrapName}.`)

/** The last day of a user, in UTC. */
export const expiryDay = z.iso.date('is no day such as 2027-01-31.')

const user = z.strictObject({
  name: userName,
  role: z.enum(roles, `is none of ${roles.join(', ')}.`),
  expires: expiryDay,
  password: z.string().regex(passwordHash, 'is not what exchange users writes there.'),
})
const users = z
  .strictObject({ users: z.array(user) })
  .refine(({ users: all }) => new Set(all.map(({ name }) => name)).size === all.length, 'two users have one name.')

export type User = Readonly<z.output<typeof user>>

export function isExpired({ expires }: Pick<User, 'expires'>, now: Date): boolean {
  return now.toISOString().slice(0, 10) > expires
}

/**
 * The users in the file; none when there is no file.
 *
 * @throws CONFIGURATION naming the place in the file, never what stands there
 */
export async function readUsers(path: string): Promise<readonly User[]> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if (isMissing(error)) return undefined
    throw refused(path, 'cannot be read.')
  })
  if (text === undefined) return []
  if (process.platform !== 'win32' && ((await stat(path)).mode & 0o022) !== 0) {
    throw refused(path, 'may be written by other accounts of this machine.', `Run: chmod 600 ${path}`)
  }
  const parsed = users.safeParse(json(text, path))
  if (parsed.success) return parsed.data.users
  const [issue] = parsed.error.issues
  throw refused(path, `${issue?.path.join('.') ?? ''} ${issue?.message ?? 'is wrong'}`.trim())
}

/**
 * Changes the file as a whole: whoever reads it meanwhile sees the old or the new one.
 *
 * @throws CONFIGURATION when another command is changing it just now
 */
export async function changeUsers(
  path: string,
  change: (all: readonly User[]) => Promise<readonly User[]>,
): Promise<void> {
  const next = `${path}.new`
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const file = await open(next, 'wx', 0o600).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') {
      throw refused(path, 'is being changed by another command.', `If none runs, one was killed: remove ${next}`)
    }
    throw refused(path, 'cannot be written there.')
  })
  try {
    const all = await change(await readUsers(path))
    await file.writeFile(`${JSON.stringify({ users: all }, null, 2)}\n`)
    await file.sync()
    await file.close()
    await rename(next, path)
  } catch (error) {
    await file.close().catch(() => {})
    await rm(next, { force: true })
    throw error
  }
}

function json(text: string, path: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw refused(path, 'is no JSON.')
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}

function refused(path: string, what: string, hint = 'Write it with: exchange users'): ExchangeError {
  return new ExchangeError(`The file of users ${path} ${what}`, { code: 'CONFIGURATION', retry: 'never', hint })
}
