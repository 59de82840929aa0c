import type { Log } from '../log/log.ts'
import type { Metrics } from '../log/metrics.ts'
import type { Store } from '../store/types.ts'
import { createExpiryWatch } from './expiry.ts'
import { remindOfPayloads } from './remind.ts'
import { endRetention } from './retain.ts'

interface Options {
  readonly store: Store
  readonly log: Log
  readonly metrics: Metrics
  readonly retainForMs: number | undefined
  /** The client certificate in use. */
  readonly certificate: () => string | undefined
  /** See `createReload`. */
  readonly reload: () => Promise<void>
  /** See `createMappingWatch`. */
  readonly lookAtMapping: () => Promise<void>
  readonly now: () => Date
}

const second = 1_000

/** What a running exchange does by the clock, beside its workflows. Gives how to stop it. */
export function startUpkeep({
  store,
  log,
  metrics,
  retainForMs,
  certificate,
  reload,
  lookAtMapping,
  now,
}: Options): () => void {
  const ports = { store, log, metrics }
  const watchExpiry = createExpiryWatch(ports)
  const stops = [
    every(second, reload, failed),
    every(10 * second, lookAtMapping, failed),
    every(60 * second, () => remindOfPayloads({ ...ports, now: now() }), failed),
    every(60 * second, () => watchExpiry(certificate(), now()), failed),
    ...(retainForMs === undefined
      ? []
      : [every(5 * second, () => endRetention({ ...ports, retainForMs, now: now() }), failed)]),
  ]
  return () => {
    for (const stop of stops) stop()
  }

  function failed(): void {
    log.error('store failed', { reason: 'upkeep' })
  }
}

/** At once and then again and again; a piece of work that takes longer than its time is not begun twice. */
function every(ms: number, work: () => Promise<void>, failed: () => void): () => void {
  let isBusy = false
  const begin = () => {
    if (isBusy) return
    isBusy = true
    work()
      .catch(failed)
      .finally(() => {
        isBusy = false
      })
  }
  begin()
  const timer = setInterval(begin, ms)
  return () => clearInterval(timer)
}
