import type { Engine } from './engine.ts'
import type { Db } from './tables.ts'
import type { Cursors } from './types.ts'

export function createCursors(engine: Engine): Cursors {
  return {
    read: (name) =>
      engine.read(async (db) => {
        const row = await db.selectFrom('cursors').select('value').where('name', '=', name).executeTakeFirst()
        return row?.value
      }),
    write: (name, value, now) => engine.write((db) => writeCursor(db, name, value, now)),
  }
}

/** Inside a write transaction. */
export async function writeCursor(db: Db, name: string, value: string, now: Date): Promise<void> {
  const rest = { value, updated_at: now.toISOString() }
  await db
    .insertInto('cursors')
    .values({ name, ...rest })
    .onConflict((conflict) => conflict.column('name').doUpdateSet(rest))
    .execute()
}
