/** What a request showed of the system that it was made to. */
export type Heard = 'answered' | 'silent' | 'unknown'

/**
 * What is known of a system, from what requests to it heard. Times in milliseconds of one clock.
 *
 * - `closed`   it answers, or is not known not to; `silences` in a row, the first of them at `sinceMs`
 * - `open`     it has not answered since `sinceMs`; not asked between `fromMs` and `untilMs`
 * - `probing`  one request finds out whether it answers again
 */
export type Breaker =
  | { readonly state: 'closed'; readonly silences: number; readonly sinceMs: number }
  | { readonly state: 'open'; readonly sinceMs: number; readonly fromMs: number; readonly untilMs: number }
  | { readonly state: 'probing'; readonly sinceMs: number }

/** `go`: as any other. `probe`: alone, for all. `wait`: for the end of the probe. `refuse`: not now. */
export type Leave = 'go' | 'probe' | 'wait' | 'refuse'

/** One silence may be about one record only, and where others are answered in between it is. */
export const silencesToOpen = 5

export const closed: Breaker = { state: 'closed', silences: 0, sinceMs: 0 }

/** Whether one more request may be made, and what is known after that. */
export function ask(breaker: Breaker, nowMs: number): { readonly leave: Leave; readonly next: Breaker } {
  if (breaker.state === 'closed') return { leave: 'go', next: breaker }
  if (breaker.state === 'probing') return { leave: 'wait', next: breaker }
  // A clock that was set back must not keep it open.
  const isResting = nowMs >= breaker.fromMs && nowMs < breaker.untilMs
  if (isResting) return { leave: 'refuse', next: breaker }
  return { leave: 'probe', next: { state: 'probing', sinceMs: breaker.sinceMs } }
}

interface Hearing {
  readonly heard: Heard
  readonly isProbe: boolean
  readonly nowMs: number
  /** How long a silent system is not asked. */
  readonly restMs: number
}

/** What is known after a request has ended. An answer closes it, whichever request got it. */
export function hear(breaker: Breaker, { heard, isProbe, nowMs, restMs }: Hearing): Breaker {
  if (heard === 'answered') return closed
  if (breaker.state === 'closed') {
    if (heard === 'unknown') return breaker
    const silences = breaker.silences + 1
    const sinceMs = silences === 1 ? nowMs : breaker.sinceMs
    return silences < silencesToOpen ? { ...breaker, silences, sinceMs } : open(sinceMs, nowMs, restMs)
  }
  if (breaker.state === 'probing') {
    if (!isProbe) return breaker
    // Nothing was learned, so the next one may try at once.
    return open(breaker.sinceMs, nowMs, heard === 'silent' ? restMs : 0)
  }
  return heard === 'silent' ? open(breaker.sinceMs, nowMs, restMs) : breaker
}

function open(sinceMs: number, nowMs: number, restMs: number): Breaker {
  return { state: 'open', sinceMs, fromMs: nowMs, untilMs: nowMs + restMs }
}
