import type { AppendAudit } from './audit.ts'
import type { Engine } from './engine.ts'
import { pageSize } from './page.ts'
import type { Db, Tables } from './tables.ts'
import type { NewNotice, NoticeRow, Notices } from './types.ts'

/** Whoever does not act is reminded again after so long. */
const remindEveryMs = 24 * 3_600_000

export function createNotices(engine: Engine, append: AppendAudit): Notices {
  return {
    list: ({ state, limit, before }) =>
      engine.read(async (db) => {
        let query = db
          .selectFrom('notices')
          .selectAll()
          .orderBy('opened_at', 'desc')
          .orderBy('id', 'desc')
          .limit(pageSize(limit))
        if (state !== undefined) query = query.where('done_at', state === 'open' ? 'is' : 'is not', null)
        if (before !== undefined) {
          const last = await db.selectFrom('notices').selectAll().where('id', '=', before).executeTakeFirst()
          if (last === undefined) return []
          query = query.where(({ eb, refTuple, tuple }) =>
            eb(refTuple('opened_at', 'id'), '<', tuple(last.opened_at, last.id)),
          )
        }
        return (await query.execute()).map(fromRow)
      }),
    overdue: (now) =>
      engine.read(async (db) => {
        const longAgo = new Date(now.getTime() - remindEveryMs).toISOString()
        const rows = await db
          .selectFrom('notices')
          .selectAll()
          .where('done_at', 'is', null)
          .where('due_at', '<=', now.toISOString())
          .where((eb) => eb.or([eb('reminded_at', 'is', null), eb('reminded_at', '<=', longAgo)]))
          .orderBy('due_at')
          .orderBy('id')
          .execute()
        return rows.map(fromRow)
      }),
    done: (id, now, actor = 'exchange') =>
      engine.write(async (db) => {
        const at = now.toISOString()
        const done = await db
          .updateTable('notices')
          .set({ done_at: at })
          .where('id', '=', id)
          .where('done_at', 'is', null)
          .executeTakeFirst()
        if (done.numUpdatedRows > 0n) {
          await append(db, { at, actor, act: 'notice done', object: id, code: null })
          return 'done'
        }
        const known = await db.selectFrom('notices').select('id').where('id', '=', id).executeTakeFirst()
        return known === undefined ? 'unknown' : 'conflict'
      }),
  }
}

/** Inside a write transaction. */
export async function openNotices(db: Db, notices: readonly NewNotice[]): Promise<void> {
  for (const { services, ...rest } of notices) {
    await db
      .insertInto('notices')
      .values({ ...rest, services: JSON.stringify(services), reminded_at: null, done_at: null })
      .onConflict((conflict) => conflict.column('id').doNothing())
      .execute()
  }
}

/** Inside a write transaction. */
export async function noteReminders(db: Db, ids: readonly string[], at: string): Promise<void> {
  for (const id of ids) await db.updateTable('notices').set({ reminded_at: at }).where('id', '=', id).execute()
}

function fromRow({ reminded_at: _, ...row }: Tables['notices']): NoticeRow {
  const services: readonly string[] = JSON.parse(row.services)
  return { ...row, services }
}
