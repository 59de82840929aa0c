import type { Engine } from './engine.ts'
import type { Stops } from './types.ts'

export function createStops(engine: Engine): Stops {
  return {
    stop: (credential, fingerprint, now) =>
      engine.write(async (db) => {
        const rest = { fingerprint, stopped_at: now.toISOString() }
        await db
          .insertInto('stops')
          .values({ credential, ...rest })
          .onConflict((conflict) => conflict.column('credential').doUpdateSet(rest))
          .execute()
      }),
    stopped: (credential) =>
      engine.read((db) =>
        db.selectFrom('stops').select('fingerprint').where('credential', '=', credential).executeTakeFirst(),
      ),
    clear: (credential) =>
      engine.write(async (db) => {
        await db.deleteFrom('stops').where('credential', '=', credential).execute()
      }),
  }
}
