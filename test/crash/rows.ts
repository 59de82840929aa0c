import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { loadLibrary } from '../../src/store/sqlite/library.ts'

export type Row = Readonly<Record<string, unknown>>
/** Rows of the store, read as any other process may. */
export type ReadRows = (sql: string) => readonly Row[]

/** The database is opened at the first reading: a process of the exchange makes it. */
export async function sqliteRows(dataDir: string): Promise<ReadRows> {
  const { DatabaseSync } = await loadLibrary()
  let database: InstanceType<typeof DatabaseSync> | undefined
  return (sql) => {
    database ??= new DatabaseSync(join(dataDir, 'exchange.db'))
    return database
      .prepare(sql)
      .all()
      .map((row) => ({ ...Object(row) }))
  }
}

/** Through psql, which answers at once; what is true is 1, as in SQLite. */
export function postgresRows(databaseUrl: string): ReadRows {
  return (sql) => {
    const asJson = `select coalesce(json_agg(found), '[]') from (${sql}) found`
    const said = execFileSync('psql', [databaseUrl, '-X', '-A', '-t', '-c', asJson], { encoding: 'utf8' })
    return JSON.parse(said, (_, value: unknown) => (typeof value === 'boolean' ? Number(value) : value))
  }
}
