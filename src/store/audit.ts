import { sql } from 'kysely'
import { brokenChain, type Head, linkOf, nothing } from './auditChain.ts'
import type { Engine } from './engine.ts'
import { pageSize } from './page.ts'
import { prepared } from './prepared.ts'
import type { Db } from './tables.ts'
import type { Audit, AuditEntry, AuditRow } from './types.ts'

/** Writes one entry at the end of the chain, in the transaction of what it tells of. Call it last in that transaction. */
export type AppendAudit = (db: Db, entry: AuditEntry) => Promise<void>

/**
 * One extra row in a transaction that is made anyway. The lock gives the chain its order among processes; it is held
 * until COMMIT, and as nothing else is waited for after it, it cannot be part of a deadlock.
 *
 * @param mac  keyed: who can write the tables but has no data key cannot make a link that fits
 */
export function createAppend(engine: Engine, mac: (text: string) => string): AppendAudit {
  return async (db, { at, actor, act, object, code }) => {
    await engine.serialize(db, 'audit')
    const [last = nothing] = (await selectLast(db, {})).rows
    const row = { n: last.n + 1, at, actor, act, object, code }
    await insertRow(db, { ...row, hash: mac(linkOf(last.hash, row)) })
  }
}

export function createAudit(engine: Engine, append: AppendAudit, mac: (text: string) => string): Audit {
  return {
    add: (entry) => engine.write((db) => appendOnce(db, append, entry)),
    head: () => engine.read(async (db) => (await selectLast(db, {})).rows[0] ?? nothing),
    list: ({ before, limit }) =>
      engine.read((db) => {
        const query = db.selectFrom('audit').selectAll().orderBy('n', 'desc').limit(pageSize(limit))
        return (before === undefined ? query : query.where('n', '<', before)).execute()
      }),
    verify: async (printed = []) => {
      let head = nothing
      const missing = new Map(printed.filter(({ n }) => n > 0).map((one) => [one.n, one.hash]))
      for (;;) {
        const rows = await after(engine, head.n)
        const broken = brokenChain(rows, mac, head)
        if (broken !== undefined) return { intact: false, ...broken }
        for (const { n, hash } of rows) {
          if (missing.has(n) && missing.get(n) !== hash) return { intact: false, n, what: 'not the printed head' }
          missing.delete(n)
        }
        head = headOf(rows) ?? head
        if (rows.length < rowsAtOnce) break
      }
      const cut = [...missing.keys()].sort((a, b) => a - b)[0]
      return cut === undefined ? { intact: true, head } : { intact: false, n: head.n + 1, what: 'cut off' }
    },
  }
}

const rowsAtOnce = 500

function after(engine: Engine, n: number): Promise<readonly AuditRow[]> {
  return engine.read((db) =>
    db.selectFrom('audit').selectAll().where('n', '>', n).orderBy('n').limit(rowsAtOnce).execute(),
  )
}

function headOf(rows: readonly AuditRow[]): Head | undefined {
  const last = rows.at(-1)
  return last && { n: last.n, hash: last.hash }
}

/** For what does not recognise by itself that a COMMIT whose answer was lost came through. */
export async function appendOnce(db: Db, append: AppendAudit, entry: AuditEntry): Promise<void> {
  if (!(await isAmongLast(db, entry))) await append(db, entry)
}

async function isAmongLast(db: Db, { at, actor, act, object }: AuditEntry): Promise<boolean> {
  const same = await db
    .selectFrom('audit')
    .select('n')
    .where('n', '>', (eb) => eb.selectFrom('audit').select(sql<number>`coalesce(max(n), 0) - 50`.as('n')))
    .where('at', '=', at)
    .where('actor', '=', actor)
    .where('act', '=', act)
    .where('object', object === null ? 'is' : '=', object)
    .executeTakeFirst()
  return same !== undefined
}

const selectLast = prepared((db, _: object) =>
  db.selectFrom('audit').select(['n', 'hash']).orderBy('n', 'desc').limit(sql.lit(1)),
)

const insertRow = prepared((db, { n, at, actor, act, object, code, hash }: AuditRow) =>
  db.insertInto('audit').values({ n, at, actor, act, object, code, hash }),
)
