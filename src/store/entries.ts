import { createInbox } from './accept.ts'
import type { AppendAudit } from './audit.ts'
import { createClaim } from './claim.ts'
import type { Engine } from './engine.ts'
import type { Keys } from './keys.ts'
import { isFreeToRun } from './nextEntry.ts'
import { pageSize } from './page.ts'
import { erasePayload, hasPayload } from './payloads.ts'
import { bringForward } from './recovery.ts'
import { createSettlement, dropLocks, forgetMessage } from './settlement.ts'
import type { Db } from './tables.ts'
import type { Entries } from './types.ts'

const columns = ['id', 'workflow', 'kind', 'state', 'received_at', 'due_at', 'attempt', 'code'] as const

export function createEntries(engine: Engine, keys: Keys, append: AppendAudit): Entries {
  return {
    ...createInbox(engine, keys, append),
    claim: createClaim(engine, keys),
    ...createSettlement(engine, keys),
    bringForward: (now) => engine.write((db) => bringForward(db, now.toISOString())),
    nextDue: () => engine.read(nextDue),
    list: ({ state, kind, before, limit }) =>
      engine.read((db) => {
        let query = db.selectFrom('entries').select(columns).orderBy('seq', 'desc').limit(pageSize(limit))
        if (state !== undefined) query = query.where((eb) => eb(eb.cast<string>('state', 'text'), '=', state))
        if (kind !== undefined) query = query.where('kind', '=', kind)
        if (before !== undefined) {
          query = query.where('seq', '<', (eb) => eb.selectFrom('entries').select('seq').where('id', '=', before))
        }
        return query.execute()
      }),
    get: (id) => engine.read((db) => db.selectFrom('entries').select(columns).where('id', '=', id).executeTakeFirst()),
    replay: (id, now, actor = 'exchange') =>
      engine.write(async (db) => {
        const at = now.toISOString()
        const result = await replay(db, id, at)
        if (result === 'replayed') await append(db, { at, actor, act: 'entry replayed', object: id, code: null })
        return result
      }),
    discard: (id, now, actor = 'exchange') =>
      engine.write(async (db) => {
        const at = now.toISOString()
        const result = await discard(db, keys, id)
        if (result === 'discarded') await append(db, { at, actor, act: 'entry discarded', object: id, code: null })
        return result
      }),
  }
}

async function nextDue(db: Db): Promise<string | undefined> {
  const due = (state: 'waiting' | 'stuck') =>
    db
      .selectFrom('entries')
      .select('due_at as at')
      .where('state', '=', state)
      .where('due_at', 'is not', null)
      .where(isFreeToRun)
      .orderBy('due_at')
      .limit(1)
      .executeTakeFirst()
  const lease = db
    .selectFrom('entries')
    .select('lease_until as at')
    .where('state', '=', 'running')
    .orderBy('lease_until')
    .limit(1)
    .executeTakeFirst()
  const times = [await due('waiting'), await due('stuck'), await lease].map((row) => row?.at ?? undefined)
  return times.filter((at) => at !== undefined).sort()[0]
}

async function replay(db: Db, id: string, now: string): ReturnType<Entries['replay']> {
  const entry = await db.selectFrom('entries').select(['seq', 'kind']).where('id', '=', id).executeTakeFirst()
  if (entry === undefined) return 'unknown'
  if (entry.kind === 'webhook' && !(await hasPayload(db, id))) return 'conflict'
  const replayed = await db
    .updateTable('entries')
    .set({ state: 'waiting', due_at: now, retry_since: now, attempt: 0, code: null })
    .where('seq', '=', entry.seq)
    .where('state', '=', 'stuck')
    .executeTakeFirst()
  return replayed.numUpdatedRows > 0n ? 'replayed' : 'conflict'
}

async function discard(db: Db, keys: Keys, id: string): ReturnType<Entries['discard']> {
  const discarded = await db
    .updateTable('entries')
    .set({ state: 'done', due_at: null, code: 'DISCARDED' })
    .where('id', '=', id)
    .where('state', '=', 'stuck')
    .returning('seq')
    .executeTakeFirst()
  if (discarded === undefined) {
    const entry = await db.selectFrom('entries').select('id').where('id', '=', id).executeTakeFirst()
    return entry === undefined ? 'unknown' : 'conflict'
  }
  await erasePayload(db, keys, id)
  await dropLocks(db, discarded.seq)
  await forgetMessage(db, discarded.seq)
  return 'discarded'
}
