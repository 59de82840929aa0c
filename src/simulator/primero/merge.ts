import { isObject, isRows, type Json, type JsonObject } from '../json.ts'

/**
 * What is stored after `sent` is patched into `stored`, by Primero's rules. Neither is changed.
 *
 * Lists of objects are merged by `unique_id`: a known id merges, a new id or none appends, rows that are not mentioned stay,
 * `_destroy` removes. Everything else is replaced. Where nothing is stored, the list is stored as sent, `_destroy` included.
 *
 * @source docs/systems.md §Primero/merge
 */
export function mergeRecord(stored: JsonObject, sent: JsonObject): JsonObject {
  const merged: Record<string, Json> = { ...stored }
  for (const [key, value] of Object.entries(sent)) merged[key] = mergeValue(stored[key], value)
  return merged
}

function mergeValue(stored: Json | undefined, sent: Json): Json {
  if (isObject(stored) && isObject(sent)) return mergeRecord(stored, sent)
  // An empty stored list is a list of rows too: what is sent is then appended, which is the same.
  if (isRows(stored) && isRows(sent) && (stored.length > 0 || sent.length === 0)) return mergeRows(stored, sent)
  return sent
}

function mergeRows(stored: readonly JsonObject[], sent: readonly JsonObject[]): readonly JsonObject[] {
  const known = new Map<Json, JsonObject>()
  for (const row of sent) {
    // Of two sent rows with one id the first is merged and the second ignored.
    if (row.unique_id !== undefined && !known.has(row.unique_id)) known.set(row.unique_id, row)
  }
  const isStored = new Set(stored.map((row) => row.unique_id))

  const kept = stored.flatMap((row) => {
    const change = row.unique_id === undefined ? undefined : known.get(row.unique_id)
    if (!change) return [row]
    return change._destroy === true ? [] : [mergeRecord(row, change)]
  })
  const appended = sent.filter((row) => row.unique_id === undefined || !isStored.has(row.unique_id))
  return [...kept, ...appended.filter((row) => row._destroy !== true)]
}
