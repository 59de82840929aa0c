import type { AuditHead, AuditRow } from './types.ts'

export type Head = AuditHead

/** Before the first entry. */
export const nothing: Head = { n: 0, hash: '' }

interface Broken {
  /** The first number at which the chain does not hold. */
  readonly n: number
  readonly what: 'missing' | 'altered'
}

/**
 * Where the chain is broken for the first time; undefined: nowhere.
 *
 * Every entry is sealed together with the seal of the one before, so an entry that was edited, dropped, put in or moved
 * fits no more. A log that was cut off at its end is whole in itself: that shows against a head that was printed before.
 *
 * @param rows  in the order of their numbers
 * @param head  what stands before the first of them
 */
export function brokenChain(
  rows: Iterable<AuditRow>,
  mac: (text: string) => string,
  head: Head = nothing,
): Broken | undefined {
  let { n, hash } = head
  for (const row of rows) {
    n += 1
    if (row.n !== n) return { n, what: 'missing' }
    if (row.hash !== mac(linkOf(hash, row))) return { n, what: 'altered' }
    hash = row.hash
  }
  return undefined
}

/** What a seal covers: everything of the entry, and the seal of the entry before. JSON keeps neighbours apart. */
export function linkOf(before: string, { n, at, actor, act, object, code }: Omit<AuditRow, 'hash'>): string {
  return `audit ${JSON.stringify([before, n, at, actor, act, object, code])}`
}
