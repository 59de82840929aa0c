import { sql } from 'kysely'
import type { AppendAudit } from './audit.ts'
import type { Engine } from './engine.ts'
import { pageSize } from './page.ts'
import { prepared } from './prepared.ts'
import { endDoubt } from './records.ts'
import { appendSent } from './sentChain.ts'
import type { Db, Tables } from './tables.ts'
import type { EffectRow, LedgerStore } from './types.ts'

const columns = ['key', 'state', 'fingerprint', 'detail', 'updated_at'] as const
const mostKeys = 500

/** @param append  every outcome is in the audit log, in the same transaction */
export function createLedger(engine: Engine, append: AppendAudit): LedgerStore {
  const heldBy = prepared((db, { id, fence }: { id: string; fence: number }) => {
    const query = db
      .selectFrom('entries')
      .select('id')
      .where('id', '=', id)
      .where('fence', '=', fence)
      .where('state', '=', 'running')
    // On PostgreSQL a takeover waits until the intent can be seen.
    return engine.kind === 'postgres' ? query.forShare() : query
  })

  return {
    find: (key) => engine.read((db) => findEffect(db, key)),
    last: (subject) =>
      engine.read(async (db) => {
        const [row] = (await selectLast(db, { subject })).rows
        return row && { ...row, n: row.n ?? 0 }
      }),
    begin: ({ id, fence }, row, { witnessed = false } = {}) =>
      engine.write(async (db) => {
        const [claim] = (await heldBy(db, { id, fence })).rows
        if (claim === undefined) return false
        await putEffect(db, row)
        const { key, detail, updated_at: at } = row
        if (witnessed) await appendSent(engine, db, { key, detail, at, found: 0 })
        return true
      }),
    write: (row, actor = 'exchange') =>
      engine.write(async (db) => {
        const before = await findEffect(db, row.key)
        // The COMMIT of an earlier try came through, and only the answer was lost.
        if (before !== undefined && columns.every((name) => before[name] === row[name])) return
        await putEffect(db, row)
        if (before?.state === 'in_doubt' && row.state === 'done') await endDoubt(db, row.key, true, row.updated_at)
        await append(db, { at: row.updated_at, actor, act: 'effect', object: row.key, code: row.state })
      }),
    done: (keys) =>
      engine.read(async (db) => {
        const found = new Set<string>()
        for (let from = 0; from < keys.length; from += mostKeys) {
          const rows = await db
            .selectFrom('ledger')
            .select('key')
            .where('key', 'in', keys.slice(from, from + mostKeys))
            .where('state', '=', 'done')
            .execute()
          for (const { key } of rows) found.add(key)
        }
        return found
      }),
    begun: (prefix) => engine.read((db) => effectsOf(db, prefix).where('state', '=', 'intent').execute()),
    watched: (prefix) =>
      engine.read((db) =>
        effectsOf(db, prefix).where('state', 'in', ['done', 'in_doubt']).where('over_at', 'is', null).execute(),
      ),
    list: ({ state, limit, before }) =>
      engine.read(async (db) => {
        let query = db
          .selectFrom('ledger')
          .select(columns)
          .orderBy('updated_at', 'desc')
          .orderBy('key', 'desc')
          .limit(pageSize(limit))
        if (state !== undefined) query = query.where('state', '=', state)
        if (before !== undefined) {
          const last = await db.selectFrom('ledger').select(columns).where('key', '=', before).executeTakeFirst()
          if (last === undefined) return []
          query = query.where(({ eb, refTuple, tuple }) =>
            eb(refTuple('updated_at', 'key'), '<', tuple(last.updated_at, last.key)),
          )
        }
        return query.execute()
      }),
    settle: (key, arrived, now, actor = 'exchange') =>
      engine.write(async (db) => {
        const state = arrived ? 'done' : 'not_reached'
        const open: EffectRow['state'][] = ['in_doubt', 'intent']
        const at = now.toISOString()
        const settled = await db
          .updateTable('ledger')
          .set({ state, updated_at: at })
          .where('key', '=', key)
          .where('state', 'in', open)
          .executeTakeFirst()
        if (settled.numUpdatedRows === 0n) return false
        await endDoubt(db, key, arrived, at)
        await append(db, { at, actor, act: 'effect settled', object: key, code: state })
        return true
      }),
  }
}

export async function findEffect(db: Db, key: string): Promise<EffectRow | undefined> {
  return (await selectEffect(db, { key })).rows[0]
}

const selectEffect = prepared((db, { key }: { key: string }) =>
  db.selectFrom('ledger').select(columns).where('key', '=', key),
)

const selectLast = prepared((db, { subject }: { subject: string }) =>
  db
    .selectFrom('ledger')
    .select([...columns, 'n'])
    .where('subject', '=', subject)
    .orderBy('n', 'desc')
    .limit(sql.lit(1)),
)

function effectsOf(db: Db, prefix: string) {
  return db
    .selectFrom('ledger')
    .select(columns)
    .where(({ eb, fn, val }) => eb(fn('substr', ['key', val(1), val(prefix.length)]), '=', prefix))
    .orderBy('key')
}

/** Inside a write transaction. */
export async function endWatch(db: Db, keys: readonly string[], at: string): Promise<void> {
  for (const key of keys) await db.updateTable('ledger').set({ over_at: at }).where('key', '=', key).execute()
}

/** Inside a write transaction. */
export async function putEffect(db: Db, row: EffectRow): Promise<void> {
  await upsert(db, { ...row, ...numbered(row.key) })
}

type Numbered = Omit<Tables['ledger'], 'over_at'>

const upsert = prepared((db, { key, subject, n, state, fingerprint, detail, updated_at }: Numbered) =>
  db
    .insertInto('ledger')
    .values({ key, subject, n, state, fingerprint, detail, updated_at })
    .onConflict((conflict) =>
      conflict
        .column('key')
        .doUpdateSet({ state, fingerprint, detail, updated_at })
        // What happened has happened: a process that lost its claim and woke later knows less than the one that ended it.
        .where((eb) => eb.or([eb('ledger.state', '!=', 'done'), eb('excluded.state', '=', 'done')])),
    ),
)

/** `<subject>/<n>` in two columns, so that the highest n of a subject is found by an index. */
function numbered(key: string): { readonly subject: string | null; readonly n: number | null } {
  const found = /^(.+)\/(\d{1,9})$/.exec(key)
  return { subject: found?.[1] ?? null, n: found === null ? null : Number(found[2]) }
}
