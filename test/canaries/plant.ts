import type { Json } from '../../src/simulator/json.ts'
import { type Filling, notPersonal, partsOfLookups, personal } from './personal.ts'
import { type Canaries, canaryMaker, type Kind } from './words.ts'

export interface Garden {
  /** The same value with a canary in each personal field; `source` begins the canaries' names. */
  plant<T extends Json>(source: string, value: T): T
  /** A canary that no fixture holds. */
  add(name: string, kind: Kind): string
  /** All that was planted so far. */
  readonly canaries: Canaries
  /** Attributes with a text that is neither personal nor known not to be. */
  readonly unknown: ReadonlySet<string>
}

/**
 * Puts canaries into fixtures. Within one source the same value of the same field gets the same canary, so that joined rows
 * go on telling of one child; empty fields stay empty.
 */
export function createGarden(): Garden {
  const make = canaryMaker()
  const canaries: Record<string, string> = {}
  const planted = new Map<string, string>()
  const unknown = new Set<string>()

  const add = (name: string, kind: Kind) => {
    const canary = make(kind)
    canaries[Object.hasOwn(canaries, name) ? `${name} ${Object.keys(canaries).length}` : name] = canary
    return canary
  }
  const once = (name: string, kind: Kind, original: string) => {
    // A child's number is hers in every file.
    const key = `${kind === 'individual' ? kind : name} ${original}`
    const canary = planted.get(key) ?? add(name, kind)
    planted.set(key, canary)
    return canary
  }
  const fill = (name: string, filling: Filling, original: string): string => {
    if (filling === 'comments') return comments(name, original)
    if (filling === 'note') return `<p>${once(name, 'word', original)}</p>`
    if (filling === 'day') return day(name, original)
    return /^\{.*\}$/.test(original) ? `{${once(name, filling, original)}}` : once(name, filling, original)
  }
  const comments = (name: string, original: string) => {
    const entries: readonly { readonly [key: string]: string }[] = JSON.parse(original)
    const filled = entries.map((entry) => ({
      ...entry,
      CreatedBy: once(`${name}.CreatedBy`, 'word', String(entry.CreatedBy)),
      Text: once(`${name}.Text`, 'word', String(entry.Text)),
    }))
    return JSON.stringify(filled)
  }
  /** A stamp in the afternoon means the day after: both are canaries. A day to come stays, because that is its point. */
  const day = (name: string, original: string) => {
    const [, written = '', time = ''] = /^(\d{4}-\d\d-\d\d)(.*)$/.exec(original) ?? []
    if (written > '2100') {
      canaries[name] = written
      return original
    }
    const canary = once(name, 'day', written)
    const next = new Date(Date.parse(canary) + 86_400_000).toISOString().slice(0, 10)
    if (/T(1[2-9]|2)/.test(time)) canaries[`${name}, the day after`] = next
    return `${canary}${time}`
  }

  const walk = (value: Json, source: string, attribute: string, part: string | undefined): Json => {
    if (Array.isArray(value)) return value.map((one) => walk(one, source, attribute, part))
    if (typeof value === 'object' && value !== null) {
      const entries = Object.entries(value).map(([key, inner]): [string, Json] => [
        key,
        partsOfLookups.has(key)
          ? walk(inner, source, attribute, key)
          : ['LogicalName', '@type', '@formattedvalue', 'KeyAttributes', 'RowVersion'].includes(key)
            ? inner
            : walk(inner, source, key.split('.').at(-1) ?? key, undefined),
      ])
      return Object.fromEntries(entries)
    }
    if (typeof value !== 'string' || value === '') return value
    const filling = fillingOf(attribute, part)
    if (filling !== undefined) return fill(`${source} ${attribute}`, filling, value)
    if (!notPersonal.has(attribute) && personal[attribute] === undefined) unknown.add(attribute)
    return value
  }
  return {
    plant: <T extends Json>(source: string, value: T) => walk(value, source, '', undefined) as T,
    add,
    canaries,
    unknown,
  }
}

function fillingOf(attribute: string, part: string | undefined): Filling | undefined {
  const filling = personal[attribute]
  if (typeof filling === 'object') return filling[part ?? '']
  // Of a place or a need the id is a code; its name tells something of the child.
  return part === 'Id' || part === '#text' ? undefined : filling
}
