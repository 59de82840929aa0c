import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openStore } from '../../src/store/open.ts'
import { loadLibrary } from '../../src/store/sqlite/library.ts'
import { storeConformance } from './conformance.ts'
import { k1 } from './place.ts'

storeConformance('a store on SQLite', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'exchange-store-'))
  const { DatabaseSync } = await loadLibrary()
  return {
    open: (dataKeys = [k1]) => openStore({ dataDir, dataKeys }),
    rows: async (sql) => {
      const database = new DatabaseSync(join(dataDir, 'exchange.db'))
      try {
        const rows = database.prepare(sql.replaceAll(/\$bytes:([0-9a-f]*)\$/g, "x'$1'")).all()
        return rows.map((row) => ({ ...Object(row) }))
      } finally {
        database.close()
      }
    },
    remove: () => rm(dataDir, { recursive: true }),
  }
})
