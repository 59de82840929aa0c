import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { openStore } from '../../src/store/open.ts'
import { storeConformance } from '../store/conformance.ts'
import { k1 } from '../store/place.ts'

/** One schema a test in the database of TEST_DATABASE_URL. */
storeConformance('a store on PostgreSQL', async () => {
  const url = new URL(process.env.TEST_DATABASE_URL ?? '')
  const schema = `store_${randomUUID().replaceAll('-', '')}`
  url.searchParams.set('options', `-c search_path=${schema}`)
  const databaseUrl = url.href.replaceAll('+', '%20')
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  await client.query(`create schema ${schema}`)
  return {
    open: (dataKeys = [k1]) => openStore({ dataDir: '/nowhere', databaseUrl, dataKeys }),
    rows: async (sql) => (await client.query(sql.replaceAll(/\$bytes:([0-9a-f]*)\$/g, "'\\x$1'"))).rows,
    remove: async () => {
      await client.query(`drop schema ${schema} cascade`)
      await client.end()
    },
  }
})
