import type { Engine } from './engine.ts'
import type { Cursors } from './types.ts'

export function createCursors(engine: Engine): Cursors {
  return {
    read: (name) =>
      engine.read(async (db) => {
        const row = await db.selectFrom('cursors').select('value').where('name', '=', name).executeTakeFirst()
        return row?.value
      }),
    write: (name, value, now) =>
      engine.write(async (db) => {
        const rest = { value, updated_at: now.toISOString() }
        await db
          .insertInto('cursors')
          .values({ name, ...rest })
          .onConflict((conflict) => conflict.column('name').doUpdateSet(rest))
          .execute()
      }),
  }
}
