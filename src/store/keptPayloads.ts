import type { Engine } from './engine.ts'
import type { Db } from './tables.ts'
import type { KeptPayload, Payloads } from './types.ts'

/** What is kept, encrypted, until a person acts. */
export function createPayloads(engine: Engine): Payloads {
  return {
    kept: (before) =>
      engine.read(async (db) => {
        const entries = await db
          .selectFrom('entries')
          .innerJoin('payloads', 'payloads.entry_id', 'entries.id')
          .select(['entries.id as entry', 'workflow', 'received_at'])
          .where('state', '=', 'stuck')
          .where('received_at', '<', before.toISOString())
          .orderBy('entries.seq')
          .execute()
        const kept: KeptPayload[] = []
        for (const row of entries) kept.push({ ...row, records: await openRecords(db, row.entry) })
        return kept
      }),
  }
}

/** Judged by the last outcome of each record; where none is open, those that were refused are what a person looks at. */
async function openRecords(db: Db, entryId: string): Promise<readonly string[]> {
  const rows = await db
    .selectFrom('run_records')
    .innerJoin('runs', 'runs.id', 'run_records.run_id')
    .select(['key', 'outcome'])
    .where('runs.entry_id', '=', entryId)
    .orderBy('runs.seq')
    .orderBy('position')
    .execute()
  const last = new Map(rows.map(({ key, outcome }) => [key, outcome]))
  const with_ = (...outcomes: readonly string[]) =>
    [...last].filter(([, outcome]) => outcomes.includes(outcome)).map(([key]) => key)
  const open = with_('waiting', 'in_doubt')
  return open.length > 0 ? open : with_('refused')
}
