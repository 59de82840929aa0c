import { page } from './answers.ts'
import type { CallOptions } from './client.ts'
import type { Connection } from './connection.ts'
import { nonsense } from './failures.ts'
import { filterIgnored } from './filters.ts'
import type { User } from './rows.ts'

const doing = 'Reading a user'
const perPage = 100
const mostPages = 2

/**
 * The user of that name, however it is capitalised (Primero stores lower case), or `undefined`. Disabled users are found too.
 *
 * Asks for one name and looks at no more than 200 rows: all users of a site are more than anybody needs to know.
 *
 * @throws FILTER_IGNORED (never) when others came, and more of them than we look at, so that "unknown" would be a guess
 * @throws ACCESS_DENIED (never) when the role may not read users
 * @source docs/systems.md §Primero/users
 */
export async function findUser(
  connection: Connection,
  userName: string,
  { signal }: CallOptions = {},
): Promise<User | undefined> {
  const wanted = userName.trim().toLowerCase()
  if (wanted === '') return undefined
  for (let number = 1; number <= mostPages; number += 1) {
    const query = { user_name: wanted, per: perPage, page: number }
    const {
      rows,
      per = perPage,
      total = 0,
    } = page(await connection.ask({ method: 'GET', path: '/users', query, doing, signal }), 'user_name', doing)
    const found = rows.find((row) => row.user_name.toLowerCase() === wanted)
    if (found !== undefined) return found
    if (rows.length === 0 || (rows.length < per && number * per >= total)) return undefined
    if (rows.length < per) throw nonsense(doing, 'pages that do not add up to their total')
  }
  throw filterIgnored('user_name')
}
