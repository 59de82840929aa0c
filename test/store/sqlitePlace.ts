import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { surveyDataKeys } from '../../src/store/dataKeyUse.ts'
import { openStore } from '../../src/store/open.ts'
import { loadLibrary } from '../../src/store/sqlite/library.ts'
import { k1, type Place } from './place.ts'

interface SqlitePlace extends Place {
  readonly dataDir: string
  /** Statements of somebody who does not care for references between rows. */
  rowsUnchecked(sql: string): Promise<void>
}

export async function sqlitePlace(): Promise<SqlitePlace> {
  const dataDir = await mkdtemp(join(tmpdir(), 'exchange-store-'))
  const { DatabaseSync } = await loadLibrary()
  return {
    dataDir,
    env: { STORE_DIR: dataDir },
    open: (dataKeys = [k1]) => openStore({ dataDir, dataKeys }),
    survey: (dataKeys) => surveyDataKeys({ dataDir, dataKeys }),
    rows: async (sql) => {
      const database = new DatabaseSync(join(dataDir, 'exchange.db'))
      try {
        const rows = database.prepare(sql.replaceAll(/\$bytes:([0-9a-f]*)\$/g, "x'$1'")).all()
        return rows.map((row) => ({ ...Object(row) }))
      } finally {
        database.close()
      }
    },
    rowsUnchecked: async (sql) => {
      const database = new DatabaseSync(join(dataDir, 'exchange.db'))
      database.exec(`pragma foreign_keys = off; ${sql}`)
      database.close()
    },
    remove: () => rm(dataDir, { recursive: true }),
  }
}
