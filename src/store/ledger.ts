import type { Engine } from './engine.ts'
import { pageSize } from './page.ts'
import { endDoubt } from './records.ts'
import type { Db } from './tables.ts'
import type { EffectRow, LedgerStore } from './types.ts'

const columns = ['key', 'state', 'fingerprint', 'detail', 'updated_at'] as const
const mostKeys = 500

export function createLedger(engine: Engine): LedgerStore {
  return {
    find: (key) => engine.read((db) => findEffect(db, key)),
    last: (subject) =>
      engine.read(async (db) => {
        const row = await db
          .selectFrom('ledger')
          .select([...columns, 'n'])
          .where('subject', '=', subject)
          .orderBy('n', 'desc')
          .limit(1)
          .executeTakeFirst()
        return row && { ...row, n: row.n ?? 0 }
      }),
    begin: ({ id, fence }, row) =>
      engine.write(async (db) => {
        const held = db
          .selectFrom('entries')
          .select('id')
          .where('id', '=', id)
          .where('fence', '=', fence)
          .where('state', '=', 'running')
        // On PostgreSQL a takeover waits until the intent can be seen.
        const claim = await (engine.kind === 'postgres' ? held.forShare() : held).executeTakeFirst()
        if (claim !== undefined) await put(db, row)
        return claim !== undefined
      }),
    write: (row) =>
      engine.write(async (db) => {
        const before = await findEffect(db, row.key)
        await put(db, row)
        if (before?.state === 'in_doubt' && row.state === 'done') await endDoubt(db, row.key, true, row.updated_at)
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
    settle: (key, arrived, now) =>
      engine.write(async (db) => {
        const open: EffectRow['state'][] = ['in_doubt', 'intent']
        const at = now.toISOString()
        const settled = await db
          .updateTable('ledger')
          .set({ state: arrived ? 'done' : 'not_reached', updated_at: at })
          .where('key', '=', key)
          .where('state', 'in', open)
          .executeTakeFirst()
        if (settled.numUpdatedRows === 0n) return false
        await endDoubt(db, key, arrived, at)
        return true
      }),
  }
}

export function findEffect(db: Db, key: string): Promise<EffectRow | undefined> {
  return db.selectFrom('ledger').select(columns).where('key', '=', key).executeTakeFirst()
}

async function put(db: Db, { key, state, fingerprint, detail, updated_at }: EffectRow): Promise<void> {
  const rest = { state, fingerprint, detail, updated_at }
  await db
    .insertInto('ledger')
    .values({ key, ...numbered(key), ...rest })
    .onConflict((conflict) => conflict.column('key').doUpdateSet(rest))
    .execute()
}

/** `<subject>/<n>` in two columns, so that the highest n of a subject is found by an index. */
function numbered(key: string): { readonly subject: string | null; readonly n: number | null } {
  const found = /^(.+)\/(\d{1,9})$/.exec(key)
  return { subject: found?.[1] ?? null, n: found === null ? null : Number(found[2]) }
}
