import type { Metrics } from '../../log/metrics.ts'
import { day, expiryOf } from '../../project/certificates.ts'

/** What is true of a system or a certificate now. */
export interface Condition {
  readonly what: string
  readonly state: string
  /** A day, or nothing. */
  readonly until: string
}

/** What this process measures of the systems around it and of the certificate it shows them. */
export async function conditionsOf(metrics: Metrics, now: Date): Promise<readonly Condition[]> {
  const [systems, certificate] = await Promise.all([metrics.systemsDown.get(), metrics.certificateExpires.get()])
  return [
    ...systems.values.map(({ value, labels }) => ({
      what: String(labels.system),
      state: value === 0 ? 'answers' : 'silent',
      until: '',
    })),
    ...certificate.values
      .filter(({ value }) => value > 0)
      .map(({ value }) => ({
        what: 'client certificate',
        state: certificateState(new Date(value * 1000), now),
        until: day(new Date(value * 1000)),
      })),
  ]
}

function certificateState(validTo: Date, now: Date): string {
  const { daysLeft, warning } = expiryOf(validTo, now)
  if (warning === undefined) return 'valid'
  return daysLeft < 0 ? 'expired' : `expires in ${daysLeft} days`
}
