import { randomUUID } from 'node:crypto'
import { createActivity } from './activity.ts'
import { createAppend, createAudit } from './audit.ts'
import { createCursors } from './cursors.ts'
import type { Engine } from './engine.ts'
import { createEntries } from './entries.ts'
import { type DataKey, openKeys } from './keys.ts'
import { createLedger } from './ledger.ts'
import { migrate } from './migrations.ts'
import { createPermits } from './permits.ts'
import { createRecords } from './records.ts'
import { createRuns } from './runs.ts'
import { openSqlite } from './sqlite/engine.ts'
import { createStops } from './stops.ts'
import type { Store } from './types.ts'

interface Options {
  /** Folder of the embedded store; made where it is missing. */
  readonly dataDir: string
  /** `postgres://…`: that database instead; `dataDir` is not touched. */
  readonly databaseUrl?: string | undefined
  /** The first encrypts, all decrypt. */
  readonly dataKeys: readonly DataKey[]
  readonly now?: () => Date
}

/**
 * Opens the store, brings its tables to this version, and wraps the keys in it with the first of `dataKeys`.
 *
 * @throws DATA_KEY_MISSING  a stored payload needs a key that is not in `dataKeys`; names its id
 * @throws STORE_DAMAGED     damaged, or written by a newer version
 * @throws STORE_UNAVAILABLE cannot be reached or written
 */
export async function openStore({ dataDir, databaseUrl, dataKeys, now = () => new Date() }: Options): Promise<Store> {
  const engine = databaseUrl === undefined ? await openSqlite(dataDir) : await openPostgres(databaseUrl)
  try {
    await migrate(engine)
    const keys = await openKeys(engine, dataKeys, now())
    const append = createAppend(engine, keys.mac)
    const owner = randomUUID()
    return {
      owner,
      entries: createEntries(engine, keys, append),
      runs: createRuns(engine),
      records: createRecords(engine),
      ledger: createLedger(engine, append),
      cursors: createCursors(engine),
      activity: createActivity(engine),
      audit: createAudit(engine, append, keys.mac),
      stops: createStops(engine),
      permits: createPermits(engine, owner),
      fingerprint: keys.fingerprint,
      check: () => check(engine, now().toISOString()),
      tidy: engine.tidy,
      close: engine.close,
    }
  } catch (error) {
    await engine.close()
    throw error
  }
}

/** A row through the disk and back. */
async function check(engine: Engine, value: string): Promise<void> {
  await engine.write(async (db) => {
    await db
      .insertInto('meta')
      .values({ key: 'probe', value })
      .onConflict((conflict) => conflict.column('key').doUpdateSet({ value }))
      .execute()
  })
  await engine.read((db) => db.selectFrom('meta').select('value').where('key', '=', 'probe').executeTakeFirst())
}

/** Loaded when asked for: `pg` would cost every command some 50 ms. */
async function openPostgres(databaseUrl: string): Promise<Engine> {
  const postgres = await import('./postgres/engine.ts')
  return postgres.openPostgres(databaseUrl)
}
