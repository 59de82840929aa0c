import type { Admission } from '../adaptors/http/admission.ts'
import type { System } from '../adaptors/language-exchange/exchange.ts'
import type { Log } from '../log/log.ts'
import type { Metrics } from '../log/metrics.ts'
import { createBreakerHolder } from '../run/breakerHolder.ts'
import type { RetryRules } from '../run/retry.ts'
import type { Store } from '../store/types.ts'

interface Options {
  readonly admission: (system: System) => Admission
  readonly store: Pick<Store, 'entries'>
  readonly rules: RetryRules
  readonly log: Log
  readonly metrics?: Metrics | undefined
  readonly now: () => Date
}

export interface Breakers {
  /** As the one given, and a system that stops answering is left alone but for one request at a time. */
  readonly admission: (system: System) => Admission
  /** After a system answered again, brings forward what waits for one; called whenever work is looked for. */
  recover(): Promise<void>
}

/** How long a silent system is not asked, unless a step of RETRY_WAITS is shorter. */
const longestRestMs = 1_000
/** After a shorter outage nothing waits so long that it had to be brought forward. */
const longOutageMs = 60_000
/** Runs that met the outage may end after it: they are looked for once more. */
const afterwardsMs = 60_000
/** For the end of a probe of another request. */
const waitMs = 30_000

const names: Readonly<Record<System, string>> = { primero: 'Primero', dtp: 'DTP' }

/**
 * A breaker for each of the two systems, in front of the permits, and what a recovery brings with it.
 *
 * What was told by earlier processes of this store is not known here, so the first answer after a start counts as a
 * recovery too: entries may wait since an outage that has ended meanwhile.
 */
export function createBreakers({ admission, store, rules, log, metrics, now }: Options): Breakers {
  let recoveries: readonly number[] = []

  const recovered = () => {
    recoveries = [now().getTime(), now().getTime() + afterwardsMs]
  }

  const guard = (system: System): Admission => {
    const inner = admission(system)
    let hasAnswered = false
    const holder = createBreakerHolder({
      name: names[system],
      restMs: Math.min(longestRestMs, ...rules.waitsMs),
      now,
      onOpen: () => {
        log.warn('outage', { system, state: 'open' })
        metrics?.systemsDown.set({ system }, 1)
      },
      onClose: (downMs) => {
        log.info('outage', { system, state: 'closed', duration_ms: downMs })
        metrics?.systemsDown.set({ system }, 0)
        if (downMs >= longOutageMs) recovered()
      },
    })
    metrics?.systemsDown.set({ system }, 0)
    return {
      ...inner,
      async enter(options) {
        const end = await holder.enter({ waitMs, signal: options.signal })
        const leave = await inner.enter(options).catch((error: unknown) => {
          end('unknown')
          throw error
        })
        try {
          // Permits come free when requests run out of time: those who waited for them must not run out of it as well.
          holder.refuseOpen()
        } catch (error) {
          leave('unknown')
          throw error
        }
        return (heard) => {
          leave(heard)
          end(heard)
          if (heard !== 'answered' || hasAnswered) return
          hasAnswered = true
          recovered()
        }
      },
    }
  }

  const guarded = { primero: guard('primero'), dtp: guard('dtp') }
  return {
    admission: (system) => guarded[system],
    async recover() {
      const nowMs = now().getTime()
      const later = recoveries.filter((atMs) => atMs > nowMs)
      if (later.length === recoveries.length) return
      await store.entries.bringForward(now())
      recoveries = later
    },
  }
}
