import { isContested, type Part, part, takesTurns } from './division.ts'
import type { Engine } from './engine.ts'
import type { Db } from './tables.ts'
import type { Demand, Permits, Share } from './types.ts'

/** A dead process holds permits no longer than this, where somebody waits for them. */
const lookForDeadEveryMs = 500

/**
 * Permits that processes hold under a lease and divide among themselves; see `Permits`.
 *
 * A request needs a permit in hand and no look at the database, so a process that is alone, or that has its part, pays one
 * read now and then. What it writes is its own row; the sum of all rows never exceeds the limit, because each is written
 * under one lock and leaves what the others hold.
 */
export function createPermits(engine: Engine, owner: string): Permits {
  const lookedAt = new Map<string, number>()

  return {
    async share(demand) {
      const looked = lookedAt.get(demand.name) ?? Number.NEGATIVE_INFINITY
      const seen = await engine.read((db) => look(db, owner, demand))
      const settled = decide(demand, owner, seen)
      const isShort = settled.held < demand.wanted
      if (isAsWritten(demand, seen.mine, settled) && !(isShort && performance.now() - looked > lookForDeadEveryMs)) {
        return settled
      }
      if (demand.wanted > 0) await engine.owners.hold(owner)
      lookedAt.set(demand.name, performance.now())
      return engine.write(async (db) => {
        await engine.serialize(db, `permits ${demand.name}`)
        await dropDead(engine, db, demand, owner)
        const share = decide(demand, owner, await look(db, owner, demand))
        await write(db, demand, owner, share)
        return share
      })
    },
  }
}

interface Seen {
  readonly mine: (Part & { readonly until: string }) | undefined
  readonly others: readonly Part[]
}

async function look(db: Db, owner: string, { name, now }: Demand): Promise<Seen> {
  const rows = await db.selectFrom('permits').selectAll().where('name', '=', name).execute()
  const living = rows.filter(({ until }) => until > now.toISOString())
  return {
    mine: living.find((row) => row.owner === owner),
    others: living.filter((row) => row.owner !== owner),
  }
}

function decide({ limit, wanted, turnIsOver, now }: Demand, owner: string, { mine, others }: Seen): Share {
  const givesTurn = turnIsOver && takesTurns(limit, others)
  const waits = mine !== undefined && mine.wanted > 0 && !givesTurn
  const since = waits ? mine.since : now.toISOString()
  const held = part(limit, { owner, held: mine?.held ?? 0, wanted, since }, others)
  return { held, contested: isContested(others), since }
}

/** Nothing would change, and the lease has more than half of its time before it. */
function isAsWritten({ wanted, inUse, now, leaseMs }: Demand, mine: Seen['mine'], share: Share): boolean {
  if (mine === undefined) return wanted === 0 && inUse === 0
  const remainingMs = Date.parse(mine.until) - now.getTime()
  const isSame = mine.held === Math.max(inUse, share.held) && mine.wanted === wanted && mine.since === share.since
  return isSame && wanted > 0 && remainingMs > leaseMs / 2
}

/** On SQLite and PostgreSQL alike a dead process is seen by the lock that died with it, else by its lease. */
async function dropDead(engine: Engine, db: Db, { name, now }: Demand, owner: string): Promise<void> {
  const rows = await db.selectFrom('permits').select(['owner', 'until']).where('name', '=', name).execute()
  const others = rows.filter((row) => row.owner !== owner)
  const dead = await engine.owners.deadAmong(
    db,
    others.map((row) => row.owner),
  )
  const gone = others.filter((row) => row.until <= now.toISOString() || dead.includes(row.owner))
  if (gone.length === 0) return
  await db
    .deleteFrom('permits')
    .where('name', '=', name)
    .where(
      'owner',
      'in',
      gone.map((row) => row.owner),
    )
    .execute()
}

/** What is in use stays its own, whatever the division says. */
async function write(
  db: Db,
  { name, wanted, inUse, now, leaseMs }: Demand,
  owner: string,
  { since, ...share }: Share,
): Promise<void> {
  const held = Math.max(inUse, share.held)
  if (wanted === 0 && held === 0) {
    await db.deleteFrom('permits').where('name', '=', name).where('owner', '=', owner).execute()
    return
  }
  const rest = { held, wanted, since, until: new Date(now.getTime() + leaseMs).toISOString() }
  await db
    .insertInto('permits')
    .values({ name, owner, ...rest })
    .onConflict((conflict) => conflict.columns(['name', 'owner']).doUpdateSet(rest))
    .execute()
}
