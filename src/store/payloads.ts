import { randomKey, seal, unseal } from './cipher.ts'
import type { Keys } from './keys.ts'
import type { Db } from './tables.ts'

/**
 * Encrypts a payload under a new key and stores it in place of an earlier one, whose key is destroyed.
 * Inside a write transaction.
 */
export async function putPayload(db: Db, keys: Keys, entryId: string, payload: string, now: Date): Promise<void> {
  await erasePayload(db, keys, entryId)
  const day = await keys.forDay(db, now)
  const key = randomKey()
  const sealed = seal(key, Buffer.from(payload), entryId)
  const wrapped_key = seal(day.key, key, entryId)
  await db.insertInto('payloads').values({ entry_id: entryId, day_key: day.id, wrapped_key, sealed }).execute()
}

/** Removes payload and key; the key of the day too, when it was the last that needed it. Inside a write transaction. */
export async function erasePayload(db: Db, keys: Keys, entryId: string): Promise<void> {
  const erased = await db.deleteFrom('payloads').where('entry_id', '=', entryId).returning('day_key').executeTakeFirst()
  if (erased !== undefined) await keys.drop(db, erased.day_key)
}

/** Not `intact`: a bit of the row was changed, or it belongs to another entry. No text: there is no payload. */
export async function readPayload(
  db: Db,
  keys: Keys,
  entryId: string,
): Promise<{ readonly intact: boolean; readonly text?: string }> {
  const row = await db.selectFrom('payloads').selectAll().where('entry_id', '=', entryId).executeTakeFirst()
  if (row === undefined) return { intact: true }
  const key = unseal(await keys.ofDay(db, row.day_key), row.wrapped_key, entryId)
  const payload = key && unseal(key, row.sealed, entryId)
  return payload === undefined ? { intact: false } : { intact: true, text: payload.toString() }
}

export async function hasPayload(db: Db, entryId: string): Promise<boolean> {
  const row = await db.selectFrom('payloads').select('entry_id').where('entry_id', '=', entryId).executeTakeFirst()
  return row !== undefined
}
