/** What a source field holds that is neither empty nor one readable value. */
export const unreadable = Symbol('unreadable')

export type Scalar = string | boolean | undefined | typeof unreadable

/** A source field by its name: flat (`source['case.sex']`) or nested (`source.case.sex`). Own properties only. */
export function fieldOf(source: Readonly<Record<string, unknown>>, name: string): unknown {
  if (Object.hasOwn(source, name)) return source[name]
  const dot = name.indexOf('.')
  if (dot < 0) return undefined
  const part = Object.hasOwn(source, name.slice(0, dot)) ? source[name.slice(0, dot)] : undefined
  if (typeof part !== 'object' || part === null || !Object.hasOwn(part, name.slice(dot + 1))) return undefined
  return Reflect.get(part, name.slice(dot + 1))
}

/**
 * One value out of whatever a field holds: clean text, a boolean, undefined where it is empty.
 *
 * An entity reference of Dynamics counts as its name, and one without a name is empty: its id means nothing to Primero.
 * A number counts as its digits (a phone number that Primero holds as a number has already lost its plus sign and its
 * zeros; adding them again would be a guess). A list counts where all it holds is one value.
 *
 * @source docs/systems.md §DTP/referral-in
 */
export function scalarOf(value: unknown): Scalar {
  if (value === null || value === undefined) return undefined
  if (typeof value === 'string') return clean(value) || undefined
  if (typeof value === 'boolean') return value
  if (typeof value === 'bigint') return String(value)
  if (typeof value === 'number') return digits(value)
  if (Array.isArray(value)) return only(value)
  if (typeof value === 'object') return nameOf(value)
  return unreadable
}

/** Every value of a field that may hold a list: joined rows, several languages. Empty ones are left out. */
export function scalarsOf(value: unknown): Exclude<Scalar, undefined>[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value]
  return list.map(scalarOf).filter((one) => one !== undefined)
}

/** Trimmed, without what PostgreSQL's JSON cannot hold (NUL, half surrogates) and other control characters. */
export function clean(value: string): string {
  return value
    .replace(/\r\n?/g, '\n')
    .replace(/(?![\n\t])\p{Cc}/gu, '')
    .replace(/\p{Surrogate}/gu, '\uFFFD')
    .trim()
}

/** Large whole numbers are written out: `1e+21` is no phone number. */
function digits(value: number): Scalar {
  if (!Number.isFinite(value)) return unreadable
  return Number.isInteger(value) ? BigInt(value).toString() : String(value)
}

function only(list: readonly unknown[]): Scalar {
  const values = new Set(scalarsOf(list))
  return values.size > 1 ? unreadable : [...values][0]
}

/** `Name` as Dynamics writes it, `@name` and `#text` as FetchXML does. */
const nameKeys = ['Name', '@name', '#text']

function nameOf(reference: object): Scalar {
  if (Object.keys(reference).length === 0) return undefined
  const key = nameKeys.find((name) => Object.hasOwn(reference, name))
  return key === undefined ? unreadable : scalarOf(Reflect.get(reference, key))
}
