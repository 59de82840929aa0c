import { sql } from 'kysely'
import type { Db } from './tables.ts'

/** See `Entries.bringForward`. Inside a write transaction. */
export async function bringForward(db: Db, now: string): Promise<number> {
  const dueAt = sql<string>`case when not_before > ${now} then not_before else ${now} end`
  const entries = await db
    .updateTable('entries')
    .set({ due_at: dueAt, not_before: null })
    .where('state', '=', sql.lit('waiting'))
    .where('due_at', '>', now)
    .where('not_before', 'is not', null)
    .executeTakeFirst()
  const records = await db
    .updateTable('records')
    .set({ due_at: dueAt, not_before: null })
    .where('due_at', '>', now)
    .where('not_before', 'is not', null)
    .executeTakeFirst()
  return Number(entries.numUpdatedRows + records.numUpdatedRows)
}
