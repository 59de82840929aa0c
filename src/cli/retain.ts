import type { Log } from '../log/log.ts'
import type { Store } from '../store/types.ts'

interface Retention {
  readonly store: Store
  readonly log: Log
  /** `RETAIN_FOR`. */
  readonly retainForMs: number
  readonly now: Date
}

/**
 * Erases the payload of every stuck entry that was received longer ago than the country's hard limit, and says so: the
 * sender has to be asked to send it again. Without a limit a payload waits for its person, encrypted.
 */
export async function endRetention({ store, log, retainForMs, now }: Retention): Promise<void> {
  const oldest = new Date(now.getTime() - retainForMs).toISOString()
  for (const { id: entry, workflow, received_at } of await store.entries.list({ state: 'stuck', kind: 'webhook' })) {
    if (received_at > oldest || (await store.entries.discard(entry, now)) !== 'discarded') continue
    const what = 'RETENTION_ENDED'
    await store.activity.add({ at: now.toISOString(), level: 'alert', what, workflow, entry, run: null, record: null })
    log.warn('alert', { entry, workflow, code: what })
  }
}
