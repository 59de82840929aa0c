import { randomUUID } from 'node:crypto'
import { type AppendAudit, appendOnce } from './audit.ts'
import { moveCursor } from './cursors.ts'
import type { Engine } from './engine.ts'
import type { Keys } from './keys.ts'
import { addPayload } from './payloads.ts'
import { prepared } from './prepared.ts'
import type { Db } from './tables.ts'
import type { Accepted, Entries, NewEntry } from './types.ts'

/** Puts entries into the inbox; see `Entries` for what they promise. */
export function createInbox(engine: Engine, keys: Keys, append: AppendAudit): Pick<Entries, 'accept' | 'tick'> {
  return {
    accept: (entry) => {
      const ids = newIds()
      return engine.write(async (db) => {
        const accepted = await insert(db, keys, entry, ids)
        const { askedBy: actor, now } = entry
        if (actor !== undefined && !accepted.repeated) {
          const at = now.toISOString()
          await appendOnce(db, append, {
            at,
            actor,
            act: 'run asked for',
            object: accepted.runId,
            code: entry.workflow,
          })
        }
        return accepted
      })
    },
    tick: (workflow, lock, now, { kind = 'tick', cursor } = {}) => {
      const ids = newIds()
      return engine.write(async (db) => {
        await engine.serialize(db, `tick ${workflow}`)
        const unfinished = await db
          .selectFrom('entries')
          .select('id')
          .where('workflow', '=', workflow)
          .where('kind', '=', kind)
          .where('state', 'in', ['waiting', 'running'])
          .executeTakeFirst()
        // Its own id: the COMMIT of an earlier try came through, and only the answer was lost.
        if (unfinished?.id === ids.id) return { ...ids, repeated: false }
        if (cursor !== undefined && !(await moveCursor(db, cursor, now))) return 'taken'
        if (unfinished !== undefined) return 'unfinished'
        return insert(db, keys, { workflow, kind, locks: [lock], now }, ids)
      })
    },
  }
}

interface Ids {
  readonly id: string
  readonly runId: string
}

function newIds(): Ids {
  return { id: randomUUID(), runId: randomUUID() }
}

async function insert(db: Db, keys: Keys, entry: NewEntry, { id, runId }: Ids): Promise<Accepted> {
  const { workflow, kind, payload, now } = entry
  for (;;) {
    // The unique index on same_as decides between processes that store one message at one time.
    const at = now.toISOString()
    const { rows } = await insertEntry(db, { id, at, workflow, kind, same_as: entry.sameAs ?? null })
    const [inserted] = rows
    if (inserted === undefined) {
      const earlier = await findEarlier(db, id, entry.sameAs)
      if (earlier !== undefined) return { ...earlier, repeated: earlier.id !== id }
      continue
    }
    if (payload !== undefined) await addPayload(db, keys, id, payload, now)
    await putLocks(db, inserted.seq, entry.locks)
    await insertRun(db, { id: runId, entry_id: id, workflow })
    return { id, runId, repeated: false }
  }
}

interface Arrival extends Pick<NewEntry, 'workflow' | 'kind'> {
  readonly id: string
  readonly at: string
  readonly same_as: string | null
}

const insertEntry = prepared((db, { id, at, workflow, kind, same_as }: Arrival) =>
  db
    .insertInto('entries')
    .values({
      id,
      workflow,
      kind,
      state: 'waiting',
      same_as,
      received_at: at,
      retry_since: at,
      due_at: at,
      attempt: 0,
      fence: 0,
      was_stuck: 0,
    })
    .onConflict((conflict) => conflict.doNothing())
    .returning('seq'),
)

const insertRun = prepared((db, { id, entry_id, workflow }: { id: string; entry_id: string; workflow: string }) =>
  db.insertInto('runs').values({ id, entry_id, workflow, state: 'available' }),
)

export async function putLocks(db: Db, seq: number, locks: readonly string[]): Promise<void> {
  const rows = [...new Set(locks)].map((lock) => ({ lock, seq }))
  const [only] = rows
  if (rows.length === 1 && only !== undefined) {
    await insertLock(db, only)
    return
  }
  for (let from = 0; from < rows.length; from += mostRows) {
    await db
      .insertInto('entry_locks')
      .values(rows.slice(from, from + mostRows))
      .execute()
  }
}

/** A message may name thousands of children, and a statement takes 32,766 values. */
const mostRows = 500

const insertLock = prepared((db, { lock, seq }: { lock: string; seq: number }) =>
  db.insertInto('entry_locks').values({ lock, seq }),
)

/** Undefined: it was settled, and counts no longer, since the attempt to insert. */
async function findEarlier(db: Db, id: string, sameAs: string | undefined): Promise<Ids | undefined> {
  const query = db
    .selectFrom('entries')
    .innerJoin('runs', 'runs.entry_id', 'entries.id')
    .select(['entries.id', 'runs.id as runId'])
    .orderBy('runs.seq')
  const own = await query.where('entries.id', '=', id).executeTakeFirst()
  if (own !== undefined || sameAs === undefined) return own
  return query.where('entries.same_as', '=', sameAs).executeTakeFirst()
}
