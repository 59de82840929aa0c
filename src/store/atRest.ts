import type { Engine } from './engine.ts'
import { migrate } from './migrations.ts'
import { type Location, openEngine } from './openEngine.ts'

/** How much is kept encrypted, counted in the tables themselves. */
export interface AtRest {
  readonly payloads: number
  /** Of entries that no message began: a cron workflow has no payload. */
  readonly payloadsWithoutMessage: number
  readonly payloadsOfDone: number
  /** Of stuck entries received over 72 hours ago. */
  readonly keptOver72h: number
  readonly collectionItems: number
}

const longMs = 72 * 3_600_000

/** Counts, and needs no data key: what is there is seen also where it cannot be opened. */
export async function surveyAtRest(location: Location, now: Date): Promise<AtRest> {
  const engine = await openEngine(location)
  try {
    await migrate(engine)
    return await counts(engine, new Date(now.getTime() - longMs).toISOString())
  } finally {
    await engine.close()
  }
}

async function counts(engine: Engine, before: string): Promise<AtRest> {
  return engine.read(async (db) => {
    const rows = await db
      .selectFrom('payloads')
      .innerJoin('entries', 'payloads.entry_id', 'entries.id')
      .select(['kind', 'state', 'received_at'])
      .execute()
    const { items } = await db
      .selectFrom('collection_items')
      .select(({ fn }) => fn.countAll<number>().as('items'))
      .executeTakeFirstOrThrow()
    return {
      payloads: rows.length,
      payloadsWithoutMessage: rows.filter(({ kind }) => kind !== 'webhook').length,
      payloadsOfDone: rows.filter(({ state }) => state === 'done').length,
      keptOver72h: rows.filter(({ state, received_at: at }) => state === 'stuck' && at < before).length,
      collectionItems: Number(items),
    }
  })
}
