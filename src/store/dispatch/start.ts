import { startLocalDispatcher } from './local.ts'
import type { Dispatcher, DispatchOptions } from './types.ts'

/**
 * The dispatcher that goes with the store: with a database that processes share, pg-boss, which is loaded only then.
 *
 * @throws CONFIGURATION, STORE_UNAVAILABLE where the database cannot be used
 */
export async function startDispatcher(databaseUrl: string | undefined, options: DispatchOptions): Promise<Dispatcher> {
  if (databaseUrl === undefined) return startLocalDispatcher(options)
  const { startPgBossDispatcher } = await import('./pgboss.ts')
  return startPgBossDispatcher(databaseUrl, options)
}
