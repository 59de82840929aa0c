import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { openStore } from '../../src/store/open.ts'
import { k1, type Place } from '../store/place.ts'

/** A schema of its own in the database of TEST_DATABASE_URL. */
export async function postgresPlace(): Promise<Place & { readonly databaseUrl: string }> {
  const url = new URL(process.env.TEST_DATABASE_URL ?? '')
  const schema = `store_${randomUUID().replaceAll('-', '')}`
  url.searchParams.set('options', `-c search_path=${schema}`)
  const databaseUrl = url.href.replaceAll('+', '%20')
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  await client.query(`create schema ${schema}`)
  return {
    databaseUrl,
    env: { STORE_URL: databaseUrl },
    open: (dataKeys = [k1]) => openStore({ dataDir: '/nowhere', databaseUrl, dataKeys }),
    rows: async (sql) => (await client.query(sql.replaceAll(/\$bytes:([0-9a-f]*)\$/g, "'\\x$1'"))).rows,
    remove: async () => {
      await client.query(`drop schema ${schema} cascade`)
      await client.end()
    },
  }
}
