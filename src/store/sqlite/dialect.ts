import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely'
import type { Database, Statement } from './library.ts'

/** Prepared statements kept; lists of keys make a text for each length. */
const mostStatements = 300

/**
 * Kysely over one open `node:sqlite` connection. It neither opens, nor locks, nor closes it: the engine does, and lets
 * one transaction at a time use the connection.
 */
export function sqliteDialect(database: Database): Dialect {
  const connection = createConnection(database)
  const driver: Driver = {
    init: async () => {},
    acquireConnection: async () => connection,
    beginTransaction: async () => void database.exec('begin immediate'),
    commitTransaction: async () => void database.exec('commit'),
    rollbackTransaction: async () => void database.exec('rollback'),
    releaseConnection: async () => {},
    destroy: async () => {},
  }
  return {
    createDriver: () => driver,
    createAdapter: () => new SqliteAdapter(),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  }
}

function createConnection(database: Database): DatabaseConnection {
  const statements = new Map<string, Statement>()
  const prepared = (sql: string): Statement => {
    const known = statements.get(sql)
    if (known !== undefined) return known
    const statement = database.prepare(sql)
    if (statements.size >= mostStatements) statements.clear()
    statements.set(sql, statement)
    return statement
  }
  return {
    // The rows are what the tables say: kysely's own drivers trust the database likewise.
    executeQuery: async <R>(query: CompiledQuery): Promise<QueryResult<R>> => {
      const statement = prepared(query.sql)
      if (givesRows(query)) return { rows: statement.all(...query.parameters) as R[] }
      return { rows: [], numAffectedRows: BigInt(statement.run(...query.parameters).changes) }
    },
    // biome-ignore lint/correctness/useYield: nothing here streams; kysely wants the method
    streamQuery: async function* () {
      throw new Error('The store does not stream.')
    },
  }
}

/** `run()` alone tells how many rows changed, `all()` alone gives rows. */
function givesRows({ query }: CompiledQuery): boolean {
  if (query.kind === 'InsertQueryNode' || query.kind === 'UpdateQueryNode' || query.kind === 'DeleteQueryNode') {
    return 'returning' in query && query.returning !== undefined
  }
  return true
}
