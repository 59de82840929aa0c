import type { Schedule } from './schedule.ts'

/** Cases that share one time to the millisecond. */
const ties = 60

/**
 * So many cases are decided, those around the end of the first page at one time; while they are read and told, every other
 * one or so is saved once more, some with another decision.
 */
export function manyCases(count: number, pageSize: number): Schedule {
  const isTied = (n: number) => Math.abs(n - pageSize) <= ties / 2
  const saves = Array.from({ length: count }, (_, n) => ({
    do: 'save' as const,
    child: n,
    change: { decision: 'accepted' as const },
    afterMs: isTied(n) ? 0 : 137,
    lateMs: 0,
  }))
  const edits = Array.from({ length: Math.floor(count / 8) }, (_, n) => ({
    at: 1 + n,
    child: (n * 617) % count,
    change: n % 3 === 0 ? { decision: 'rejected' as const } : {},
  }))
  return {
    pageSize,
    primeroAheadMs: 0,
    steps: [
      { do: 'register', count, refers: false, afterMs: 0, lateMs: 0 },
      ...saves,
      { do: 'work', asked: ['send-decisions'], byHand: false, costMs: 20, mishaps: [], edits, ends: undefined },
    ],
  }
}
