/** A filter value after Primero has guessed its type. */
export type FilterValue =
  | { readonly kind: 'text'; readonly value: string }
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'boolean'; readonly value: boolean }
  | { readonly kind: 'date'; readonly value: string }
  | { readonly kind: 'time'; readonly value: Date }
  | { readonly kind: 'list'; readonly values: readonly FilterValue[] }
  | { readonly kind: 'number-range'; readonly from: number; readonly to?: number }
  | { readonly kind: 'date-range'; readonly from: string; readonly to?: string }
  | { readonly kind: 'time-range'; readonly from: Date; readonly to?: Date }
  /** `..TO`, or ends that are neither numbers nor times: a range for which Primero has no class. */
  | { readonly kind: 'no-range' }

const number = /^-?\d+$/
const day = /^\d{4}-\d{2}-\d{2}$/
const time = /^\d{4}-\d{1,2}-\d{1,2}[T \t]+\d{1,2}:\d{2}:\d{2}(\.\d*)?(([ \t]*)Z|[-+]\d{2}(:?\d{2})?)?$/

/**
 * A query value by its looks: `true`, `12`, `a,b`, `1..2`, a date, a date-time. Undefined for the empty text.
 *
 * @source docs/systems.md §Primero/filters
 */
export function guess(raw: string): FilterValue | undefined {
  if (raw === '') return undefined
  if (raw.includes('..')) return range(raw)
  if (raw.includes(',')) return list(raw.split(','))
  return scalar(raw)
}

export function list(parts: readonly string[]): FilterValue {
  return { kind: 'list', values: parts.filter((part) => part !== '').map(scalar) }
}

function scalar(raw: string): FilterValue {
  if (raw === 'true' || raw === 'false') return { kind: 'boolean', value: raw === 'true' }
  if (number.test(raw)) return { kind: 'number', value: Number(raw) }
  if (day.test(raw)) return { kind: 'date', value: raw }
  const at = readTime(raw)
  return at ? { kind: 'time', value: at } : { kind: 'text', value: raw }
}

function range(raw: string): FilterValue {
  const [from = '', to = ''] = raw.split('..')
  if (from === '') return { kind: 'no-range' }
  if (number.test(from) && (to === '' || number.test(to))) {
    return { kind: 'number-range', from: Number(from), ...(to === '' ? {} : { to: Number(to) }) }
  }
  if (day.test(from) && (to === '' || day.test(to))) return { kind: 'date-range', from, ...(to === '' ? {} : { to }) }
  const start = readTime(from)
  const end = readTime(to)
  if (!start || (to !== '' && !end)) return { kind: 'no-range' }
  return { kind: 'time-range', from: start, ...(end ? { to: end } : {}) }
}

function readTime(raw: string): Date | undefined {
  if (!time.test(raw)) return undefined
  const hasZone = /(Z|[-+]\d{2}(:?\d{2})?)$/.test(raw)
  const at = new Date(hasZone ? raw : `${raw}Z`)
  return Number.isNaN(at.getTime()) ? undefined : at
}
