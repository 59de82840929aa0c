import { setTimeout as sleep } from 'node:timers/promises'
import { Kysely, sql } from 'kysely'
import pg from 'pg'
import { ExchangeError } from '../../errors/ExchangeError.ts'
import type { Engine } from '../engine.ts'
import type { Db, Tables } from '../tables.ts'
import { advisoryKey } from './advisoryKey.ts'
import { postgresDialect } from './dialect.ts'
import { isPassing, storeFailure } from './failure.ts'
import { createOwners } from './owners.ts'
import { createPlaces } from './places.ts'

/** A restart of the database is waited out; then the caller is told to come again. */
const longestWaitMs = 8_000
const vacuumEveryMs = 60_000
const mostConnections = 7
const int8 = 20

/**
 * PostgreSQL 13 or later. Any number of processes may share it. Each takes up to 7 connections and one more that holds
 * its owner's lock; with the dispatcher's that is 9, so that ten processes stay below the 100 that PostgreSQL allows
 * unless told otherwise.
 */
export async function openPostgres(databaseUrl: string): Promise<Engine> {
  const options = connectionOptions(databaseUrl)
  const pool = new pg.Pool({ ...options, max: mostConnections })
  // A connection broke: idle, the pool drops it; in use, its query fails as well. Unheard, either would end the process.
  pool.on('error', () => {})
  pool.on('connect', (client) => client.on('error', () => {}))
  const kysely = new Kysely<Tables>({ dialect: postgresDialect(pool) })
  const inPlace = createPlaces(mostConnections)
  const owners = createOwners(async () => {
    const client = new pg.Client(options)
    await client.connect()
    return client
  })

  return {
    kind: 'postgres',
    owners: { hold: (owner) => persistently(() => owners.hold(owner)), deadAmong: owners.deadAmong },
    version: () => persistently(() => schemaVersion(kysely)),
    read: (work) => persistently(() => inPlace(() => work(kysely))),
    write: (work) => persistently(() => inPlace(() => kysely.transaction().execute(work))),
    serialize: async (db, name) => {
      await sql`select pg_advisory_xact_lock(${advisoryKey(name)}::bigint)`.execute(db)
    },
    reserve,
    tidy: createVacuum(kysely),
    close: async () => {
      if (pool.ending) return
      await Promise.all([owners.release(), pool.end()])
    },
  }
}

/** @throws CONFIGURATION when it is no address of a PostgreSQL */
export function connectionOptions(connectionString: string): pg.ClientConfig {
  if (!/^postgres(ql)?:\/\//.test(connectionString)) throw unreadableUrl()
  return {
    connectionString,
    application_name: 'exchange',
    connectionTimeoutMillis: 5_000,
    keepAlive: true,
    statement_timeout: 20_000,
    // Longer than the server's own: it ends a wait on a connection that was cut silently.
    query_timeout: 25_000,
    // A frozen process must not keep its rows locked.
    idle_in_transaction_session_timeout: 10_000,
    types: {
      getTypeParser: (oid, format) => (oid === int8 ? Number : pg.types.getTypeParser(oid, format)),
    },
  }
}

function unreadableUrl(): ExchangeError {
  return new ExchangeError('DATABASE_URL is no address of a PostgreSQL database.', {
    code: 'CONFIGURATION',
    retry: 'never',
    hint: 'postgres://account:password@host:5432/database',
  })
}

async function schemaVersion(db: Db): Promise<number> {
  const { rows } = await sql<{ exists: boolean }>`select to_regclass('meta') is not null as exists`.execute(db)
  if (rows[0]?.exists !== true) return 0
  const row = await db.selectFrom('meta').select('value').where('key', '=', 'version').executeTakeFirst()
  return Number(row?.value ?? 0)
}

/** Does `work` again while the database is away, up to 8 s. @throws in the words of `storeFailure` */
export async function persistently<T>(work: () => Promise<T>): Promise<T> {
  const until = performance.now() + longestWaitMs
  for (let waitMs = 20; ; waitMs = Math.min(waitMs * 2, 500)) {
    try {
      return await work()
    } catch (error) {
      if (!isPassing(error) || performance.now() > until) throw storeFailure(error) ?? error
    }
    await sleep(waitMs * (0.5 + Math.random()))
  }
}

async function reserve(db: Db, names: readonly string[]): Promise<boolean> {
  if (names.length === 0) return true
  const { rows } = await sql<{ reserved: boolean }>`
    select bool_and(pg_try_advisory_xact_lock(key)) as reserved
    from unnest(${names.map(advisoryKey)}::bigint[]) as key`.execute(db)
  return rows[0]?.reserved === true
}

/** Frees the rows of erased payloads and destroyed keys sooner than PostgreSQL would by itself. */
function createVacuum(db: Db): () => Promise<void> {
  let lastAt = Number.NEGATIVE_INFINITY
  return async () => {
    if (performance.now() - lastAt < vacuumEveryMs) return
    lastAt = performance.now()
    await persistently(() => sql`vacuum payloads, keys`.execute(db))
  }
}
