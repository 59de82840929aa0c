import type { Log } from '../log/log.ts'
import type { Metrics } from '../log/metrics.ts'
import { expiryOf, readCertificate } from '../project/certificates.ts'
import type { Store } from '../store/types.ts'

interface Expiring {
  /** PEM; undefined: there is none. */
  readonly certificate: string | undefined
  readonly store: Pick<Store, 'cursors' | 'activity'>
  readonly log: Log
  readonly metrics: Pick<Metrics, 'alerts' | 'certificateExpires'>
  readonly now: Date
}

/**
 * Says when the client certificate is about to expire: an alert at 60, 30 and 7 days and at its end, once each in all
 * processes on one store, and from 60 days on a line of the log at every look.
 */
export async function watchExpiry({ certificate, store, log, metrics, now }: Expiring): Promise<void> {
  const read = certificate === undefined ? undefined : readCertificate(certificate)
  if (read === undefined) return metrics.certificateExpires.reset()
  metrics.certificateExpires.set(Math.floor(read.validTo.getTime() / 1000))
  const { daysLeft, warning } = expiryOf(read.validTo, now)
  if (warning === undefined) return

  const at = now.toISOString()
  log.warn('certificate expires', { due_at: read.validTo.toISOString(), count: daysLeft })
  const name = `certificate:${read.sha256.slice(0, 32)}`
  const from = await store.cursors.read(name)
  if (from !== undefined && Number(from) <= warning) return
  if (!(await store.cursors.move({ name, from, to: String(warning) }, now))) return
  const what = 'CERTIFICATE_EXPIRES'
  await store.activity.add({ at, level: 'alert', what, workflow: null, entry: null, run: null, record: null })
  log.warn('alert', { code: what, due_at: read.validTo.toISOString(), count: daysLeft })
  metrics.alerts.inc({ code: what })
}
