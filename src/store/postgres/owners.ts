import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import type { Client } from 'pg'
import type { Owners } from '../engine.ts'
import { advisoryKey } from './advisoryKey.ts'

const lookAgainMs = 250
const connectAgainMs = 100

/**
 * Session advisory locks on a connection of their own: PostgreSQL lets go of them when the process is gone, or within
 * 7 s when its machine is (TCP keep-alive).
 *
 * When the connection breaks while the process lives, the locks are taken again at once; within 5 s of a start of the
 * database nobody counts as dead, because everybody lost their locks with it. A pooler in transaction mode
 * (pgbouncer) cannot hold them: then the lease alone decides.
 */
export function createOwners(connect: () => Promise<Client>): Owners & { release(): Promise<void> } {
  const held = new Set<string>()
  const seenAlive = new Map<string, number>()
  let client: Promise<Client> | undefined
  let released = false

  const connection = (): Promise<Client> => {
    client ??= connectAndLock()
    client.catch(() => {
      client = undefined
    })
    return client
  }
  const connectAndLock = async (): Promise<Client> => {
    const connected = await connect()
    connected.on('error', () => {})
    connected.on('end', () => {
      client = undefined
      if (!released) void reconnect()
    })
    await connected.query('set tcp_keepalives_idle = 3; set tcp_keepalives_interval = 2; set tcp_keepalives_count = 2')
    for (const owner of held) await lock(connected, owner)
    return connected
  }
  const reconnect = async (): Promise<void> => {
    while (!released) {
      try {
        await connection()
        return
      } catch {
        // The database is still away; what needs it says so.
      }
      await sleep(connectAgainMs)
    }
  }

  return {
    hold: async (owner) => {
      if (held.has(owner)) return
      await lock(await connection(), owner)
      held.add(owner)
    },
    deadAmong: async (db, owners) => {
      const asked = owners.filter(
        (owner) => !held.has(owner) && performance.now() - (seenAlive.get(owner) ?? -lookAgainMs) >= lookAgainMs,
      )
      if (asked.length === 0) return []
      const keys = asked.map((owner) => advisoryKey(`owner ${owner}`))
      const { rows } = await sql<{ key: string }>`
        select key::text from unnest(${keys}::bigint[]) as key
        where case when now() - pg_postmaster_start_time() < interval '5 seconds' then false
              else pg_try_advisory_xact_lock(key) end`.execute(db)
      const free = new Set(rows.map(({ key }) => key))
      seenAlive.clear()
      const isDead = (owner: string) => free.has(advisoryKey(`owner ${owner}`))
      for (const owner of asked) if (!isDead(owner)) seenAlive.set(owner, performance.now())
      return asked.filter(isDead)
    },
    release: async () => {
      released = true
      const connected = await client?.catch(() => undefined)
      await connected?.end()
    },
  }
}

/** Another process may hold it for the moment that its look takes. */
async function lock(client: Client, owner: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const { rows } = await client.query('select pg_try_advisory_lock($1::bigint) as locked', [
      advisoryKey(`owner ${owner}`),
    ])
    if (rows[0].locked === true) return
    if (attempt === 100) throw new Error('Two processes use one owner name; it must be unique.')
    await sleep(50)
  }
}
