import type { Engine } from './engine.ts'
import { pageSize } from './page.ts'
import { prepared } from './prepared.ts'
import type { Db, Tables } from './tables.ts'
import type { KeptRecord, OpenRecord, Records } from './types.ts'

/** Parameters of one statement: SQLite and PostgreSQL both take this many. */
const mostKeys = 500

export function createRecords(engine: Engine): Records {
  return {
    get: (workflow, key) =>
      engine.read(async (db) => {
        const row = await db
          .selectFrom('records')
          .selectAll()
          .where('workflow', '=', workflow)
          .where('key', '=', key)
          .executeTakeFirst()
        return row && fromRow(row)
      }),
    due: (workflow, now) =>
      engine.read(async (db) => {
        const rows = await db
          .selectFrom('records')
          .selectAll()
          .where('workflow', '=', workflow)
          .where('due_at', '<=', now.toISOString())
          .orderBy('due_at')
          .orderBy('key')
          .execute()
        return rows.map(fromRow)
      }),
    waiting: (workflow) =>
      engine.read(async (db) => {
        const waiting = db.selectFrom('records').selectAll().where('workflow', '=', workflow)
        const rows = await waiting.where('outcome', '=', 'waiting').orderBy('since').orderBy('key').execute()
        return rows.map(fromRow)
      }),
    dueWorkflows: (now) =>
      engine.read(async (db) => {
        const { rows } = await selectDueWorkflows(db, { now: now.toISOString() })
        return rows.map(({ workflow }) => workflow)
      }),
    nextDue: () =>
      engine.read(async (db) => {
        const query = db.selectFrom('records').select('due_at').where('due_at', 'is not', null).orderBy('due_at')
        return (await query.limit(1).executeTakeFirst())?.due_at ?? undefined
      }),
    list: ({ outcome, limit }) =>
      engine.read(async (db) => {
        let query = db.selectFrom('records').selectAll().orderBy('since', 'desc').orderBy('key').limit(pageSize(limit))
        if (outcome !== undefined) query = query.where('outcome', '=', outcome)
        return (await query.execute()).map(fromRow)
      }),
  }
}

const selectDueWorkflows = prepared((db, { now }: { now: string }) =>
  db.selectFrom('records').select('workflow').distinct().where('due_at', '<=', now).orderBy('workflow'),
)

/** Inside a write transaction. */
export async function keepRecords(db: Db, workflow: string, records: readonly OpenRecord[]): Promise<void> {
  for (const record of records) {
    const { key, ...rest } = toRow(record)
    await db
      .insertInto('records')
      .values({ workflow, key, ...rest })
      .onConflict((conflict) => conflict.columns(['workflow', 'key']).doUpdateSet(rest))
      .execute()
  }
}

/** Inside a write transaction. */
export async function dropRecords(db: Db, workflow: string, keys: readonly string[]): Promise<void> {
  for (let from = 0; from < keys.length; from += mostKeys) {
    await db
      .deleteFrom('records')
      .where('workflow', '=', workflow)
      .where('key', 'in', keys.slice(from, from + mostKeys))
      .execute()
  }
}

/** Records in doubt about an effect follow what became of it; see `LedgerStore.settle`. Inside a write transaction. */
export async function endDoubt(db: Db, effect: string, arrived: boolean, now: string): Promise<void> {
  const rows = await db.selectFrom('records').selectAll().where('outcome', '=', 'in_doubt').execute()
  for (const { workflow, key, ids } of rows.map(fromRow)) {
    if (ids.effect !== effect) continue
    if (arrived) await dropRecords(db, workflow, [key])
    else
      await db
        .updateTable('records')
        .set({ outcome: 'waiting', code: 'REMOTE_DOWN', attempt: 1, since: now, due_at: now })
        .where('workflow', '=', workflow)
        .where('key', '=', key)
        .execute()
  }
}

function toRow(record: OpenRecord): Omit<Tables['records'], 'workflow'> {
  const due_at = record.due_at === null ? null : new Date(record.due_at).toISOString()
  return { ...record, due_at, not_before: record.not_before ?? null, ids: JSON.stringify(record.ids) }
}

function fromRow(row: Tables['records']): KeptRecord {
  const ids: Record<string, string> = JSON.parse(row.ids)
  return { ...row, ids }
}
