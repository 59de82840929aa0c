import type { Store } from '../store/types.ts'
import { workflowLock } from '../store/workflowLock.ts'

/** Asks for a run of every workflow that has a record due for retry; at most one such run waits at a time. */
export async function askRetries(store: Store, now: Date): Promise<void> {
  for (const workflow of await store.records.dueWorkflows(now)) {
    await store.entries.tick(workflow, workflowLock(store, workflow), now, { kind: 'retry' })
  }
}
