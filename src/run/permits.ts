import { setTimeout as sleep } from 'node:timers/promises'
import type { Permits, Share } from '../store/types.ts'
import { createLine, type Waiting } from './line.ts'

interface Options {
  readonly permits: Permits
  readonly name: string
  /** In all processes together. */
  readonly limit: number
  /** Asked after permits were taken and before the first of them is used; what it throws, those who wait are told. */
  readonly admit?: () => Promise<void>
  /** Permits that nobody uses are kept so long, unless another process wants them. Default 2 s. */
  readonly lingerMs?: number
  readonly now: () => Date
}

export interface PermitHolder {
  /**
   * Resolves when there is a permit, with what gives it back; first come first served.
   *
   * @throws REMOTE_DOWN (later, not_reached) when there is none within `waitMs`, or `signal` is aborted; what `admit` and
   *         the store throw
   */
  enter(waiting: Waiting): Promise<() => void>
  /** Nothing more is begun without asking the store again. */
  forfeit(): void
}

const leaseMs = 30_000
/** Nothing is begun in the last part of a lease: the clocks of two machines differ. */
const marginMs = 5_000
/** How often a process with permits looks whether others want some. */
const lookEveryMs = 500
/** How often a process that wants more looks whether there are: where it has none, and where it has some. */
const pollMs = { none: 50, some: 250 }
/** Where there are more processes than permits, each has its own for so long. */
const turnMs = 1_000

/**
 * The permits of one name in the hands of this process: taken when work comes, given back when it stays away or when
 * others wait. With a permit in hand a piece of work costs nothing; the store is asked when there are too few, and twice
 * a second while there are any.
 */
export function createPermitHolder({ permits, name, limit, admit, lingerMs = 2_000, now }: Options): PermitHolder {
  let share: Share = { held: 0, contested: false, since: '' }
  let inUse = 0
  let validUntilMs = 0
  let turnBeganMs = 0
  let peak = { demand: 0, atMs: 0 }
  let isAsking = false
  let isSharing = false
  let keeper: NodeJS.Timeout | undefined
  const line = createLine(name, take)

  return {
    async enter(waiting) {
      const entered = line.enter(waiting)
      if (line.length() > 0 && mayHaveMore()) void ask()
      await entered
      return createLeave()
    },
    forfeit,
  }

  function take(): boolean {
    if (isSharing || inUse >= share.held || performance.now() >= validUntilMs) return false
    inUse++
    if (inUse >= peak.demand) peak = { demand: inUse, atMs: performance.now() }
    return true
  }

  /** False: it has all there are, and those who wait get in when others of this process leave. */
  function mayHaveMore(): boolean {
    return share.held < limit || performance.now() >= validUntilMs
  }

  function createLeave(): () => void {
    let hasLeft = false
    return () => {
      if (hasLeft) return
      hasLeft = true
      const isOwed = inUse > share.held
      inUse--
      line.serve()
      if (isOwed || (inUse === 0 && lingerMs === 0)) void ask()
    }
  }

  function forfeit(): void {
    validUntilMs = 0
    peak = { demand: 0, atMs: 0 }
  }

  /** Until nobody waits for permits of other processes any more; one at a time. */
  async function ask(): Promise<void> {
    if (isAsking) return
    isAsking = true
    let hasFailed = false
    try {
      let isShort = await renegotiate()
      line.serve()
      while (line.length() > 0 && mayHaveMore()) {
        // Whoever came while the store was asked need not wait: it gave all that was asked for.
        if (isShort) await sleep(share.held === 0 ? pollMs.none : pollMs.some)
        isShort = await renegotiate()
        line.serve()
      }
    } catch (error) {
      hasFailed = true
      forfeit()
      line.refuse(error)
      // Gives back what was taken and must not be used.
      await renegotiate().catch(() => undefined)
    } finally {
      isAsking = false
      keepLooking()
      if (hasFailed && line.length() > 0) void ask()
    }
  }

  /**
   * Nothing may begin meanwhile: what this process says it uses is what the store leaves it. True: it got less than it
   * wants.
   */
  async function renegotiate(): Promise<boolean> {
    isSharing = true
    try {
      const askedMs = performance.now()
      const before = askedMs < validUntilMs ? share.held : 0
      const turnIsOver = share.contested && askedMs - turnBeganMs > turnMs
      const wanted = wantedAt(askedMs)
      const given = await permits.share({ name, limit, inUse, wanted, turnIsOver, now: now(), leaseMs })
      if (before === 0 || given.since !== share.since) turnBeganMs = askedMs
      share = given
      if (given.held > before) await admit?.()
      validUntilMs = askedMs + leaseMs - marginMs
      return given.held < wanted
    } finally {
      isSharing = false
    }
  }

  function wantedAt(ms: number): number {
    const demand = inUse + line.length()
    const lately = share.contested || ms - peak.atMs > lingerMs ? 0 : peak.demand
    return Math.min(limit, Math.max(demand, lately))
  }

  function keepLooking(): void {
    const isHolding = share.held > 0 || inUse > 0
    if (isHolding && keeper === undefined) keeper = setInterval(() => void ask(), lookEveryMs).unref()
    if (isHolding || keeper === undefined) return
    clearInterval(keeper)
    keeper = undefined
  }
}
