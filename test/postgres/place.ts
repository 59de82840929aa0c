import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { surveyDataKeys } from '../../src/store/dataKeyUse.ts'
import { openStore } from '../../src/store/open.ts'
import { k1, type Place } from '../store/place.ts'

interface PostgresPlace extends Place {
  readonly databaseUrl: string
  readonly schema: string
  /** What a restart or a fail-over does to everybody who is connected. */
  cutConnections(): Promise<void>
}

/** A schema of its own in the database of TEST_DATABASE_URL. */
export async function postgresPlace(): Promise<PostgresPlace> {
  const url = new URL(process.env.TEST_DATABASE_URL ?? '')
  const schema = `store_${randomUUID().replaceAll('-', '')}`
  url.searchParams.set('options', `-c search_path=${schema}`)
  url.searchParams.set('application_name', schema)
  const databaseUrl = url.href.replaceAll('+', '%20')
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  await client.query(`create schema ${schema}`)
  return {
    databaseUrl,
    schema,
    cutConnections: async () => {
      await client.query(
        'select pg_terminate_backend(pid) from pg_stat_activity where application_name = $1 and pid <> pg_backend_pid()',
        [schema],
      )
    },
    env: { STORE_URL: databaseUrl },
    open: (dataKeys = [k1]) => openStore({ dataDir: '/nowhere', databaseUrl, dataKeys }),
    survey: (dataKeys) => surveyDataKeys({ dataDir: '/nowhere', databaseUrl, dataKeys }),
    rows: async (sql) => (await client.query(sql.replaceAll(/\$bytes:([0-9a-f]*)\$/g, "'\\x$1'"))).rows,
    remove: async () => {
      await client.query(`drop schema ${schema} cascade; drop schema if exists ${schema}_dispatch cascade`)
      await client.end()
    },
  }
}
