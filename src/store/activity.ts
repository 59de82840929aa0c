import type { Engine } from './engine.ts'
import { pageSize } from './page.ts'
import type { Db } from './tables.ts'
import type { Activity, ActivityRow } from './types.ts'

export function createActivity(engine: Engine): Activity {
  return {
    add: (row) => engine.write((db) => addActivity(db, [row])),
    list: ({ level, limit }) =>
      engine.read((db) => {
        let query = db.selectFrom('activity').selectAll().orderBy('id', 'desc').limit(pageSize(limit))
        if (level !== undefined) query = query.where('level', '=', level)
        return query.execute()
      }),
  }
}

/** Inside a write transaction. */
export async function addActivity(db: Db, rows: readonly Omit<ActivityRow, 'id'>[]): Promise<void> {
  for (const { at, level, what, workflow, entry, run, record } of rows) {
    await db.insertInto('activity').values({ at, level, what, workflow, entry, run, record }).execute()
  }
}
