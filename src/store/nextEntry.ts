import { type SelectQueryBuilder, sql } from 'kysely'
import type { Engine } from './engine.ts'
import { prepared } from './prepared.ts'
import type { Db, Tables } from './tables.ts'
import type { Entries, EntryKind, EntryState } from './types.ts'

type Options = Pick<Parameters<Entries['claim']>[0], 'id' | 'now'>

export interface Candidate {
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
 * Finds the entry to run next that is not among those passed over. Three places are looked at: running entries whose
 * process is gone (they are the oldest, and others may wait for their locks), stuck ones that owe an answer, waiting ones.
 * Inside a write transaction.
 */
export function createNext(engine: Engine) {
  const places = [lost, stuck, waiting].map((place) => {
    const oldest = (db: Db, looking: Looking) => firstOf(engine, place(db, looking))
    return { oldest, usually: prepared(oldest) }
  })

  return async (db: Db, { id, now }: Options, passedOver: readonly number[]): Promise<Candidate | undefined> => {
    const isUsual = id === undefined && passedOver.length === 0
    const narrowed = (query: Query) => {
      const among = id === undefined ? query : query.where('id', '=', id)
      return passedOver.length === 0 ? among : among.where('seq', 'not in', passedOver)
    }
    const dead = await deadOwners(engine, db)
    for (const { oldest, usually } of places) {
      for (const owner of dead.length === 0 ? [nobody] : dead) {
        const looking = { now: now.toISOString(), owner }
        const [candidate] = isUsual ? (await usually(db, looking)).rows : await narrowed(oldest(db, looking)).execute()
        if (candidate !== undefined) return candidate
      }
    }
    return undefined
  }
}

/** What is looked for: entries due by `now`, running ones also of `owner`, who is dead. */
interface Looking {
  readonly now: string
  readonly owner: string
}

const nobody = ''

type Query = SelectQueryBuilder<Tables, 'entries', Candidate>

function lost(db: Db, { now, owner }: Looking): Query {
  return open(db, 'running')
    .where(({ eb, or }) => or([eb('lease_until', '<=', now), eb('owner', '=', owner)]))
    .where(noneRunsWith)
    .orderBy('seq')
}

function stuck(db: Db, { now }: Looking): Query {
  return due(db, 'stuck', now)
}

function waiting(db: Db, { now }: Looking): Query {
  return due(db, 'waiting', now)
}

function due(db: Db, state: EntryState, now: string): Query {
  return open(db, state).where('due_at', '<=', now).where(isFreeToRun).orderBy('due_at').orderBy('seq')
}

function open(db: Db, state: EntryState): Query {
  return db
    .selectFrom('entries')
    .select(['seq', 'id', 'workflow', 'kind', 'state', 'retry_since', 'attempt', 'fence', 'was_stuck'])
    .where('state', '=', sql.lit(state))
}

/** On PostgreSQL an entry that another transaction looks at is passed over. */
function firstOf(engine: Engine, query: Query): Query {
  const one = query.limit(sql.lit(1))
  return engine.kind === 'postgres' ? one.forUpdate().skipLocked() : one
}

async function deadOwners(engine: Engine, db: Db): Promise<readonly string[]> {
  const { rows } = await runningOwners(db, {})
  const owners = rows.map(({ owner }) => owner).filter((owner) => owner !== null)
  return engine.owners.deadAmong(db, owners)
}

const runningOwners = prepared((db) =>
  db.selectFrom('entries').select('owner').distinct().where('state', '=', sql.lit('running')),
)

/** True where no running entry shares a lock with this one. */
export const noneRunsWith = sql<boolean>`not exists (
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
