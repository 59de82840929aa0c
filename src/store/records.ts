import type { Engine } from './engine.ts'
import { pageSize } from './page.ts'
import type { Tables } from './tables.ts'
import type { KeptRecord, Records } from './types.ts'

/** Parameters of one statement: SQLite and PostgreSQL both take this many. */
const mostKeys = 500

export function createRecords(engine: Engine): Records {
  return {
    keep: (record) =>
      engine.write(async (db) => {
        const { workflow, key, ...rest } = toRow(record)
        await db
          .insertInto('records')
          .values({ workflow, key, ...rest })
          .onConflict((conflict) => conflict.columns(['workflow', 'key']).doUpdateSet(rest))
          .execute()
      }),
    drop: (workflow, keys) =>
      engine.write(async (db) => {
        for (let from = 0; from < keys.length; from += mostKeys) {
          await db
            .deleteFrom('records')
            .where('workflow', '=', workflow)
            .where('key', 'in', keys.slice(from, from + mostKeys))
            .execute()
        }
      }),
    get: (workflow, key) =>
      engine.read(async (db) => {
        const row = await db
          .selectFrom('records')
          .selectAll()
          .where('workflow', '=', workflow)
          .where('key', '=', key)
          .executeTakeFirst()
        return row && fromRow(row)
      }),
    due: (workflow, now) =>
      engine.read(async (db) => {
        const rows = await db
          .selectFrom('records')
          .selectAll()
          .where('workflow', '=', workflow)
          .where('due_at', '<=', now.toISOString())
          .orderBy('due_at')
          .orderBy('key')
          .execute()
        return rows.map(fromRow)
      }),
    dueWorkflows: (now) =>
      engine.read(async (db) => {
        const rows = await db
          .selectFrom('records')
          .select('workflow')
          .distinct()
          .where('due_at', '<=', now.toISOString())
          .orderBy('workflow')
          .execute()
        return rows.map(({ workflow }) => workflow)
      }),
    nextDue: () =>
      engine.read(async (db) => {
        const query = db.selectFrom('records').select('due_at').where('due_at', 'is not', null).orderBy('due_at')
        return (await query.limit(1).executeTakeFirst())?.due_at ?? undefined
      }),
    list: ({ outcome, limit }) =>
      engine.read(async (db) => {
        let query = db.selectFrom('records').selectAll().orderBy('since', 'desc').orderBy('key').limit(pageSize(limit))
        if (outcome !== undefined) query = query.where('outcome', '=', outcome)
        return (await query.execute()).map(fromRow)
      }),
  }
}

function toRow(record: KeptRecord): Tables['records'] {
  const due_at = record.due_at === null ? null : new Date(record.due_at).toISOString()
  return { ...record, due_at, ids: JSON.stringify(record.ids) }
}

function fromRow(row: Tables['records']): KeptRecord {
  const ids: Record<string, string> = JSON.parse(row.ids)
  return { ...row, ids }
}
