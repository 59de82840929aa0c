import type { Store } from './types.ts'

/** The lock of entries without a message: one run per workflow at a time, whether the clock or a person asked for it. */
export function workflowLock(store: Pick<Store, 'fingerprint'>, workflow: string): string {
  return store.fingerprint(`workflow:${workflow}`)
}
