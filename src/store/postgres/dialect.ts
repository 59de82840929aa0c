import {
  CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type QueryResult,
} from 'kysely'
import type { Pool, PoolClient } from 'pg'
import { isBroken } from './failure.ts'

/**
 * Kysely over a pool of `pg`. Unlike kysely's own dialect it throws a connection away once it failed: one that a
 * firewall cut silently would come back from the pool and let the next transaction wait as well.
 */
export function postgresDialect(pool: Pool): Dialect {
  const driver: Driver = {
    init: async () => {},
    acquireConnection: async () => new Connection(await pool.connect()),
    beginTransaction: async (connection) => void (await connection.executeQuery(CompiledQuery.raw('begin'))),
    commitTransaction: async (connection) => void (await connection.executeQuery(CompiledQuery.raw('commit'))),
    rollbackTransaction: async (connection) => {
      if (connection instanceof Connection && connection.isBroken) return
      await connection.executeQuery(CompiledQuery.raw('rollback'))
    },
    releaseConnection: async (connection) => {
      if (connection instanceof Connection) connection.release()
    },
    destroy: async () => {},
  }
  return {
    createDriver: () => driver,
    createAdapter: () => new PostgresAdapter(),
    createIntrospector: (db) => new PostgresIntrospector(db),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  }
}

/** Remembers that it broke, until it is released. */
class Connection implements DatabaseConnection {
  readonly #client: PoolClient
  isBroken = false

  constructor(client: PoolClient) {
    this.#client = client
  }

  // The rows are what the tables say: kysely's own drivers trust the database likewise.
  async executeQuery<R>({ sql, parameters }: CompiledQuery): Promise<QueryResult<R>> {
    try {
      const { rows, rowCount } = await this.#client.query(sql, [...parameters])
      return { rows, ...(rowCount === null ? {} : { numAffectedRows: BigInt(rowCount) }) }
    } catch (error) {
      if (isBroken(error)) this.isBroken = true
      throw error
    }
  }

  // biome-ignore lint/correctness/useYield: nothing here streams; kysely wants the method
  async *streamQuery(): AsyncIterableIterator<QueryResult<never>> {
    throw new Error('The store does not stream.')
  }

  release(): void {
    this.#client.release(this.isBroken)
  }
}
