import { collections } from '@openfn/language-collections'

/** A few named JSON values in one collection of Lightning. */
export interface Place {
  get(key: string): Promise<unknown>
  /** Values whose keys begin with this, by the rest of their keys. */
  list(prefix: string): Promise<readonly { readonly key: string; readonly value: unknown }[]>
  set(key: string, value: Readonly<Record<string, unknown>>): Promise<void>
  remove(key: string): Promise<void>
}

/**
 * @param configuration  of the step; the worker puts the address and the token of collections into it
 * @source docs/systems.md §OpenFn/collections
 */
export function placeIn(name: string, configuration: unknown): Place {
  const state = () => ({ configuration, references: [], data: {} })
  return {
    async get(key) {
      const { data } = await collections.get(name, encoded(key))(state())
      // A key that is not there gives `{}`; no value of ours is empty.
      return isFilled(data) ? data : undefined
    },
    async list(prefix) {
      const { data } = await collections.get(name, { key: `${encoded(prefix)}*` })(state())
      const items: readonly unknown[] = Array.isArray(data) ? data : []
      return items.filter(isItem).map(({ key, value }) => ({ key: decoded(key).slice(prefix.length), value }))
    },
    async set(key, value) {
      await collections.set(name, encoded(key), value)(state())
    },
    async remove(key) {
      await collections.remove(name, encoded(key))(state())
    },
  }
}

/** Keys become part of an address there, and `*` means any: letters, digits, `.`, `_` and `-` stay, `/` is `:`. */
function encoded(key: string): string {
  return encodeURIComponent(key)
    .replace(/[!'()*~]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%2F', ':')
    .replaceAll('%', '~')
}

function decoded(key: string): string {
  return decodeURIComponent(key.replaceAll('~', '%').replaceAll(':', '%2F'))
}

function isFilled(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length > 0
}

function isItem(item: unknown): item is { readonly key: string; readonly value: unknown } {
  return typeof item === 'object' && item !== null && 'key' in item && typeof item.key === 'string' && 'value' in item
}
