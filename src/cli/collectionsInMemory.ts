import type { CollectionsPlace, Item, Query } from '../adaptors/language-collections/place.ts'

/** Collections that end with the process. */
export function collectionsInMemory(now = () => new Date()): CollectionsPlace {
  const rows: (Item & {
    readonly name: string
    readonly n: number
    readonly createdAt: string
    readonly updatedAt: string
  })[] = []
  let count = 0
  const found = (name: string, query: Query) => rows.filter((row) => row.name === name && matches(row, query))
  return {
    get: async (name, key) => rows.find((row) => row.name === name && row.key === key)?.value,
    list: async (name, { limit = 1000, after = 0, ...query }) => {
      const rest = found(name, query).filter(({ n }) => n > after)
      const items = rest.slice(0, limit)
      const last = items.at(-1)
      const page = items.map(({ key, value }) => ({ key, value }))
      return rest.length > limit && last !== undefined ? { items: page, cursor: last.n } : { items: page }
    },
    set: async (name, items) => {
      const updatedAt = now().toISOString()
      for (const item of items) {
        const index = rows.findIndex((row) => row.name === name && row.key === item.key)
        const old = rows[index]
        if (old === undefined) rows.push({ ...item, name, n: ++count, createdAt: updatedAt, updatedAt })
        else rows[index] = { ...old, ...item, updatedAt }
      }
    },
    remove: async (name, query) => {
      const gone = new Set(found(name, query))
      rows.splice(0, rows.length, ...rows.filter((row) => !gone.has(row)))
      return gone.size
    },
  }
}

function matches(
  row: { readonly key: string; readonly createdAt: string; readonly updatedAt: string },
  query: Query,
): boolean {
  const pattern = (query.key ?? '*').split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
  return (
    new RegExp(`^${pattern.join('.*')}$`, 's').test(row.key) &&
    (query.createdBefore === undefined || row.createdAt < query.createdBefore) &&
    (query.createdAfter === undefined || row.createdAt > query.createdAfter) &&
    (query.updatedBefore === undefined || row.updatedAt < query.updatedBefore) &&
    (query.updatedAfter === undefined || row.updatedAt > query.updatedAfter)
  )
}
