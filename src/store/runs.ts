import type { Engine } from './engine.ts'
import { pageSize } from './page.ts'
import type { Db } from './tables.ts'
import type { RunRecord, RunRow, Runs } from './types.ts'

const columns = ['id', 'entry_id', 'workflow', 'state', 'started_at', 'finished_at', 'mapping_version'] as const

export function createRuns(engine: Engine): Runs {
  return {
    list: ({ state, workflow, before, limit }) =>
      engine.read(async (db) => {
        let query = db.selectFrom('runs').select(columns).orderBy('seq', 'desc').limit(pageSize(limit))
        if (state !== undefined) query = query.where((eb) => eb(eb.cast<string>('state', 'text'), '=', state))
        if (workflow !== undefined) query = query.where('workflow', '=', workflow)
        if (before !== undefined) {
          query = query.where('seq', '<', (eb) => eb.selectFrom('runs').select('seq').where('id', '=', before))
        }
        return withRecords(db, await query.execute())
      }),
    get: (id) =>
      engine.read(async (db) => {
        const rows = await db.selectFrom('runs').select(columns).where('id', '=', id).execute()
        return (await withRecords(db, rows))[0]
      }),
    ofEntry: (entry) =>
      engine.read(async (db) => {
        const query = db.selectFrom('runs').select(columns).where('entry_id', '=', entry).orderBy('seq', 'desc')
        return withRecords(db, await query.limit(pageSize(undefined)).execute())
      }),
  }
}

async function withRecords(db: Db, runs: readonly Omit<RunRow, 'records'>[]): Promise<readonly RunRow[]> {
  if (runs.length === 0) return []
  const rows = await db
    .selectFrom('run_records')
    .selectAll()
    .where(
      'run_id',
      'in',
      runs.map(({ id }) => id),
    )
    .orderBy('position')
    .execute()
  const byRun = new Map<string, RunRecord[]>(runs.map(({ id }) => [id, []]))
  for (const { run_id, key, outcome, code } of rows) byRun.get(run_id)?.push({ key, outcome, code })
  return runs.map((run) => ({ ...run, records: byRun.get(run.id) ?? [] }))
}
