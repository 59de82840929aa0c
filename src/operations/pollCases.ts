import { exchange } from '../adaptors/language-exchange/exchange.ts'
import type { ChangedCase, PrimeroClient } from '../adaptors/language-primero/client.ts'

interface Poll {
  readonly client: PrimeroClient
  /** Name of the cursor. */
  readonly cursor: string
  readonly filters: Readonly<Record<string, string | boolean | readonly string[]>>
  readonly fields: readonly string[]
}

/**
 * Hands over every case changed since the cursor, less an overlap, and returns where the cursor may move to once all that
 * was found has an outcome or is kept for retry. Undefined: leave it.
 *
 * The first poll of all begins at `start_from`, or now by Primero's clock. Times are Primero's, never ours; the overlap is
 * for cases whose save became visible after a younger one's, and the cursor stays behind the time when reading began: where
 * cases are saved as fast as we read, the overlap would else not reach back to a case that we had passed before it was
 * visible. What comes twice is told apart by the ledger.
 *
 * @source docs/systems.md §Primero/lists
 */
export async function pollCases(
  { client, cursor, filters, fields }: Poll,
  take: (found: ChangedCase) => Promise<void> | void,
): Promise<string | undefined> {
  const { specification, signal, reason } = exchange()
  if (reason === 'retry') return undefined
  const { start_from, overlap_seconds, page_size } = specification.settings
  const known = (await exchange().cursor.read(cursor)) ?? start_from
  const began = await client.serverTime({ signal })
  if (known === undefined) return began
  const since = new Date(Date.parse(known) - overlap_seconds * 1000).toISOString()
  let latest = known
  for await (const found of client.changedCases({ since, filters, fields, pageSize: page_size, signal })) {
    await take(found)
    if (isAfter(found.last_updated_at, latest)) latest = found.last_updated_at
  }
  if (!isAfter(latest, began)) return latest
  return isAfter(began, known) ? began : known
}

function isAfter(time: string, other: string): boolean {
  return Date.parse(time) > Date.parse(other)
}

/** Writes the cursor of a poll whose findings are all settled or kept. */
export async function moveCursor(cursor: string, to: unknown): Promise<void> {
  if (typeof to === 'string') await exchange().cursor.write(cursor, to)
}
