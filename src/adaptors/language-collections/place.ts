import { AsyncLocalStorage } from 'node:async_hooks'

export interface Query {
  readonly key?: string
  readonly createdBefore?: string
  readonly createdAfter?: string
  readonly updatedBefore?: string
  readonly updatedAfter?: string
  readonly limit?: number
  readonly after?: number
}

export interface Item {
  readonly key: string
  /** JSON text. */
  readonly value: string
}

/** Where collections are kept. What is written stays, also when the run fails later. */
export interface CollectionsPlace {
  get(name: string, key: string): Promise<string | undefined>
  list(name: string, query: Query): Promise<{ readonly items: readonly Item[]; readonly cursor?: number }>
  set(name: string, items: readonly Item[]): Promise<void>
  remove(name: string, query: Query): Promise<number>
}

const current = new AsyncLocalStorage<CollectionsPlace>()

/** @throws Error outside a run: nobody knows where to keep anything */
export function collectionsPlace(): CollectionsPlace {
  const found = current.getStore()
  if (found === undefined) throw new Error('An operation of collections was called outside a run.')
  return found
}

/** Runs `work` so that operations of collections inside it use `place`. */
export function withCollections<T>(place: CollectionsPlace, work: () => Promise<T>): Promise<T> {
  return current.run(place, work)
}
