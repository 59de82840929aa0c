import type { AppendAudit } from './audit.ts'
import type { Engine } from './engine.ts'
import { findEffect, putEffect } from './ledger.ts'
import { appendSent } from './sentChain.ts'
import type { Sent } from './types.ts'

/** The order in which effects were begun that must never be made twice; see `Sent`. */
export function createSent(engine: Engine, append: AppendAudit): Sent {
  return {
    since: (n) => engine.read((db) => db.selectFrom('sent').select(columns).where('n', '>=', n).orderBy('n').execute()),
    remember: (forgotten, now) =>
      engine.write(async (db) => {
        const updated_at = now.toISOString()
        const doubted: string[] = []
        for (const { key, detail } of forgotten) {
          const before = await findEffect(db, key)
          await appendSent(engine, db, { key, detail, at: updated_at, found: 1 })
          if (before?.state === 'done') continue
          const known = { fingerprint: before?.fingerprint ?? null, detail: before?.detail ?? detail }
          await putEffect(db, { key, state: 'in_doubt', ...known, updated_at })
          doubted.push(key)
        }
        for (const object of doubted) {
          await append(db, { at: updated_at, actor: 'exchange', act: 'effect', object, code: 'in_doubt' })
        }
      }),
    unsettled: () =>
      engine.read(async (db) => {
        const rows = await db
          .selectFrom('sent')
          .innerJoin('ledger', 'ledger.key', 'sent.key')
          .select('sent.key as key')
          .distinct()
          .where('sent.found', '=', 1)
          .where('ledger.state', '=', 'in_doubt')
          .orderBy('sent.key')
          .execute()
        return rows.map(({ key }) => key)
      }),
  }
}

const columns = ['n', 'key', 'detail', 'at', 'head'] as const
