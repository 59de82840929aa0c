import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { loadLibrary } from '../../src/store/sqlite/library.ts'

/** The encrypted payload of an entry as it lies on disk; `folder` is a copy, never the data folder of a running process. */
export async function storedPayload(folder: string, entryId: string): Promise<Buffer> {
  const { DatabaseSync } = await loadLibrary()
  const name = readdirSync(folder).find((file) => /\.(db|sqlite)$/.test(file))
  if (name === undefined) throw new Error(`No database in ${readdirSync(folder).join(', ')}.`)
  const database = new DatabaseSync(join(folder, name))
  const [row] = database.prepare('select sealed from payloads where entry_id = ?').all(entryId)
  database.close()
  if (typeof row !== 'object' || row === null || !('sealed' in row) || !(row.sealed instanceof Uint8Array))
    throw new Error('The entry has no payload.')
  return Buffer.from(row.sealed)
}
