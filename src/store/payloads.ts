import { randomKey, seal, unseal } from './cipher.ts'
import type { Keys } from './keys.ts'
import { prepared } from './prepared.ts'
import type { Db, Tables } from './tables.ts'

/** Encrypts the payload of a new entry under a key of its own and stores it. Inside a write transaction. */
export async function addPayload(db: Db, keys: Keys, entryId: string, payload: string, now: Date): Promise<void> {
  const day = await keys.forDay(db, now)
  const key = randomKey()
  const sealed = seal(key, Buffer.from(payload), entryId)
  const wrapped_key = seal(day.key, key, entryId)
  await insertPayload(db, { entry_id: entryId, day_key: day.id, wrapped_key, sealed })
}

/** Stores a payload, under a new key, in place of an earlier one, whose key is destroyed. Inside a write transaction. */
export async function putPayload(db: Db, keys: Keys, entryId: string, payload: string, now: Date): Promise<void> {
  await erasePayload(db, keys, entryId)
  await addPayload(db, keys, entryId, payload, now)
}

/** Removes payload and key; the key of the day too, when it was the last that needed it. Inside a write transaction. */
export async function erasePayload(db: Db, keys: Keys, entryId: string): Promise<void> {
  const { rows } = await deletePayload(db, { entryId })
  const [erased] = rows
  if (erased !== undefined) await keys.drop(db, erased.day_key)
}

/**
 * Not `intact`: a bit of the row was changed, it belongs to another entry, or it was put back from a copy after its key
 * was destroyed. No text: there is no payload.
 */
export async function readPayload(
  db: Db,
  keys: Keys,
  entryId: string,
): Promise<{ readonly intact: boolean; readonly text?: string }> {
  const { rows } = await selectPayload(db, { entryId })
  const [row] = rows
  if (row === undefined) return { intact: true }
  const dayKey = await keys.ofDay(db, row.day_key)
  const key = dayKey && unseal(dayKey, row.wrapped_key, entryId)
  const payload = key && unseal(key, row.sealed, entryId)
  return payload === undefined ? { intact: false } : { intact: true, text: payload.toString() }
}

export async function hasPayload(db: Db, entryId: string): Promise<boolean> {
  const row = await db.selectFrom('payloads').select('entry_id').where('entry_id', '=', entryId).executeTakeFirst()
  return row !== undefined
}

const insertPayload = prepared((db, { entry_id, day_key, wrapped_key, sealed }: Tables['payloads']) =>
  db.insertInto('payloads').values({ entry_id, day_key, wrapped_key, sealed }),
)

const deletePayload = prepared((db, { entryId }: { entryId: string }) =>
  db.deleteFrom('payloads').where('entry_id', '=', entryId).returning('day_key'),
)

const selectPayload = prepared((db, { entryId }: { entryId: string }) =>
  db.selectFrom('payloads').selectAll().where('entry_id', '=', entryId),
)
