/** Timers and `performance.now` of this process on a clock that moves only when told to; sockets and disks stay real. */
export interface VirtualTime {
  /** Milliseconds since the clock was put in. */
  readonly nowMs: () => number
  /** When the next timer is due. */
  readonly nextMs: () => number | undefined
  /** Moves the clock and fires what came due on the way, in order; what repeats once, as after a machine was suspended. */
  advance(ms: number): void
  /** Ends what repeats, as a process does that is gone. Other timers stay: undici shares one among all connections. */
  endIntervals(): void
  /** Gives the process its own timers back. */
  restore(): void
}

interface Timer {
  dueMs: number
  readonly periodMs: number | undefined
  readonly delayMs: number
  readonly fire: () => void
}

/** Node's own parts (`net`, `timers/promises`) do not see it: they keep timers of their own. */
export function takeOverTime(): VirtualTime {
  const own = {
    setTimeout: globalThis.setTimeout,
    clearTimeout: globalThis.clearTimeout,
    setInterval: globalThis.setInterval,
    clearInterval: globalThis.clearInterval,
  }
  const pending = new Set<Timer>()
  let nowMs = 0

  const start = (fire: () => void, delayMs: number, periodMs: number | undefined) => {
    const timer: Timer = { dueMs: nowMs + delayMs, delayMs, periodMs, fire }
    pending.add(timer)
    return handleOf(timer)
  }
  const handleOf = (timer: Timer) => ({
    ref() {
      return this
    },
    unref() {
      return this
    },
    hasRef: () => true,
    refresh() {
      timer.dueMs = nowMs + timer.delayMs
      pending.add(timer)
      return this
    },
    stop: () => pending.delete(timer),
  })
  const stop = (handle: unknown) => {
    if (typeof handle === 'object' && handle !== null && 'stop' in handle && typeof handle.stop === 'function')
      handle.stop()
  }
  const next = (untilMs: number) => {
    let found: Timer | undefined
    for (const timer of pending) {
      if (timer.dueMs <= untilMs && (found === undefined || timer.dueMs < found.dueMs)) found = timer
    }
    return found
  }

  Object.assign(globalThis, {
    setTimeout: (work: (...given: unknown[]) => void, delayMs = 1, ...given: unknown[]) =>
      start(() => work(...given), Math.max(delayMs, 1), undefined),
    setInterval: (work: (...given: unknown[]) => void, delayMs = 1, ...given: unknown[]) =>
      start(() => work(...given), Math.max(delayMs, 1), Math.max(delayMs, 1)),
    clearTimeout: stop,
    clearInterval: stop,
  })
  Object.defineProperty(performance, 'now', { value: () => nowMs, configurable: true, writable: true })

  return {
    nowMs: () => nowMs,
    nextMs: () => next(Number.POSITIVE_INFINITY)?.dueMs,
    advance(ms) {
      const untilMs = nowMs + ms
      for (let timer = next(untilMs); timer !== undefined; timer = next(untilMs)) {
        nowMs = Math.max(nowMs, timer.dueMs)
        if (timer.periodMs === undefined) pending.delete(timer)
        else timer.dueMs = Math.max(untilMs, nowMs) + timer.periodMs
        timer.fire()
      }
      nowMs = untilMs
    },
    endIntervals() {
      for (const timer of pending) if (timer.periodMs !== undefined) pending.delete(timer)
    },
    restore() {
      Object.assign(globalThis, own)
      Reflect.deleteProperty(performance, 'now')
    },
  }
}
