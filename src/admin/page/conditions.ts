import type { Metrics } from '../../log/metrics.ts'

/** What is true of a system or a certificate now. */
export interface Condition {
  readonly what: string
  readonly state: string
  /** A day, or nothing. */
  readonly until: string
}

/** What this process measures of the systems around it and of the certificate it shows them. */
export async function conditionsOf(metrics: Metrics, now: Date): Promise<readonly Condition[]> {
  void metrics
  void now
  return []
}
