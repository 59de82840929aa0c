import type { Log } from '../log/log.ts'
import type { Metrics } from '../log/metrics.ts'
import type { Store } from '../store/types.ts'

interface Reminder {
  readonly store: Store
  readonly log: Log
  readonly metrics: Pick<Metrics, 'alerts' | 'keptPayloads'>
  readonly now: Date
}

export const firstReminderMs = 72 * 3_600_000
export const nextReminderMs = 24 * 3_600_000

/**
 * Reminds of payloads that a stuck entry keeps: 72 hours after the message came, and every 24 hours from then on, until
 * somebody settles the entry. Looked at every minute; of several processes on one store one reminds.
 */
export async function remindOfPayloads({ store, log, metrics, now }: Reminder): Promise<void> {
  const kept = await store.payloads.kept(new Date(now.getTime() - firstReminderMs))
  metrics.keptPayloads.set(kept.length)
  const name = 'reminder'
  const from = await store.cursors.read(name)
  const remindedAt = from === undefined ? undefined : Date.parse(from)
  const due = kept.filter(({ received_at }) => isReminded(Date.parse(received_at), remindedAt, now.getTime()))
  if (due.length === 0) return
  // Moved before, so that nobody else does it; what a crash swallows here comes again a day later.
  if (!(await store.cursors.move({ name, from, to: now.toISOString() }, now))) return

  const what = 'PAYLOAD_WAITS'
  const at = now.toISOString()
  for (const { entry, workflow } of due) {
    await store.activity.add({ at, level: 'alert', what, workflow, entry, run: null, record: null })
    log.warn('alert', { entry, workflow, code: what })
    metrics.alerts.inc({ code: what })
  }
}

/** Whether a time of reminding lies after the last reminders and not after now. Times in milliseconds. */
export function isReminded(receivedAt: number, remindedAt: number | undefined, now: number): boolean {
  const count = (at: number) => Math.floor((at - receivedAt - firstReminderMs) / nextReminderMs)
  return count(now) >= 0 && (remindedAt === undefined || count(now) > Math.max(count(remindedAt), -1))
}
