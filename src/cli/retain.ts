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
 * Erases the payload of every stuck entry that was received longer ago than the country's hard limit, and says what was
 * lost, record by record: its sender has to be asked to send it again. Without a limit a payload waits for its person,
 * encrypted.
 */
export async function endRetention({ store, log, retainForMs, now }: Retention): Promise<void> {
  const at = now.toISOString()
  const what = 'RETENTION_ENDED'
  for (const { entry, workflow, records } of await store.payloads.kept(new Date(now.getTime() - retainForMs))) {
    if ((await store.entries.discard(entry, now)) !== 'discarded') continue
    for (const record of records.length === 0 ? [null] : records) {
      await store.activity.add({ at, level: 'alert', what, workflow, entry, run: null, record })
      log.warn('alert', { entry, workflow, code: what, record: record ?? undefined })
    }
    log.info('payload erased', { entry, workflow, reason: 'retention' })
  }
}
