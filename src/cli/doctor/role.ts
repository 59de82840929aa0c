import type { AccountRights } from '../../adaptors/language-primero/client.ts'
import { type Check, fail, ok, sign } from './row.ts'

export interface RoleEvidence {
  readonly account: string
  readonly release: string | undefined
  /** Undefined: Primero lists no user of that name. */
  readonly rights: AccountRights | undefined
  /** `module_id` of the settings. */
  readonly module: string
  readonly unhcrUser: string
  /** A search for a number that no child has: did it find nobody, or was the filter ignored? */
  readonly filter: 'honoured' | 'ignored'
}

type Rights = Readonly<Record<string, readonly string[]>>

/** What the workflows do. */
const needed: Rights = { cases: ['read', 'write', 'create', 'receive_referral'], users: ['read'] }

/** What is needed, and what shows no more of anybody than that. */
const harmless: Rights = {
  cases: [
    ...(needed.cases ?? []),
    'receive_referral_different_module',
    'referral',
    'referral_from_service',
    'reopen',
    'services_section_from_case',
    'display_view_page',
  ],
  users: ['read', 'agency_read'],
  agencies: ['read'],
}

/** An account for this program alone, which can do its work and nothing else. */
export const roleChecks: readonly Check<RoleEvidence>[] = [
  {
    id: 'C8',
    about: 'account in Primero: what it must see and do',
    hint: 'Let the administrator of Primero give it the role that the README describes (Quick start).',
    judge: ({ rights, module, account, release }) => {
      if (rights === undefined) return fail(`Primero lists no user ${account}`)
      const { scope, modules, role } = rights
      const missing = Object.entries(needed).flatMap(([resource, actions]) =>
        actions.filter((action) => !may(rights, resource, action)).map((action) => `${resource}: ${action}`),
      )
      if (scope !== 'all' && scope !== 'group') missing.push(`group permission all (it has ${scope ?? 'none'})`)
      if (!modules.includes(module)) missing.push(`module ${module}`)
      if (missing.length > 0) return fail(`missing: ${missing.join(', ')}`)
      const where = `Primero ${release ?? 'of an unknown release'}`
      return ok(`${account} is ${role ?? 'somebody'} in ${where}, sees ${scope}, may all that is needed`)
    },
  },
  {
    id: 'C8',
    about: 'account in Primero: what it must not see and do',
    hint: 'Take these rights away: what can be read with the password of the exchange can be read by whoever steals it.',
    judge: ({ rights, module }) => {
      if (rights === undefined) return fail('Primero lists no such user')
      const more = Object.entries(rights.permissions).flatMap(([resource, actions]) =>
        actions.filter((action) => !harmless[resource]?.includes(action)).map((action) => `${resource}: ${action}`),
      )
      const modules = rights.modules.filter((one) => one !== module).map((one) => `module ${one}`)
      const tooMuch = [...more, ...modules]
      return tooMuch.length > 0 ? fail(`too much: ${tooMuch.join(', ')}`) : ok(`nothing beyond ${listOf(rights)}`)
    },
  },
  {
    id: 'C8',
    about: 'account in Primero: its searches are obeyed',
    hint: 'Assign the form that holds unhcr_individual_no to the role, at least for reading.',
    judge: ({ filter }) =>
      filter === 'honoured'
        ? ok('a search for a number that no child has found nobody')
        : fail('a search by unhcr_individual_no was ignored and answered with other cases'),
  },
  {
    id: 'C8',
    about: 'account in Primero: for this program alone',
    hint: 'Use an account of its own; nobody can refer a child to himself.',
    judge: ({ account, unhcrUser }) =>
      account.toLowerCase() === unhcrUser.toLowerCase()
        ? fail('it is the UNHCR user, to whom case workers refer')
        : sign(`${account} is not the UNHCR user; that no person signs in with it, its administrator knows`),
  },
]

function may({ permissions }: AccountRights, resource: string, action: string): boolean {
  const actions = permissions[resource] ?? []
  return actions.includes(action) || (actions.includes('manage') && action !== 'receive_referral')
}

function listOf({ permissions }: AccountRights): string {
  return Object.entries(permissions)
    .map(([resource, actions]) => `${resource}: ${actions.join(' ')}`)
    .join(', ')
}
