import type { Command } from 'commander'
import { hashPassword } from '../admin/users/password.ts'
import { type Role, roles } from '../admin/users/roles.ts'
import { changeUsers, expiryDay, isExpired, readUsers, type User, userName } from '../admin/users/usersFile.ts'
import { day } from '../project/certificates.ts'
import type { Act } from '../store/types.ts'
import { commandActor } from './actor.ts'
import { type ExitCode, ending } from './ending.ts'
import { openEnvironment, withStore } from './open.ts'
import { readPassword } from './readPassword.ts'
import { usage } from './runInput.ts'

export function register(program: Command): void {
  const users = program
    .command('users')
    .summary('who may use page and API: list, add, remove, role, password, expires')
    .description(
      'Users beside admin, whose password is ADMIN_PASSWORD. viewer: looks. operator: also replays, settles, asks for ' +
        'runs. administrator: also discards, and reads the audit log. A password is typed, or comes as one line on ' +
        'standard input; never as an argument. A running exchange takes changes up at once.',
    )
  users.command('list').description('All of them.').option('--json', 'print JSON').action(ending(list))
  users
    .command('add <name>')
    .description('Add a user, for a year unless --expires says otherwise.')
    .requiredOption('--role <role>', roles.join(', '))
    .option('--expires <day>', 'the last day, such as 2027-01-31')
    .action(ending(add))
  users.command('remove <name>').description('Remove a user; sessions end at once.').action(ending(remove))
  users
    .command('role <name> <role>')
    .description(`Give a user another role: ${roles.join(', ')}.`)
    .action(ending(changeRole))
  users.command('password <name>').description('Give a user another password.').action(ending(changePassword))
  users.command('expires <name> <day>').description('Set the last day of a user.').action(ending(changeExpiry))
}

async function list({ json }: { readonly json?: true }): Promise<ExitCode> {
  const now = new Date()
  const all = (await readUsers(openEnvironment('store').usersFile)).map((user) => {
    const { name, role, expires } = user
    return { name, role, expires, expired: isExpired(user, now) }
  })
  if (json === true) process.stdout.write(`${JSON.stringify({ users: all }, null, 2)}\n`)
  else process.stdout.write(all.length === 0 ? 'No users beside admin.\n' : all.map(line).join(''))
  return 0
}

function line({
  name,
  role,
  expires,
  expired,
}: Pick<User, 'name' | 'role' | 'expires'> & { expired: boolean }): string {
  return `${name.padEnd(32)}  ${role.padEnd(13)}  ${expired ? 'expired' : 'until'} ${expires}\n`
}

async function add(name: string, options: { readonly role: string; readonly expires?: string }): Promise<ExitCode> {
  const parsed = userName.safeParse(name)
  if (!parsed.success) throw usage(`"${name}" ${parsed.error.issues[0]?.message ?? ''}`, 'Choose another name.')
  const role = roleOf(options.role)
  const expires = options.expires === undefined ? inAYear(new Date()) : dayOf(options.expires)
  const password = await newPassword(name)
  await change('user added', name, role, async (all) => {
    if (all.some((user) => user.name === name))
      throw usage(`there is a user ${name} already.`, 'See: exchange users list')
    return [...all, { name, role, expires, password }]
  })
  return say(`${name} is added as ${role}, until ${expires}.`)
}

async function remove(name: string): Promise<ExitCode> {
  await change('user removed', name, null, async (all) => {
    find(all, name)
    return all.filter((user) => user.name !== name)
  })
  return say(`${name} is removed.`)
}

async function changeRole(name: string, given: string): Promise<ExitCode> {
  const role = roleOf(given)
  await change('user role', name, role, async (all) => replaced(all, { ...find(all, name), role }))
  return say(`${name} is ${role}.`)
}

async function changePassword(name: string): Promise<ExitCode> {
  find(await readUsers(openEnvironment('store').usersFile), name)
  const password = await newPassword(name)
  await change('user password', name, null, async (all) => replaced(all, { ...find(all, name), password }))
  return say(`${name} has another password; sessions with the old one have ended.`)
}

async function changeExpiry(name: string, given: string): Promise<ExitCode> {
  const expires = dayOf(given)
  await change('user expiry', name, expires, async (all) => replaced(all, { ...find(all, name), expires }))
  return say(`${name} may sign in until ${expires}.`)
}

/** Before the file is taken: somebody who is typing must not hold up others. */
async function newPassword(name: string): Promise<string> {
  return hashPassword(await readPassword(name))
}

/** The log first: an act that could not be recorded is not done. */
async function change(
  act: Act,
  object: string,
  code: string | null,
  work: (all: readonly User[]) => Promise<readonly User[]>,
): Promise<void> {
  const environment = openEnvironment('store')
  await changeUsers(environment.usersFile, async (all) => {
    const after = await work(all)
    const entry = { at: new Date().toISOString(), actor: commandActor(), act, object, code }
    await withStore(environment, ({ audit }) => audit.add(entry))
    return after
  })
}

function find(all: readonly User[], name: string): User {
  const user = all.find((one) => one.name === name)
  if (user === undefined) throw usage(`there is no user ${name} in the file.`, 'See: exchange users list')
  return user
}

function replaced(all: readonly User[], user: User): readonly User[] {
  return all.map((one) => (one.name === user.name ? user : one))
}

function roleOf(given: string): Role {
  const role = roles.find((one) => one === given)
  if (role === undefined) throw usage(`there is no role "${given}".`, `It is one of: ${roles.join(', ')}.`)
  return role
}

function dayOf(given: string): string {
  const parsed = expiryDay.safeParse(given)
  if (!parsed.success) throw usage(`"${given}" is no day.`, 'Write it like 2027-01-31.')
  return parsed.data
}

function inAYear(now: Date): string {
  return day(new Date(Date.UTC(now.getUTCFullYear() + 1, now.getUTCMonth(), now.getUTCDate())))
}

function say(text: string): ExitCode {
  process.stdout.write(`${text}\n`)
  return 0
}
