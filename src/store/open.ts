import { randomUUID } from 'node:crypto'
import { createActivity } from './activity.ts'
import { createAppend, createAudit } from './audit.ts'
import { createCollections } from './collections.ts'
import { createCursors } from './cursors.ts'
import type { Engine } from './engine.ts'
import { createEntries } from './entries.ts'
import { createPayloads } from './keptPayloads.ts'
import { openKeys } from './keys.ts'
import { createLedger } from './ledger.ts'
import { migrate } from './migrations.ts'
import { createNotices } from './notices.ts'
import { type Location, openEngine } from './openEngine.ts'
import { createPermits } from './permits.ts'
import { createRecords } from './records.ts'
import { createRuns } from './runs.ts'
import { createSent } from './sent.ts'
import { createSessions } from './sessions.ts'
import { createStops } from './stops.ts'
import type { DataKey, Store } from './types.ts'

interface Options extends Location {
  /** The first encrypts, all decrypt. */
  readonly dataKeys: readonly DataKey[]
  readonly now?: () => Date
}

/**
 * Opens the store and brings its tables to this version. What an older data key wraps stays so until `dataKeys.wrap`:
 * processes that do not have the new key yet go on working.
 *
 * @throws DATA_KEY_MISSING  a stored payload needs a key that is not in `dataKeys`; names its id
 * @throws STORE_DAMAGED     damaged, or written by a newer version
 * @throws STORE_UNAVAILABLE cannot be reached or written
 */
export async function openStore({ dataKeys, now = () => new Date(), ...location }: Options): Promise<Store> {
  const engine = await openEngine(location)
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
      sent: createSent(engine, append),
      notices: createNotices(engine, append),
      cursors: createCursors(engine),
      collections: createCollections(engine, keys),
      activity: createActivity(engine),
      audit: createAudit(engine, append, keys.mac),
      sessions: createSessions(engine, keys.mac),
      stops: createStops(engine),
      permits: createPermits(engine, owner),
      payloads: createPayloads(engine),
      dataKeys: keys.dataKeys,
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
