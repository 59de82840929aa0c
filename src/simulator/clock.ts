/** The clock of one simulator: stamps `last_updated_at`, the `Date` header, locks and tokens. */
export interface Clock {
  now(): Date
  /** Stops the clock at an instant. */
  freeze(at: Date | string): void
  /** Moves it forward; a stopped clock stays stopped, later. */
  advance(ms: number): void
  /** Lets it run again from where it is. */
  run(): void
}

/** @param base where the time comes from; the machine's clock by default */
export function createClock(base: () => Date = () => new Date()): Clock {
  let frozen: number | undefined
  let offsetMs = 0
  const now = () => frozen ?? base().getTime() + offsetMs

  return {
    now: () => new Date(now()),
    freeze(at) {
      frozen = new Date(at).getTime()
    },
    advance(ms) {
      if (frozen === undefined) offsetMs += ms
      else frozen += ms
    },
    run() {
      if (frozen === undefined) return
      offsetMs = frozen - base().getTime()
      frozen = undefined
    },
  }
}
