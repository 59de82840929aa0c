import type { Engine } from './engine.ts'
import type { Db } from './tables.ts'
import type { CursorMove, Cursors } from './types.ts'

export function createCursors(engine: Engine): Cursors {
  return {
    read: (name) =>
      engine.read(async (db) => {
        const row = await db.selectFrom('cursors').select('value').where('name', '=', name).executeTakeFirst()
        return row?.value
      }),
    move: (move, now) => engine.write((db) => moveCursor(db, move, now)),
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

/** Inside a write transaction; see `Cursors.move`. */
export async function moveCursor(db: Db, { name, from, to: value }: CursorMove, now: Date): Promise<boolean> {
  const rest = { value, updated_at: now.toISOString() }
  if (from !== undefined) {
    const moved = await db
      .updateTable('cursors')
      .set(rest)
      .where('name', '=', name)
      .where('value', '=', from)
      .executeTakeFirst()
    return moved.numUpdatedRows > 0n
  }
  const made = await db
    .insertInto('cursors')
    .values({ name, ...rest })
    .onConflict((conflict) => conflict.doNothing())
    .returning('name')
    .executeTakeFirst()
  return made !== undefined
}
