import type { CollectionsPlace } from '../adaptors/language-collections/place.ts'
import type { Store } from '../store/types.ts'

/** Collections of jobs, in the store. */
export function collectionsIn({ collections }: Pick<Store, 'collections'>, now: () => Date): CollectionsPlace {
  return { ...collections, set: (name, items) => collections.set(name, items, now()) }
}
