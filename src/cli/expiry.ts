import type { Log } from '../log/log.ts'
import type { Metrics } from '../log/metrics.ts'
import { expiryOf, readCertificate } from '../project/certificates.ts'
import type { Store } from '../store/types.ts'

interface Ports {
  readonly store: Pick<Store, 'cursors' | 'activity'>
  readonly log: Log
  readonly metrics: Pick<Metrics, 'alerts' | 'certificateExpires'>
}

/**
 * Gives a look at the client certificate (PEM, or none), for every minute. When it is about to expire, that is an alert at
 * 60, 30 and 7 days and at its end, once each in all processes on one store, and a line of this process's log a day.
 */
export function createExpiryWatch({ store, log, metrics }: Ports) {
  let said: string | undefined

  return async (certificate: string | undefined, now: Date): Promise<void> => {
    const read = certificate === undefined ? undefined : readCertificate(certificate)
    if (read === undefined) return metrics.certificateExpires.reset()
    metrics.certificateExpires.set(Math.floor(read.validTo.getTime() / 1000))
    const { daysLeft, warning } = expiryOf(read.validTo, now)
    if (warning === undefined) return

    const fields = { due_at: read.validTo.toISOString(), count: daysLeft }
    const today = `${read.sha256} ${daysLeft}`
    if (said !== today) log.warn('certificate expires', fields)
    said = today
    if (await isFirst(read.sha256, warning, now)) {
      const what = 'CERTIFICATE_EXPIRES'
      const nothing = { workflow: null, entry: null, run: null, record: null }
      await store.activity.add({ at: now.toISOString(), level: 'alert', what, ...nothing })
      log.warn('alert', { code: what, ...fields })
      metrics.alerts.inc({ code: what })
    }
  }

  async function isFirst(sha256: string, warning: number, now: Date): Promise<boolean> {
    const name = `certificate:${sha256.slice(0, 32)}`
    const from = await store.cursors.read(name)
    if (from !== undefined && Number(from) <= warning) return false
    return store.cursors.move({ name, from, to: String(warning) }, now)
  }
}
