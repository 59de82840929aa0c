import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openStore } from '../../src/store/open.ts'
import { loadLibrary } from '../../src/store/sqlite/library.ts'
import { k1, type Place } from './place.ts'

export async function sqlitePlace(): Promise<Place & { readonly dataDir: string }> {
  const dataDir = await mkdtemp(join(tmpdir(), 'exchange-store-'))
  const { DatabaseSync } = await loadLibrary()
  return {
    dataDir,
    env: { STORE_DIR: dataDir },
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
}
