import { createHash } from 'node:crypto'
import { sql } from 'kysely'
import type { Engine } from './engine.ts'
import { prepared } from './prepared.ts'
import type { Db } from './tables.ts'
import type { SentRow } from './types.ts'

/** Inside a write transaction; call it last there, for it holds a lock until COMMIT. */
export async function appendSent(
  engine: Engine,
  db: Db,
  row: { readonly key: string; readonly detail: string | null; readonly at: string; readonly found: 0 | 1 },
): Promise<void> {
  await engine.serialize(db, 'sent')
  const [last = { n: 0, head: '' }] = (await selectLast(db, {})).rows
  const next = { ...row, n: last.n + 1 }
  await insertRow(db, { ...next, head: headAfter(last.head, next) })
}

function headAfter(before: string, { n, key, detail, at }: Omit<SentRow, 'head'>): string {
  return createHash('sha256')
    .update(JSON.stringify([before, n, key, detail, at]))
    .digest('hex')
}

const selectLast = prepared((db, _: object) =>
  db.selectFrom('sent').select(['n', 'head']).orderBy('n', 'desc').limit(sql.lit(1)),
)

const insertRow = prepared((db, { n, key, detail, at, head, found }: SentRow & { readonly found: number }) =>
  db.insertInto('sent').values({ n, key, detail, at, head, found }),
)
