import type { Engine } from './engine.ts'
import type { Stops } from './types.ts'

export function createStops(engine: Engine): Stops {
  return {
    stop: (account, fingerprint, now) =>
      engine.write(async (db) => {
        const stopped = { stopped_at: now.toISOString(), lifted: 0 }
        await db
          .insertInto('stops')
          .values({ account, fingerprint, refusals: 1, ...stopped })
          .onConflict((conflict) =>
            conflict
              .columns(['account', 'fingerprint'])
              .doUpdateSet((eb) => ({ refusals: eb('stops.refusals', '+', 1), ...stopped })),
          )
          .execute()
      }),
    stopped: (account, fingerprint) =>
      engine.read(async (db) => {
        const row = await db
          .selectFrom('stops')
          .select(['stopped_at', 'refusals'])
          .where('account', '=', account)
          .where('fingerprint', '=', fingerprint)
          .where('lifted', '=', 0)
          .executeTakeFirst()
        return row && { at: row.stopped_at, refusals: row.refusals }
      }),
    lift: (account, fingerprint, { stoppedBefore, mostRefusals, forgetBefore }) =>
      engine.write(async (db) => {
        await db.deleteFrom('stops').where('stopped_at', '<', forgetBefore.toISOString()).execute()
        await db
          .updateTable('stops')
          .set({ lifted: 1 })
          .where('account', '=', account)
          .where('fingerprint', '=', fingerprint)
          .where('stopped_at', '<', stoppedBefore.toISOString())
          .where('refusals', '<', mostRefusals)
          .execute()
      }),
    accept: (account, fingerprint, now) =>
      engine.write(async (db) => {
        const accepted = { stopped_at: now.toISOString(), refusals: 0, lifted: 1 }
        await db
          .insertInto('stops')
          .values({ account, fingerprint, ...accepted })
          // Not over a stop: an answer may come later than the refusal of a younger request.
          .onConflict((conflict) =>
            conflict.columns(['account', 'fingerprint']).doUpdateSet(accepted).where('stops.lifted', '=', 1),
          )
          .execute()
      }),
    accepted: (account, fingerprint) =>
      engine.read(async (db) => {
        const row = await db
          .selectFrom('stops')
          .select('refusals')
          .where('account', '=', account)
          .where('fingerprint', '=', fingerprint)
          .executeTakeFirst()
        return row?.refusals === 0
      }),
    replace: (account, fingerprint) =>
      engine.write(async (db) => {
        const rows = db.deleteFrom('stops').where('account', '=', account)
        const earlier = await rows.where('fingerprint', '!=', fingerprint).executeTakeFirst()
        return earlier.numDeletedRows > 0n
      }),
  }
}
