import { putLocks } from './accept.ts'
import { addActivity } from './activity.ts'
import { writeCursor } from './cursors.ts'
import type { Engine } from './engine.ts'
import type { Keys } from './keys.ts'
import { endWatch, findEffect } from './ledger.ts'
import { noteReminders, openNotices } from './notices.ts'
import { erasePayload, putPayload } from './payloads.ts'
import { prepared } from './prepared.ts'
import { dropRecords, endDoubt, keepRecords } from './records.ts'
import type { Db, Tables } from './tables.ts'
import type { ClaimedEntry, Entries, Fate, RunEnd } from './types.ts'

/** What becomes of a claim; see `Entries`. All of it is fenced: a claim that was lost changes nothing. */
export function createSettlement(engine: Engine, keys: Keys): Pick<Entries, 'beat' | 'settle' | 'release'> {
  return {
    beat: (id, fence, now, leaseMs) =>
      engine.write(async (db) => {
        const result = await db
          .updateTable('entries')
          .set({ lease_until: new Date(now.getTime() + leaseMs).toISOString() })
          .where('id', '=', id)
          .where('fence', '=', fence)
          .where('state', '=', 'running')
          .executeTakeFirst()
        return result.numUpdatedRows > 0n
      }),
    settle: (claim, end) =>
      engine.write(async (db) => {
        const [moved] = (await endClaim(db, { id: claim.id, fence: claim.fence, ...afterwards(end.fate) })).rows
        if (moved === undefined) return wasSettled(db, claim, end)
        await endRun(db, claim.runId, end)
        await leave(db, claim, end)
        await apply(db, keys, claim, moved.seq, end)
        return true
      }),
    release: (claim, now) =>
      engine.write(async (db) => {
        const back = await db
          .updateTable('entries')
          .set({
            state: claim.wasStuck ? 'stuck' : 'waiting',
            due_at: now.toISOString(),
            attempt: claim.attempt - 1,
            ...unclaimed,
          })
          .where('id', '=', claim.id)
          .where('fence', '=', claim.fence)
          .where('state', '=', 'running')
          .executeTakeFirst()
        if (back.numUpdatedRows === 0n) return
        await db
          .updateTable('runs')
          .set({ state: 'available', started_at: null })
          .where('id', '=', claim.runId)
          .execute()
      }),
  }
}

const unclaimed = { lease_until: null, owner: null, was_stuck: 0 } as const

type Place = Pick<Tables['entries'], 'state' | 'due_at' | 'not_before' | 'code'>

function afterwards(fate: Fate): Place {
  if (fate.state === 'done') return { state: 'done', due_at: null, not_before: null, code: null }
  const due_at = fate.dueAt === undefined ? null : new Date(fate.dueAt).toISOString()
  const not_before = fate.state === 'waiting' ? (fate.notBefore ?? null) : null
  return { state: fate.state, due_at, not_before, code: fate.code }
}

/** No row: the claim was lost. */
const endClaim = prepared(
  (db, { id, fence, state, due_at, not_before, code }: Place & Pick<ClaimedEntry, 'id' | 'fence'>) =>
    db
      .updateTable('entries')
      .set({ state, due_at, not_before, code, ...unclaimed })
      .where('id', '=', id)
      .where('fence', '=', fence)
      .where('state', '=', 'running')
      .returning('seq'),
)

/** True when this very end was written before and only the answer to COMMIT was lost. */
async function wasSettled(db: Db, claim: ClaimedEntry, end: RunEnd): Promise<boolean> {
  const run = await db
    .selectFrom('runs')
    .select('id')
    .where('id', '=', claim.runId)
    .where('state', '=', end.state)
    .where('finished_at', '=', end.now.toISOString())
    .where('mapping_version', '=', end.mappingVersion)
    .executeTakeFirst()
  return run !== undefined
}

async function endRun(db: Db, id: string, end: RunEnd): Promise<void> {
  const { state, mappingVersion: mapping_version } = end
  await finishRun(db, { id, state, finished_at: end.now.toISOString(), mapping_version })
  const rows = end.records.map(({ key, outcome, code }, position) => ({ run_id: id, position, key, outcome, code }))
  const [only] = rows
  if (rows.length === 1 && only !== undefined) {
    await insertRunRecord(db, only)
    return
  }
  for (let from = 0; from < rows.length; from += 500) {
    await db
      .insertInto('run_records')
      .values(rows.slice(from, from + 500))
      .execute()
  }
}

type Finished = Pick<Tables['runs'], 'id' | 'state' | 'finished_at' | 'mapping_version'>

const finishRun = prepared((db, { id, state, finished_at, mapping_version }: Finished) =>
  db.updateTable('runs').set({ state, finished_at, mapping_version }).where('id', '=', id),
)

const insertRunRecord = prepared((db, { run_id, position, key, outcome, code }: Tables['run_records']) =>
  db.insertInto('run_records').values({ run_id, position, key, outcome, code }),
)

async function leave(db: Db, { id: entry, runId: run, workflow }: ClaimedEntry, end: RunEnd): Promise<void> {
  const { keep = [], drop = [], cursors = new Map<string, string>(), alerts = [], now } = end
  const { notices = [], reminded = [], over = [] } = end
  const at = now.toISOString()
  await keepRecords(db, workflow, keep)
  await dropRecords(db, workflow, drop)
  for (const { outcome, ids } of keep) {
    const effect = outcome === 'in_doubt' && ids.effect !== undefined ? await findEffect(db, ids.effect) : undefined
    if (effect?.state === 'done' || effect?.state === 'not_reached') {
      await endDoubt(db, effect.key, effect.state === 'done', at)
    }
  }
  for (const [name, value] of cursors) await writeCursor(db, name, value, now)
  await openNotices(db, notices)
  await noteReminders(db, reminded, at)
  await endWatch(db, over, at)
  await addActivity(
    db,
    alerts.map(({ code, record = null }) => ({ at, level: 'alert', what: code, workflow, entry, run, record })),
  )
}

async function apply(db: Db, keys: Keys, { id }: ClaimedEntry, seq: number, { fate, now }: RunEnd): Promise<void> {
  if (fate.state === 'waiting' && fate.locks !== undefined) {
    await dropLocks(db, seq)
    await putLocks(db, seq, fate.locks)
  }
  if (fate.state !== 'done' && fate.payload !== undefined) {
    await putPayload(db, keys, id, fate.payload, now)
  } else if (fate.state !== 'waiting') {
    await erasePayload(db, keys, id)
    if (fate.state === 'stuck' || !(await everyRecordArrived(db, id))) await forgetMessage(db, seq)
  }
  if (fate.state === 'done') await dropLocks(db, seq)
}

/** Judged by the last outcome of each record: one that was refused in an earlier run is not in the later ones. */
async function everyRecordArrived(db: Db, entryId: string): Promise<boolean> {
  const { rows } = await selectOutcomes(db, { entryId })
  const last = new Map(rows.map(({ key, outcome }) => [key, outcome]))
  return [...last.values()].every((outcome) => outcome === 'delivered' || outcome === 'unchanged')
}

const selectOutcomes = prepared((db, { entryId }: { entryId: string }) =>
  db
    .selectFrom('run_records')
    .innerJoin('runs', 'runs.id', 'run_records.run_id')
    .select(['key', 'outcome'])
    .where('runs.entry_id', '=', entryId)
    .orderBy('runs.seq')
    .orderBy('position'),
)

/** From now on the same message is a new entry. */
export async function forgetMessage(db: Db, seq: number): Promise<void> {
  await db.updateTable('entries').set({ same_as: null }).where('seq', '=', seq).execute()
}

export async function dropLocks(db: Db, seq: number): Promise<void> {
  await deleteLocks(db, { seq })
}

const deleteLocks = prepared((db, { seq }: { seq: number }) => db.deleteFrom('entry_locks').where('seq', '=', seq))
