import { sql } from 'kysely'
import { seal, unseal } from './cipher.ts'
import type { Engine } from './engine.ts'
import type { Keys } from './keys.ts'
import type { Db } from './tables.ts'
import type { CollectionQuery, Collections } from './types.ts'

const pageRows = 1000

/**
 * Keys and values that jobs keep for later runs. Both may name a child, so both are encrypted; a key is found by its keyed
 * hash, and a pattern by opening the keys of its collection one after the other.
 */
export function createCollections(engine: Engine, keys: Keys): Collections {
  const key = Buffer.from(keys.mac('collections'), 'hex')
  const hashOf = (name: string, itemKey: string) => keys.fingerprint(JSON.stringify(['collection', name, itemKey]))
  const close = (name: string, text: string) => seal(key, Buffer.from(text), `collection ${name}`)
  const open = (name: string, sealed: Uint8Array) => {
    const text = unseal(key, sealed, `collection ${name}`)
    if (text === undefined) throw new Error('An item of a collection cannot be opened.')
    return text.toString()
  }

  /** Rows that a query means, page by page, in the order in which their keys came first. */
  async function* found(db: Db, name: string, query: CollectionQuery) {
    const matches = matcher(query.key ?? '*')
    let after = query.after ?? 0
    for (;;) {
      let select = db.selectFrom('collection_items').selectAll().where('name', '=', name).where('seq', '>', after)
      if (query.createdBefore !== undefined) select = select.where('created_at', '<', query.createdBefore)
      if (query.createdAfter !== undefined) select = select.where('created_at', '>', query.createdAfter)
      if (query.updatedBefore !== undefined) select = select.where('updated_at', '<', query.updatedBefore)
      if (query.updatedAfter !== undefined) select = select.where('updated_at', '>', query.updatedAfter)
      const rows = await select.orderBy('seq').limit(pageRows).execute()
      for (const row of rows) {
        const itemKey = open(name, row.sealed_key)
        if (matches(itemKey)) yield { ...row, seq: Number(row.seq), key: itemKey }
      }
      const last = rows.at(-1)
      if (last === undefined || rows.length < pageRows) return
      after = Number(last.seq)
    }
  }

  return {
    get: async (name, itemKey) => {
      const row = await engine.read((db) =>
        db
          .selectFrom('collection_items')
          .select('sealed_value')
          .where('name', '=', name)
          .where('key_hash', '=', hashOf(name, itemKey))
          .executeTakeFirst(),
      )
      return row && open(name, row.sealed_value)
    },
    list: (name, query) =>
      engine.read(async (db) => {
        const items: { key: string; value: string }[] = []
        let last = 0
        for await (const row of found(db, name, query)) {
          if (items.length === (query.limit ?? pageRows)) return { items, cursor: last }
          items.push({ key: row.key, value: open(name, row.sealed_value) })
          last = row.seq
        }
        return { items }
      }),
    set: (name, items, now) =>
      engine.write(async (db) => {
        const updated_at = now.toISOString()
        for (const { key: itemKey, value } of items) {
          const row = { sealed_key: close(name, itemKey), sealed_value: close(name, value), updated_at }
          await db
            .insertInto('collection_items')
            .values({ name, key_hash: hashOf(name, itemKey), created_at: updated_at, ...row })
            .onConflict((conflict) => conflict.columns(['name', 'key_hash']).doUpdateSet(row))
            .execute()
        }
      }),
    remove: (name, query) =>
      engine.write(async (db) => {
        const gone: number[] = []
        for await (const { seq } of found(db, name, query)) gone.push(seq)
        for (let from = 0; from < gone.length; from += pageRows) {
          const some = gone.slice(from, from + pageRows)
          await db
            .deleteFrom('collection_items')
            .where(
              'seq',
              'in',
              some.map((seq) => sql.lit(seq)),
            )
            .execute()
        }
        return gone.length
      }),
  }
}

/** `*` stands for any number of signs; everything else for itself. */
function matcher(pattern: string): (key: string) => boolean {
  const parts = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
  const expression = new RegExp(`^${parts.join('.*')}$`, 's')
  return (key) => expression.test(key)
}
