import type { Engine } from './engine.ts'
import { unwrap } from './keys.ts'
import { migrate } from './migrations.ts'
import { type Location, openEngine } from './openEngine.ts'
import type { DataKey } from './types.ts'

/** What a data key is needed for. */
export interface DataKeyUse {
  readonly id: string
  /** `missing`: not in DATA_KEYS. `another`: there is one of that name, and it does not open what the name wraps. */
  readonly state: 'first' | 'older' | 'missing' | 'another'
  /** Keys at rest that it wraps: of days, and the store's own. */
  readonly keys: number
  /** Entries whose payload would be lost with it. */
  readonly entries: number
}

/**
 * Every data key that is in `dataKeys` or needed by the store. Works also where one is missing, which opening the store
 * would refuse; nothing is wrapped again.
 */
export async function surveyDataKeys(
  location: Location & { readonly dataKeys: readonly DataKey[] },
): Promise<readonly DataKeyUse[]> {
  const { dataKeys } = location
  const engine = await openEngine(location)
  try {
    await migrate(engine)
    const rows = await wrappedKeys(engine)
    const ids = new Set([...dataKeys.map(({ id }) => id), ...rows.map(({ wrapped_by }) => wrapped_by)])
    return [...ids].map((id) => {
      const own = rows.filter(({ wrapped_by }) => wrapped_by === id)
      const place = dataKeys.findIndex((key) => key.id === id)
      const opens = own.every((row) => unwrap(dataKeys, row) !== undefined)
      return {
        id,
        state: place < 0 ? 'missing' : !opens ? 'another' : place === 0 ? 'first' : 'older',
        keys: own.length,
        entries: own.reduce((sum, { entries }) => sum + entries, 0),
      }
    })
  } finally {
    await engine.close()
  }
}

async function wrappedKeys(engine: Engine) {
  return engine.read(async (db) => {
    const keys = await db.selectFrom('keys').selectAll().orderBy('created_at').execute()
    const needing = await db
      .selectFrom('payloads')
      .select(['day_key', ({ fn }) => fn.countAll<number>().as('entries')])
      .groupBy('day_key')
      .execute()
    const entriesOf = new Map(needing.map(({ day_key, entries }) => [day_key, Number(entries)]))
    return keys.map((key) => ({ ...key, entries: entriesOf.get(key.id) ?? 0 }))
  })
}
