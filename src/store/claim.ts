import { randomUUID } from 'node:crypto'
import { type SelectQueryBuilder, sql } from 'kysely'
import type { Engine } from './engine.ts'
import type { Keys } from './keys.ts'
import { readPayload } from './payloads.ts'
import type { Db, Tables } from './tables.ts'
import type { ClaimedEntry, Entries, EntryKind, EntryState } from './types.ts'

type Options = Parameters<Entries['claim']>[0]

interface Candidate {
  readonly seq: number
  readonly id: string
  readonly workflow: string
  readonly kind: EntryKind
  readonly state: EntryState
  readonly retry_since: string
  readonly attempt: number
  readonly fence: number
  readonly was_stuck: number
}

/**
 * Takes the next entry for a run. Three places are looked at: running entries whose process is gone (they are the
 * oldest, and others may wait for their locks), stuck ones that owe an answer, waiting ones.
 */
export function createClaim(engine: Engine, keys: Keys): Entries['claim'] {
  return async (options) => {
    await engine.owners.hold(options.owner)
    const runId = randomUUID()
    return engine.write(async (db) => {
      const passedOver: number[] = []
      for (;;) {
        const candidate = await next(engine, db, options, passedOver)
        if (candidate === undefined) return undefined
        const isFree = await reserveLocks(engine, db, candidate)
        const claimed = isFree ? await take(db, keys, candidate, options, runId) : undefined
        if (claimed !== undefined) return claimed
        passedOver.push(candidate.seq)
      }
    })
  }
}

async function next(
  engine: Engine,
  db: Db,
  options: Options,
  passedOver: readonly number[],
): Promise<Candidate | undefined> {
  const now = options.now.toISOString()
  const dead = await deadOwners(engine, db)
  const open = (state: EntryState) => {
    let query = db
      .selectFrom('entries')
      .select(['seq', 'id', 'workflow', 'kind', 'state', 'retry_since', 'attempt', 'fence', 'was_stuck'])
      .where('state', '=', state)
    if (options.id !== undefined) query = query.where('id', '=', options.id)
    if (passedOver.length > 0) query = query.where('seq', 'not in', passedOver)
    return query
  }
  const due = (state: EntryState) =>
    open(state).where('due_at', '<=', now).where(isFreeToRun).orderBy('due_at').orderBy('seq')
  const lost = open('running')
    .where(({ eb, or }) =>
      or([eb('lease_until', '<=', now), ...(dead.length > 0 ? [eb('owner', 'in', [...dead])] : [])]),
    )
    .where(noneRunsWith)
    .orderBy('seq')

  for (const query of [lost, due('stuck'), due('waiting')]) {
    const candidate = await first(engine, query)
    if (candidate !== undefined) return candidate
  }
  return undefined
}

/** On PostgreSQL an entry that another transaction looks at is passed over. */
function first(
  engine: Engine,
  query: SelectQueryBuilder<Tables, 'entries', Candidate>,
): Promise<Candidate | undefined> {
  const one = query.limit(1)
  return (engine.kind === 'postgres' ? one.forUpdate().skipLocked() : one).executeTakeFirst()
}

async function deadOwners(engine: Engine, db: Db): Promise<readonly string[]> {
  const rows = await db.selectFrom('entries').select('owner').distinct().where('state', '=', 'running').execute()
  const owners = rows.map(({ owner }) => owner).filter((owner) => owner !== null)
  return engine.owners.deadAmong(db, owners)
}

/** True where no running entry shares a lock with this one. */
const noneRunsWith = sql<boolean>`not exists (
  select 1 from entry_locks mine
  join entry_locks theirs on theirs.lock = mine.lock and theirs.seq <> mine.seq
  join entries other on other.seq = theirs.seq
  where mine.seq = entries.seq and other.state = 'running')`

/**
 * True where no running and no older waiting entry shares a lock with this one: what happened to one person is told in
 * order. Not asked of an entry that is taken over: an older one that was replayed meanwhile waits for it.
 */
export const isFreeToRun = sql<boolean>`not exists (
  select 1 from entry_locks mine
  join entry_locks theirs on theirs.lock = mine.lock and theirs.seq <> mine.seq
  join entries other on other.seq = theirs.seq
  where mine.seq = entries.seq
    and (other.state = 'running' or (other.state = 'waiting' and other.seq < entries.seq)))`

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
  const { id, workflow, kind, retry_since: retrySince } = candidate
  const payload = await readPayload(db, keys, id)
  if (!payload.intact) {
    await quarantine(db, candidate, now)
    return undefined
  }

  const wasStuck = candidate.state === 'stuck' || candidate.was_stuck === 1
  const attempt = candidate.attempt + 1
  const fence = candidate.fence + 1
  const lease_until = new Date(now.getTime() + leaseMs).toISOString()
  await db
    .updateTable('entries')
    .set({ state: 'running', due_at: null, owner, lease_until, attempt, fence, was_stuck: wasStuck ? 1 : 0 })
    .where('seq', '=', candidate.seq)
    .execute()
  await endLostRun(db, id, now)
  const claim = { id, runId: await startRun(db, candidate, runId, now), workflow, kind, attempt, retrySince, fence }
  return payload.text === undefined ? { ...claim, wasStuck } : { ...claim, wasStuck, payload: payload.text }
}

/** The run that the earlier owner never ended. */
async function endLostRun(db: Db, entryId: string, now: Date): Promise<void> {
  await db
    .updateTable('runs')
    .set({ state: 'crashed', finished_at: now.toISOString() })
    .where('entry_id', '=', entryId)
    .where('state', '=', 'started')
    .execute()
}

/** The run that was promised when the entry came, else a new one. */
async function startRun(db: Db, { id, workflow }: Candidate, runId: string, now: Date): Promise<string> {
  const started = { state: 'started', started_at: now.toISOString() } as const
  const promised = await db
    .updateTable('runs')
    .set(started)
    .where('entry_id', '=', id)
    .where('state', '=', 'available')
    .returning('id')
    .executeTakeFirst()
  if (promised !== undefined) return promised.id
  await db
    .insertInto('runs')
    .values({ id: runId, entry_id: id, workflow, ...started, finished_at: null, mapping_version: null })
    .execute()
  return runId
}

/** Damage costs this one entry, and a person sees it; the payload stays for whoever can mend the disk. */
async function quarantine(db: Db, { seq, id, workflow }: Candidate, now: Date): Promise<void> {
  const code = 'STORE_DAMAGED'
  await db
    .updateTable('entries')
    .set({ state: 'stuck', due_at: null, lease_until: null, owner: null, was_stuck: 0, code })
    .where('seq', '=', seq)
    .execute()
  await endLostRun(db, id, now)
  await db
    .insertInto('activity')
    .values({ at: now.toISOString(), level: 'alert', what: code, workflow, entry: id, run: null, record: null })
    .execute()
}
