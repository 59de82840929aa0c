/** Failed credentials by address, counted in windows of a minute. */
export interface Failures {
  count(address: string, now: Date): void
  /** Seconds until the address may try again; undefined while it may. */
  blockedFor(address: string, now: Date): number | undefined
}

const windowMs = 60_000
/** Addresses remembered at once; the oldest are forgotten first, so that memory has an end. */
const maxAddresses = 100_000

/**
 * Blocks an address after `limit` failures within a minute, until that minute is over.
 *
 * IPv6 addresses count by their first 64 bits, which is what one customer gets.
 */
export function createFailures(limit: number): Failures {
  const windows = new Map<string, { readonly endsAt: number; count: number }>()

  function current(network: string, now: Date) {
    const window = windows.get(network)
    if (window === undefined || window.endsAt > now.getTime()) return window
    windows.delete(network)
    return undefined
  }

  return {
    count(address, now) {
      const network = networkOf(address)
      const window = current(network, now)
      if (window !== undefined) window.count++
      else windows.set(network, { endsAt: now.getTime() + windowMs, count: 1 })
      if (windows.size > maxAddresses) {
        for (const oldest of windows.keys()) {
          windows.delete(oldest)
          break
        }
      }
    },
    blockedFor(address, now) {
      const window = current(networkOf(address), now)
      if (window === undefined || window.count < limit) return undefined
      return Math.max(1, Math.ceil((window.endsAt - now.getTime()) / 1000))
    },
  }
}

/** Of an IPv6 address the first 64 bits, which is what one customer gets. */
export function networkOf(address: string): string {
  if (!address.includes(':')) return address
  const [head = '', tail] = address.split('::', 2)
  const groups = head === '' ? [] : head.split(':')
  const after = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - groups.length - after.length)
  return [...groups, ...Array.from({ length: zeros }, () => '0'), ...after].slice(0, 4).join(':')
}
