import type { Engine } from './engine.ts'
import { openSqlite } from './sqlite/engine.ts'

/** Where a store is. */
export interface Location {
  /** Folder of the embedded store; made where it is missing. */
  readonly dataDir: string
  /** `postgres://…`: that database instead; `dataDir` is not touched. */
  readonly databaseUrl?: string | undefined
}

/** PostgreSQL is loaded when asked for: `pg` would cost every command some 50 ms. */
export async function openEngine({ dataDir, databaseUrl }: Location): Promise<Engine> {
  if (databaseUrl === undefined) return openSqlite(dataDir)
  const postgres = await import('./postgres/engine.ts')
  return postgres.openPostgres(databaseUrl)
}
