import { randomUUID } from 'node:crypto'
import type { Engine } from './engine.ts'
import type { Keys } from './keys.ts'
import { type Candidate, createNext, isFreeToRun, noneRunsWith } from './nextEntry.ts'
import { readPayload } from './payloads.ts'
import { prepared } from './prepared.ts'
import type { Db, Tables } from './tables.ts'
import type { ClaimedEntry, Entries } from './types.ts'

type Options = Parameters<Entries['claim']>[0]

/** Takes the next entry for a run. */
export function createClaim(engine: Engine, keys: Keys): Entries['claim'] {
  const next = createNext(engine)
  return async (options) => {
    await engine.owners.hold(options.owner)
    const runId = randomUUID()
    return engine.write(async (db) => {
      const passedOver: number[] = []
      for (;;) {
        const candidate = await next(db, options, passedOver)
        if (candidate === undefined) return undefined
        const isFree = await reserveLocks(engine, db, candidate)
        const claimed = isFree ? await take(db, keys, candidate, options, runId) : undefined
        if (claimed !== undefined) return claimed
        passedOver.push(candidate.seq)
      }
    })
  }
}

/**
 * Two processes may look at two entries of one lock at the same moment and see neither running; the database's own
 * lock on the name lets one of them go on. Looked at again afterwards, because the other may have gone on before.
 */
async function reserveLocks(engine: Engine, db: Db, candidate: Candidate): Promise<boolean> {
  if (engine.kind === 'sqlite') return true
  const rows = await db.selectFrom('entry_locks').select('lock').where('seq', '=', candidate.seq).execute()
  const names = rows.map(({ lock }) => `entry ${lock}`)
  if (!(await engine.reserve(db, names))) return false
  const condition = candidate.state === 'running' ? noneRunsWith : isFreeToRun
  const free = await db.selectFrom('entries').select('seq').where('seq', '=', candidate.seq).where(condition).execute()
  return free.length > 0
}

async function take(
  db: Db,
  keys: Keys,
  candidate: Candidate,
  { owner, now, leaseMs }: Options,
  runId: string,
): Promise<ClaimedEntry | undefined> {
  const { id, workflow, kind } = candidate
  const payload = await readPayload(db, keys, id)
  if (!payload.intact) {
    await quarantine(db, candidate, now)
    return undefined
  }

  const { seq } = candidate
  const wasStuck = candidate.state === 'stuck' || candidate.was_stuck === 1
  const attempt = candidate.attempt + 1
  const fence = candidate.fence + 1
  const lease_until = new Date(now.getTime() + leaseMs).toISOString()
  // Where nothing ran for days, or another message of the child was in the way, its time has not passed with no attempt.
  const retrySince = candidate.attempt === 0 ? now.toISOString() : candidate.retry_since
  const was_stuck = wasStuck ? 1 : 0
  await setRunning(db, { seq, owner, lease_until, attempt, fence, was_stuck, retry_since: retrySince })
  await endLostRun(db, { entryId: id, at: now.toISOString() })
  const claim = { id, runId: await startRun(db, candidate, runId, now), workflow, kind, attempt, retrySince, fence }
  return payload.text === undefined ? { ...claim, wasStuck } : { ...claim, wasStuck, payload: payload.text }
}

type Claimed = 'owner' | 'lease_until' | 'attempt' | 'fence' | 'was_stuck' | 'retry_since'

interface Running extends Pick<Tables['entries'], Claimed> {
  readonly seq: number
}

const setRunning = prepared((db, { seq, owner, lease_until, attempt, fence, was_stuck, retry_since }: Running) =>
  db
    .updateTable('entries')
    .set({ state: 'running', due_at: null, owner, lease_until, attempt, fence, was_stuck, retry_since })
    .where('seq', '=', seq),
)

/** The run that the earlier owner never ended. */
const endLostRun = prepared((db, { entryId, at }: { entryId: string; at: string }) =>
  db
    .updateTable('runs')
    .set({ state: 'crashed', finished_at: at })
    .where('entry_id', '=', entryId)
    .where('state', '=', 'started'),
)

/** The run that was promised when the entry came, else a new one. */
async function startRun(db: Db, { id, workflow }: Candidate, runId: string, now: Date): Promise<string> {
  const started_at = now.toISOString()
  const [promised] = (await startPromised(db, { entryId: id, started_at })).rows
  if (promised !== undefined) return promised.id
  await db.insertInto('runs').values({ id: runId, entry_id: id, workflow, state: 'started', started_at }).execute()
  return runId
}

const startPromised = prepared((db, { entryId, started_at }: { entryId: string; started_at: string }) =>
  db
    .updateTable('runs')
    .set({ state: 'started', started_at })
    .where('entry_id', '=', entryId)
    .where('state', '=', 'available')
    .returning('id'),
)

/** Damage costs this one entry, and a person sees it; the payload stays for whoever can mend the disk. */
async function quarantine(db: Db, { seq, id, workflow }: Candidate, now: Date): Promise<void> {
  const code = 'STORE_DAMAGED'
  await db
    .updateTable('entries')
    .set({ state: 'stuck', due_at: null, lease_until: null, owner: null, was_stuck: 0, code })
    .where('seq', '=', seq)
    .execute()
  await endLostRun(db, { entryId: id, at: now.toISOString() })
  await db
    .insertInto('activity')
    .values({ at: now.toISOString(), level: 'alert', what: code, workflow, entry: id, run: null, record: null })
    .execute()
}
