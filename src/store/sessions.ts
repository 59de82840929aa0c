import type { Engine } from './engine.ts'
import type { Sessions } from './types.ts'

/** @param mac  keyed: whoever reads the table has no token */
export function createSessions(engine: Engine, mac: (text: string) => string): Sessions {
  const idOf = (token: string) => mac(`session ${token}`)
  return {
    begin: (token, { user, credential, until }, now) =>
      engine.write(async (db) => {
        await db.deleteFrom('sessions').where('until', '<=', now.toISOString()).execute()
        await db
          .insertInto('sessions')
          .values({ id: idOf(token), user_name: user, credential, until: until.toISOString() })
          .onConflict((conflict) => conflict.doNothing())
          .execute()
      }),
    find: (token, now) =>
      engine.read(async (db) => {
        const row = await db
          .selectFrom('sessions')
          .select(['user_name', 'credential'])
          .where('id', '=', idOf(token))
          .where('until', '>', now.toISOString())
          .executeTakeFirst()
        return row && { user: row.user_name, credential: row.credential }
      }),
    end: (token) =>
      engine.write(async (db) => {
        await db.deleteFrom('sessions').where('id', '=', idOf(token)).execute()
      }),
  }
}
