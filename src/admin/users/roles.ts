/**
 * What a user may do; each may do what the ones before may. *viewer* looks. *operator* also replays, settles and asks for
 * runs. *administrator* also discards, which erases what cannot be had back, and reads the audit log.
 */
export const roles = ['viewer', 'operator', 'administrator'] as const
export type Role = (typeof roles)[number]

export function may(role: Role, needed: Role): boolean {
  return roles.indexOf(role) >= roles.indexOf(needed)
}
