import { isExpired, type User } from '../../admin/users/usersFile.ts'
import { inventoryDigest } from '../../log/inventory.ts'
import { type Check, counted, fail, ok, sign } from './row.ts'

export interface PeopleEvidence {
  readonly users: readonly Pick<User, 'name' | 'role' | 'expires'>[]
  readonly usersFile: string
  readonly now: Date
  readonly logLevel: string
}

const longestDays = 366

/** Who may come in, what is logged, who was trained. */
export const peopleChecks: readonly Check<PeopleEvidence>[] = [
  {
    id: 'C4',
    about: 'content of the log',
    hint: 'Let the partners sign the sheet that exchange doctor --log-inventory prints; its digest names the version.',
    judge: ({ logLevel }) => sign(`inventory ${inventoryDigest()}, LOG_LEVEL ${logLevel}`),
  },
  {
    id: 'C7',
    about: 'administrators and their expiry',
    hint: 'exchange users expires NAME DAY gives a user a last day within a year; exchange users remove takes one away.',
    judge: ({ users, now }) => {
      const expired = users.filter((user) => isExpired(user, now)).map(({ name }) => name)
      const late = new Date(now.getTime() + longestDays * 86_400_000).toISOString().slice(0, 10)
      const forEver = users.filter(({ expires }) => expires > late).map(({ name }) => name)
      if (expired.length > 0) return fail(`expired and still listed: ${expired.join(', ')}`)
      if (forEver.length > 0) return fail(`valid for more than a year: ${forEver.join(', ')}`)
      const list = users.map(({ name, role, expires }) => `${name} (${role}, until ${expires})`)
      return ok(['admin (ADMIN_PASSWORD)', ...list].join(', '))
    },
  },
  {
    id: 'C7',
    about: 'people have users of their own',
    hint: 'exchange users add NAME --role operator, so that the audit log says who did what; keep admin for emergencies.',
    judge: ({ users, usersFile }) =>
      users.length === 0
        ? sign(`only admin; no user in ${usersFile}`)
        : ok(`${counted(users.length, 'user')} beside admin`),
  },
  {
    id: 'C9',
    about: 'training',
    hint: 'Each administrator plays exchange doctor drill to the end; keep the score sheets with the sign-off.',
    judge: () => sign('six rehearsed incidents: exchange doctor drill'),
  },
]
