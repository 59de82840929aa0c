/// <reference path="../language-common.d.ts" />
import { expandReferences } from '@openfn/language-common/util'
import { collectionsPlace, type Item, type Query } from './place.ts'

interface State {
  data?: unknown
  [key: string]: unknown
}

type Operation = (state: State) => Promise<State>
type KeyOf = string | ((value: unknown, state: State, index: number) => unknown)

/** `key` may hold `*`; times are dates as texts, `after` and `before` exclusive; `cursor` is one that was given before. */
export interface CollectionQuery extends Omit<Query, 'after'> {
  readonly cursor?: string | number
  readonly pageSize?: number
}

type Asked = string | CollectionQuery

const chunk = 1000

/**
 * Puts the value of a key into `state.data` (`{}` when there is none), or for a pattern or any other query the list of
 * `{ key, value }`; the list has a `cursor` when a `limit` left some out.
 */
export function get(name: unknown, query: unknown = {}): Operation {
  return async (state) => {
    const [collection, asked] = resolved(state, name, query)
    if (typeof asked === 'string' && !asked.includes('*')) {
      const value = await collectionsPlace().get(collection, asked)
      return { ...state, data: value === undefined ? {} : JSON.parse(value) }
    }
    const data: { value: unknown; key: string }[] & { cursor?: string } = []
    const cursor = await read(collection, asked, async ({ key, value }) => {
      data.push({ value: JSON.parse(value), key })
    })
    if (cursor !== undefined) data.cursor = cursor
    return { ...state, data }
  }
}

/** Calls `callback(state, value, key)` for each item in turn; `state.data` becomes `{ cursor }`. */
export function each(
  name: unknown,
  query: unknown = {},
  callback: (state: State, value: unknown, key: string) => unknown = () => {},
): Operation {
  return async (state) => {
    const [collection, asked] = resolved(state, name, query)
    const cursor = await read(collection, asked, ({ key, value }) => callback(state, JSON.parse(value), key))
    state.data = { cursor }
    return state
  }
}

/**
 * Sets one value, or a list of values each under the key that `keyOf(value, state, index)` gives. A list under a key that
 * is a text is one value. `keyOf` is called as it is: it is no function of the state.
 */
export function set(name: unknown, keyOf: KeyOf, values: unknown, ...rest: unknown[]): Operation {
  const isComplete = values !== undefined || rest.length > 0
  return async (state) => {
    if (!isComplete) throw new TypeError('collections.set takes three arguments: name, key or function, values.')
    const [collection, given] = expandReferences(state, name, values)
    const list = typeof keyOf === 'string' || !Array.isArray(given) ? [given] : given
    const items = list.map((value: unknown, index): Item => {
      const key = typeof keyOf === 'string' ? keyOf : keyOf(value, state, index)
      if (typeof key !== 'string')
        throw new TypeError('The key function of collections.set gave something that is no text.')
      return { key, value: JSON.stringify(value) }
    })
    for (let from = 0; from < items.length; from += chunk) {
      await collectionsPlace().set(nameOf(collection), items.slice(from, from + chunk))
    }
    return state
  }
}

/** Removes the item of a key, or all that a pattern or query means. `state` stays as it is. */
export function remove(name: unknown, query: unknown = {}, _options?: unknown): Operation {
  return async (state) => {
    const [collection, asked] = resolved(state, name, query)
    const { cursor: _cursor, limit: _limit, ...rest } = toQuery(asked)
    await collectionsPlace().remove(collection, rest)
    return state
  }
}

/** Page by page, so that never more than a page is held; gives the cursor of what the limit left out. */
async function read(name: string, asked: Asked, take: (item: Item) => unknown): Promise<string | undefined> {
  const { cursor, limit = Number.POSITIVE_INFINITY, pageSize = chunk, ...query } = toQuery(asked)
  let after = cursor === undefined ? undefined : Number(cursor)
  let count = 0
  do {
    const page = await collectionsPlace().list(name, {
      ...query,
      limit: Math.min(pageSize, limit - count),
      ...(after === undefined ? {} : { after }),
    })
    for (const item of page.items) await take(item)
    count += page.items.length
    after = page.cursor
  } while (after !== undefined && count < limit)
  return after === undefined ? undefined : String(after)
}

function resolved(state: State, name: unknown, query: unknown): [string, Asked] {
  const [collection, asked] = expandReferences(state, name, query)
  return [nameOf(collection), typeof asked === 'string' ? asked : ((asked ?? {}) as CollectionQuery)]
}

function nameOf(collection: unknown): string {
  if (typeof collection === 'string' && collection !== '') return collection
  throw new TypeError('The name of a collection must be a text.')
}

const times = ['createdBefore', 'createdAfter', 'updatedBefore', 'updatedAfter'] as const

/** OpenFn also takes the names with underscores. Texts of dates become instants. */
function toQuery(asked: Asked): CollectionQuery {
  if (typeof asked === 'string') return { key: asked }
  const given = Object.fromEntries(
    Object.entries(asked)
      .filter(([, value]) => value !== undefined && value !== null)
      .map(([key, value]) => [key.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase()), value]),
  )
  const instants = times.filter((name) => given[name] !== undefined).map((name) => [name, instantOf(given[name])])
  return { ...given, ...Object.fromEntries(instants) }
}

/** `202401`, `2024-01-31`, or any date that JavaScript reads. */
function instantOf(value: unknown): string {
  const text = String(value).replace(/^(\d{4})(\d{2})(\d{2})?$/, (_, year, month, day) =>
    [year, month, day].filter(Boolean).join('-'),
  )
  const instant = new Date(text)
  if (Number.isNaN(instant.getTime())) throw new TypeError('A time in a query of collections is no date.')
  return instant.toISOString()
}
