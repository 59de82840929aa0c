/** One process's part in the permits of a name. */
export interface Part {
  readonly owner: string
  readonly held: number
  /** In all, those held included. 0: wants none. */
  readonly wanted: number
  /** ISO time at which it began to want some; the longest wait comes first. */
  readonly since: string
}

/**
 * How many permits `mine` may hold from now on, when `limit` are all there are and each process looks for itself.
 *
 * The first `limit` processes that want some have a right to an equal part; what of it they do not want, and what is left
 * over, goes to whoever asks first. The others have none until an earlier one stands behind them: a process takes a new
 * place in the order (`since`) when its turn is over.
 *
 * What others hold is never given a second time, however unequal: they see the same and give back.
 */
export function part(limit: number, mine: Part, others: readonly Part[]): number {
  const inOrder = [mine, ...others].filter(({ wanted }) => wanted > 0).toSorted(bySince)
  const first = new Set(inOrder.slice(0, limit))
  const equal = Math.floor(limit / Math.max(1, first.size))
  const right = (one: Part) => (first.has(one) ? Math.min(equal, one.wanted) : 0)

  if (!first.has(mine)) return 0
  const theirs = others.reduce((sum, one) => sum + Math.max(one.held, right(one)), 0)
  return Math.max(0, Math.min(mine.wanted, limit - theirs))
}

/** True when another process wants more than it has. */
export function isContested(others: readonly Part[]): boolean {
  return others.some(({ held, wanted }) => wanted > held)
}

/** True when there are more processes than permits, so that they take turns. */
export function takesTurns(limit: number, others: readonly Part[]): boolean {
  return others.filter(({ wanted }) => wanted > 0).length >= limit
}

function bySince(a: Part, b: Part): number {
  return a.since < b.since ? -1 : a.since > b.since ? 1 : a.owner < b.owner ? -1 : 1
}
