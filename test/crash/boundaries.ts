import type { Moment } from './observe.ts'

/**
 * The boundaries at which a process may die, in the order in which an entry passes them. Each has two sides: before, when
 * nothing of it has been done, and after, when nothing of the next one has.
 */
export const boundaries = [
  { number: 1, name: 'accept', at: 'accept', is: 'a connection is taken; its request line and headers are read' },
  { number: 2, name: 'parse', at: 'parse', is: 'the body becomes a JSON value' },
  { number: 3, name: 'encrypt', at: 'encrypt', is: 'the message is sealed under a key of its own' },
  { number: 4, name: 'write', at: 'write', is: 'the sealed message is written inside the transaction' },
  { number: 5, name: 'commit', at: 'commit accept', is: 'COMMIT of the entry' },
  { number: 6, name: 'answer', at: 'answer', is: '200 or 202 is handed to the kernel' },
  { number: 7, name: 'claim', at: 'commit claim', is: 'COMMIT of the claim' },
  { number: 8, name: 'look-up', at: 'look-up', is: 'Primero is asked, and its answer read' },
  { number: 9, name: 'intent written', at: 'commit intent', is: 'COMMIT of the intent of an effect' },
  { number: 10, name: 'request sent', at: 'sent', is: 'the request of the effect is handed to the kernel' },
  { number: 11, name: 'answer read', at: 'read', is: 'from the first to the last byte of the answer' },
  { number: 12, name: 'outcome written', at: 'commit outcome', is: 'COMMIT of the outcome of the effect' },
  { number: 13, name: 'cursor written', at: 'commit cursor', is: 'COMMIT of the end of a cron run, its cursor in it' },
  { number: 14, name: 'erase', at: 'commit end', is: 'COMMIT of the end of a message, its payload erased with it' },
  {
    number: 15,
    name: 'journal cut',
    at: 'truncate',
    is: "SQLite's journal, with older copies of pages, is cut to nothing",
  },
] as const

export type BoundaryName = (typeof boundaries)[number]['name']

/** One side of a boundary; of those that belong to an effect, on this system. */
export interface Point {
  readonly number: number
  readonly side: 'before' | 'after'
  readonly moment: Moment
  /** `10 before request sent (dtp)` */
  readonly title: string
}

/** Both sides of each: `point('look-up')`, `point('request sent', 'dtp')`. */
export function sides(name: BoundaryName, system?: 'primero' | 'dtp'): readonly Point[] {
  const { number, at } = boundaries.find((boundary) => boundary.name === name) ?? boundaries[0]
  const where = system === undefined ? at : `${at} ${system}`
  const which = system === undefined ? '' : ` (${system})`
  return (['before', 'after'] as const).map((side) => ({
    number,
    side,
    moment: `${side} ${where}`,
    title: `${number} ${side} ${name}${which}`,
  }))
}

/** Both sides of the four boundaries that an effect on a system has. */
export function effectOn(system: 'primero' | 'dtp'): readonly Point[] {
  const names = ['intent written', 'request sent', 'answer read', 'outcome written'] as const
  return names.flatMap((name) => sides(name, system))
}

/** True where the effect was begun and its outcome is not written: the other system may have it or not. */
export function isUnderWay({ number, side }: Point): boolean {
  return (number === 9 && side === 'after') || number === 10 || number === 11 || (number === 12 && side === 'before')
}
