/** Who tries: the user named, and from where. `device`: a browser that this user has signed in with before. */
export interface Attempt {
  readonly user: string
  readonly address: string
  readonly device: string | undefined
}

export interface LockOut {
  /** Seconds until such an attempt is judged again; undefined while it is. */
  lockedFor(attempt: Attempt, now: Date): number | undefined
  /** True when this failure was the one that locks. */
  failed(attempt: Attempt, now: Date): boolean
  succeeded(attempt: Attempt): void
}

export const windowMs = 15 * 60_000
/** Failures within the window that are still judged. */
export const most = { userAtAddress: 20, address: 60, user: 200, device: 40 }
const mostRemembered = 10_000

/**
 * Bad passwords are counted by user and address together, by address, and by user. Whoever has too many of one is not
 * judged until a quarter of an hour after the first of them; attempts meanwhile do not prolong it.
 *
 * Nobody can lock another out for ever: a browser with which a user has signed in before is counted apart and by itself
 * alone, whatever others do in his name or from his address. The count by user leaves out `exempt`, whose password is
 * no word that two hundred guesses a quarter of an hour would find.
 */
export function createLockOut(exempt: string): LockOut {
  const windows = new Map<string, { readonly endsAt: number; count: number }>()

  const bucketsOf = ({ user, address, device }: Attempt): readonly (readonly [key: string, most: number])[] => {
    if (device !== undefined) return [[`device ${device}`, most.device]]
    return [
      [`pair ${user} ${address}`, most.userAtAddress],
      [`address ${address}`, most.address],
      ...(user === exempt ? [] : [[`user ${user}`, most.user] as const]),
    ]
  }
  const windowOf = (key: string, now: Date) => {
    const window = windows.get(key)
    if (window !== undefined && window.endsAt > now.getTime()) return window
    windows.delete(key)
    return undefined
  }

  return {
    lockedFor(attempt, now) {
      const ends = bucketsOf(attempt).flatMap(([key, limit]) => {
        const window = windowOf(key, now)
        return window !== undefined && window.count >= limit ? [window.endsAt] : []
      })
      return ends.length === 0 ? undefined : Math.max(1, Math.ceil((Math.max(...ends) - now.getTime()) / 1000))
    },
    failed(attempt, now) {
      let locks = false
      for (const [key, limit] of bucketsOf(attempt)) {
        const window = windowOf(key, now) ?? { endsAt: now.getTime() + windowMs, count: 0 }
        window.count++
        windows.set(key, window)
        locks ||= window.count === limit
      }
      for (const oldest of windows.keys()) {
        if (windows.size <= mostRemembered) break
        windows.delete(oldest)
      }
      return locks
    },
    succeeded(attempt) {
      const [first] = bucketsOf(attempt)
      if (first !== undefined) windows.delete(first[0])
    },
  }
}
