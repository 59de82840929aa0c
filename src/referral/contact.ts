import { isRow, textOf } from './untrusted.ts'

/** Whom UNHCR may call about a referral. */
export interface Contact {
  readonly full_name: string
  readonly position: string
  readonly email: string
  readonly phone: string
}

/**
 * Name, position, e-mail and phone of **one** person: the owner of the case, or, where the profile lacks one of the
 * four, the fallback person, or nobody. Never a mixture: UNHCR would call one person by another's name.
 *
 * @param owner     Primero user that owns the case, looked up singly; absent when unknown
 * @param fallback  Primero user named by `settings.contact_fallback_user`; absent when the country names none
 * @source docs/systems.md §Primero/users
 */
export function contactOf(owner: unknown, fallback: unknown): Contact | undefined {
  return completeContact(owner) ?? completeContact(fallback)
}

function completeContact(user: unknown): Contact | undefined {
  if (!isRow(user)) return undefined
  const full_name = textOf(user.full_name)
  const position = textOf(user.position)
  const email = textOf(user.email)
  const phone = textOf(user.phone)
  if (full_name === undefined || position === undefined || email === undefined || phone === undefined) return undefined
  return { full_name, position, email, phone }
}
