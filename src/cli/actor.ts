import { userInfo } from 'node:os'

/** Who acts by a command, for the audit log: the account of the machine, which may have no name (a bare container). */
export function commandActor(): string {
  try {
    return `command:${userInfo().username}`
  } catch {
    return `command:${process.getuid?.() ?? 'unknown'}`
  }
}
