import { placeOf } from '../errors/placeOf.ts'
import type { Entries } from '../store/types.ts'
import { type Execution, execute } from './execute.ts'

interface WorkerOptions extends Execution {
  readonly concurrency: number
  readonly owner: string
  /** True while no work may begin (an account is stopped). */
  readonly isPaused: () => Promise<boolean>
  /** Writes retry entries of workflows whose kept records are due. */
  readonly askRetries: () => Promise<void>
}

export interface Worker {
  /** Looks for work at once instead of at the next look. */
  wake(): void
  /** How many entries could be begun now. */
  room(): number
  /** False when the loop has not gone round for a while: the process should be restarted. */
  alive(): boolean
  /** Takes nothing new, lets running entries finish for `graceMs`, then gives back what is left. */
  drain(graceMs: number): Promise<void>
}

/** Retries become due, other processes die, and news is lost: so the store is looked at even when nobody wakes us. */
const lookEveryMs = 1000
const tidyEveryMs = 5000
const deadAfterMs = 60_000
/** For a run that is told to stop to give its entry back. */
const stopMs = 2000

/** Claims entries and executes them, several at a time; the store keeps two for one child apart. */
export function startWorker(options: WorkerOptions): Worker {
  const { store, log, concurrency } = options
  const stop = new AbortController()
  const running = new Set<Promise<unknown>>()
  let isDraining = false
  let isPaused = false
  let lastLook = Date.now()
  let lastTidy = 0
  let rouse = () => {}

  const loop = (async () => {
    while (!isDraining) {
      lastLook = Date.now()
      const nothing = new Promise<void>((resolve) => {
        rouse = resolve
      })
      const isIdle = await look().catch((error: unknown) => {
        log.error('store failed', { error_name: error instanceof Error ? error.name : 'unknown' })
        return true
      })
      if (!isIdle || isDraining) continue
      const timer = setTimeout(rouse, lookEveryMs)
      await nothing
      clearTimeout(timer)
    }
  })()

  /** One look: true when there is nothing to begin now. */
  async function look(): Promise<boolean> {
    if (Date.now() - lastTidy > tidyEveryMs) {
      lastTidy = Date.now()
      await store.tidy()
    }
    if (running.size >= concurrency) return true
    isPaused = await options.isPaused()
    if (isPaused) return true
    await options.askRetries()
    const claim = await claimNext(store.entries)
    if (claim === undefined) return true
    log.debug('entry claimed', { entry: claim.id, workflow: claim.workflow, attempt: claim.attempt })
    const work = execute(options, claim, stop.signal)
      .catch((error: unknown) => log.error('unforeseen error', { entry: claim.id, ...placeOf(error) }))
      .finally(() => {
        running.delete(work)
        rouse()
      })
    running.add(work)
    return false
  }

  function claimNext(entries: Entries) {
    return entries.claim({ owner: options.owner, now: options.now(), leaseMs: options.leaseMs })
  }

  return {
    wake: () => {
      // Without room there is nothing to look for; the run that ends next rouses us.
      if (running.size < concurrency) rouse()
    },
    room: () => (isDraining || isPaused ? 0 : concurrency - running.size),
    alive: () => Date.now() - lastLook < deadAfterMs,
    async drain(graceMs) {
      isDraining = true
      rouse()
      await loop
      await allSettled(running, graceMs)
      stop.abort()
      await allSettled(running, stopMs)
      await store.tidy()
    },
  }
}

/** Waits for all of it, at most so long; no timer is left behind to hold up the end of the process. */
async function allSettled(work: Iterable<Promise<unknown>>, mostMs: number): Promise<void> {
  const settled = new AbortController()
  await Promise.race([Promise.allSettled(work).finally(() => settled.abort()), pause(mostMs, settled.signal)])
}

function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms)
    signal?.addEventListener(
      'abort',
      () => {
        clearTimeout(timer)
        resolve()
      },
      { once: true },
    )
  })
}
