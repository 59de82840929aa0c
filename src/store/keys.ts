import { createHmac, randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import { ExchangeError } from '../errors/ExchangeError.ts'
import { createAppend } from './audit.ts'
import { keyBytes, randomKey, seal, unseal } from './cipher.ts'
import type { Engine } from './engine.ts'
import { prepared } from './prepared.ts'
import type { Db, Tables } from './tables.ts'
import type { DataKey, DataKeys } from './types.ts'

export interface Keys {
  fingerprint(text: string): string
  /** HMAC-SHA-256 with the store's key, 64 hex characters. */
  mac(text: string): string
  /** The key that wraps the entry keys of this day; made when there is none. Inside a write transaction. */
  forDay(db: Db, now: Date): Promise<DayKey>
  /**
   * Undefined: it was destroyed; what it wrapped opens nowhere any more.
   *
   * @throws DATA_KEY_MISSING when another process wrapped it with a data key that this one does not have
   */
  ofDay(db: Db, id: string): Promise<Buffer | undefined>
  /** Destroys the day key when no payload needs it any more. Inside a write transaction. */
  drop(db: Db, id: string): Promise<void>
  /** See `DataKeys`. */
  readonly dataKeys: DataKeys
}

interface DayKey {
  readonly id: string
  readonly key: Buffer
}

const storeKeyId = 'store'

/**
 * The keys at rest. A payload is sealed with a key of its own, that one with the key of the day, that one with the first
 * of `ring`. The key of a day is destroyed with the last open entry of that day, so what a copy of the disk still holds
 * of its payloads stays closed even to those who have DATA_KEYS.
 *
 * @param ring  the first wraps, all unwrap
 * @throws DATA_KEY_MISSING when a key at rest needs one that is not in `ring`
 */
export async function openKeys(engine: Engine, ring: readonly DataKey[], now: Date): Promise<Keys> {
  let current = ring
  firstOf(ring)
  await refuseMissing(engine, ring, await readKeys(engine))
  const storeKey = await readStoreKey(engine, ring, now)
  const mac = (text: string) => createHmac('sha256', storeKey).update(text).digest('hex')
  const append = createAppend(engine, mac)
  const wrap = async (at: Date) => {
    const object = firstOf(current).id
    const note = { at: at.toISOString(), actor: 'exchange', act: 'keys wrapped again', object, code: null } as const
    return wrapAgain(engine, current, await readKeys(engine), (db) => append(db, note))
  }
  const { ofDay, byId, anyNeeding } = queries(engine)

  return {
    fingerprint: (text) => mac(text).slice(0, 32),
    mac,
    forDay: async (db, at) => {
      const day = at.toISOString().slice(0, 10)
      for (;;) {
        const [known] = (await ofDay(db, { day })).rows
        if (known !== undefined) return { id: known.id, key: unwrap(current, known) ?? refuse(known.wrapped_by) }
        await insertKey(db, firstOf(current), { id: randomUUID(), kind: 'day', day }, randomKey(), at)
      }
    },
    ofDay: async (db, id) => {
      const [row] = (await byId(db, { id })).rows
      return row && (unwrap(current, row) ?? refuse(row.wrapped_by))
    },
    drop: async (db, id) => {
      await alone(engine, db, id)
      const { rows: needing } = await anyNeeding(db, { id })
      if (needing.length === 0) await db.deleteFrom('keys').where('id', '=', id).execute()
    },
    dataKeys: {
      wrap,
      replace: async (next, at) => {
        firstOf(next)
        await refuseMissing(engine, next, await readKeys(engine))
        current = next
        await wrap(at)
      },
    },
  }
}

function readKeys(engine: Engine): Promise<readonly KeyRow[]> {
  return engine.read((db) => db.selectFrom('keys').selectAll().execute())
}

function firstOf(ring: readonly DataKey[]): DataKey {
  const [first] = ring
  if (first === undefined || ring.some(({ key }) => key.length !== keyBytes)) {
    throw new ExchangeError('DATA_KEYS must hold at least one key, each of 32 bytes.', {
      code: 'CONFIGURATION',
      retry: 'never',
      hint: 'Make one with: exchange keys data',
    })
  }
  return first
}

type KeyRow = Tables['keys']

async function refuseMissing(engine: Engine, ring: readonly DataKey[], rows: readonly KeyRow[]): Promise<void> {
  const closed = rows.filter((row) => unwrap(ring, row) === undefined)
  const [row] = closed
  if (row === undefined) return
  const ids = closed.filter((other) => other.wrapped_by === row.wrapped_by).map(({ id }) => id)
  const { n } = await engine.read((db) =>
    db
      .selectFrom('payloads')
      .select(({ fn }) => fn.countAll<number>().as('n'))
      .where('day_key', 'in', ids)
      .executeTakeFirstOrThrow(),
  )
  const has = ring.some(({ id }) => id === row.wrapped_by)
  refuse(row.wrapped_by, has, Number(n))
}

/** @param has  DATA_KEYS has a key of this id, but it is another key */
function refuse(id: string, has = false, entries?: number): never {
  const who =
    entries === undefined
      ? 'an entry needs it'
      : entries === 0
        ? 'the store itself needs it'
        : `${entries} ${entries === 1 ? 'entry needs' : 'entries need'} it`
  const what = has
    ? `The data key "${id}" in DATA_KEYS is not the one of that name that was used before`
    : `The data key "${id}" is not in DATA_KEYS`
  throw new ExchangeError(`${what}; ${who}.`, {
    code: 'DATA_KEY_MISSING',
    retry: 'never',
    hint: `Put "${id}" back into DATA_KEYS, behind the key that is to be used from now on.`,
  })
}

async function wrapAgain(
  engine: Engine,
  ring: readonly DataKey[],
  rows: readonly KeyRow[],
  note: (db: Db) => Promise<void>,
): Promise<number> {
  const first = firstOf(ring)
  const old = rows.filter((row) => row.wrapped_by !== first.id)
  if (old.length === 0) return 0
  return engine.write(async (db) => {
    let wrapped = 0n
    for (const row of old) {
      const key = unwrap(ring, row)
      if (key === undefined) continue
      const result = await db
        .updateTable('keys')
        .set({ wrapped_by: first.id, wrapped: seal(first.key, key, contextOf(row.id)) })
        .where('id', '=', row.id)
        .where('wrapped_by', '=', row.wrapped_by)
        .executeTakeFirst()
      wrapped += result.numUpdatedRows
    }
    // Nothing: another process was first.
    if (wrapped > 0n) await note(db)
    return Number(wrapped)
  })
}

async function readStoreKey(engine: Engine, ring: readonly DataKey[], now: Date): Promise<Buffer> {
  const find = (db: Db) => db.selectFrom('keys').selectAll().where('id', '=', storeKeyId).executeTakeFirst()
  const made = { id: storeKeyId, kind: 'store', day: null } as const
  const row =
    (await engine.read(find)) ??
    (await engine.write(async (db) => {
      await insertKey(db, firstOf(ring), made, randomKey(), now)
      return find(db)
    }))
  return (row && unwrap(ring, row)) ?? refuse(row?.wrapped_by ?? storeKeyId)
}

/** Another process may have been first: then its key stays. */
async function insertKey(
  db: Db,
  by: DataKey,
  made: Pick<KeyRow, 'id' | 'kind' | 'day'>,
  key: Uint8Array,
  now: Date,
): Promise<void> {
  const wrapped = seal(by.key, key, contextOf(made.id))
  await db
    .insertInto('keys')
    .values({ ...made, wrapped_by: by.id, wrapped, created_at: now.toISOString() })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}

function queries(engine: Engine) {
  return {
    /** On PostgreSQL the row is kept from `drop` until this transaction ends. */
    ofDay: prepared((db, { day }: { day: string }) => {
      const query = db.selectFrom('keys').selectAll().where('day', '=', day)
      return engine.kind === 'postgres' ? query.forKeyShare() : query
    }),
    byId: prepared((db, { id }: { id: string }) => db.selectFrom('keys').selectAll().where('id', '=', id)),
    anyNeeding: prepared((db, { id }: { id: string }) =>
      db.selectFrom('payloads').select('entry_id').where('day_key', '=', id).limit(sql.lit(1)),
    ),
  }
}

/** On PostgreSQL waits for transactions that are about to use the key; what they wrote is seen afterwards. */
async function alone(engine: Engine, db: Db, id: string): Promise<void> {
  const query = db.selectFrom('keys').select('id').where('id', '=', id)
  if (engine.kind === 'postgres') await query.forUpdate().execute()
}

/** Undefined: `ring` does not have the data key that wraps it. */
export function unwrap(ring: readonly DataKey[], row: KeyRow): Buffer | undefined {
  const by = ring.find(({ id }) => id === row.wrapped_by)
  return by && unseal(by.key, row.wrapped, contextOf(row.id))
}

function contextOf(id: string): string {
  return `key ${id}`
}
