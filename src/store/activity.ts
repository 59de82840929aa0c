import type { Engine } from './engine.ts'
import { pageSize } from './page.ts'
import type { Activity } from './types.ts'

export function createActivity(engine: Engine): Activity {
  return {
    add: ({ at, level, what, workflow, entry, run, record }) =>
      engine.write(async (db) => {
        await db.insertInto('activity').values({ at, level, what, workflow, entry, run, record }).execute()
      }),
    list: ({ level, limit }) =>
      engine.read((db) => {
        let query = db.selectFrom('activity').selectAll().orderBy('id', 'desc').limit(pageSize(limit))
        if (level !== undefined) query = query.where('level', '=', level)
        return query.execute()
      }),
  }
}
