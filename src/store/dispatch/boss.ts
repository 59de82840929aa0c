import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import PgBoss from 'pg-boss'
import type { Log } from '../../log/log.ts'
import { advisoryKey } from '../postgres/advisoryKey.ts'
import { connectionOptions, persistently } from '../postgres/engine.ts'

export interface Boss {
  readonly boss: PgBoss
  /** After it nothing is asked of the database any more. */
  stop(): Promise<void>
}

const longestStopMs = 2_000
const againMs = { first: 50, most: 5_000 }
/** How often pg-boss looks whether a schedule is due, in seconds: one process of all does each time. */
const lookSeconds = { schedules: 5, sending: 1 }
/** Rows are deleted when they are read; what is left over belonged to a process that died. */
const leftoversSeconds = 3_600

/**
 * pg-boss in a schema of its own beside the store's, `<schema of the store>_dispatch`, made where it is missing. It has
 * one connection. Of processes that start together each makes its queues alone: those of pg-boss would deadlock.
 *
 * A statement that fails is made again until the database answers. It must not fail in pg-boss's hands: pg-boss does not
 * await the completion of its own jobs, and an outage would end the process.
 *
 * @param prepare  makes queues and schedules
 * @throws CONFIGURATION, STORE_UNAVAILABLE as the store does; CONFIGURATION also where the account may not make schemas
 */
export async function startBoss(
  databaseUrl: string,
  log: Log,
  prepare: (boss: PgBoss) => Promise<void>,
): Promise<Boss> {
  const options = connectionOptions(databaseUrl)
  const pool = new pg.Pool({ ...options, max: 1 })
  pool.on('error', () => {})
  pool.on('connect', (client) => client.on('error', () => {}))
  let phase: 'starting' | 'running' | 'stopped' = 'starting'

  const executeSql = async (text: string, values: unknown[]): Promise<pg.QueryResult> => {
    if (phase === 'starting') return pool.query(text, values)
    for (let waitMs = againMs.first; phase === 'running'; waitMs = Math.min(waitMs * 2, againMs.most)) {
      try {
        return await pool.query(text, values)
      } catch (error) {
        if (phase === 'running' && waitMs > 1_000) log.warn('store failed', { error_name: nameOf(error) })
      }
      await sleep(waitMs)
    }
    return new Promise(() => {})
  }

  try {
    const boss = await persistently(() =>
      alone(options, async (storeSchema) => {
        const started = new PgBoss({
          schema: schemaBeside(storeSchema),
          db: { executeSql },
          cronMonitorIntervalSeconds: lookSeconds.schedules,
          cronWorkerIntervalSeconds: lookSeconds.sending,
          archiveCompletedAfterSeconds: leftoversSeconds,
          deleteAfterSeconds: leftoversSeconds,
        })
        started.on('error', (error) => log.warn('store failed', { error_name: nameOf(error) }))
        await started.start()
        await prepare(started)
        return started
      }),
    )
    phase = 'running'
    return {
      boss,
      async stop() {
        if (phase === 'stopped') return
        await Promise.race([boss.stop({ graceful: false }), sleep(longestStopMs, undefined, { ref: false })])
        phase = 'stopped'
        await pool.end()
      },
    }
  } catch (error) {
    await pool.end()
    throw error
  }
}

/** Does `work` while no other process on this store does it. The lock ends with its connection, however that ends. */
async function alone<T>(options: pg.ClientConfig, work: (schema: string) => Promise<T>): Promise<T> {
  const client = new pg.Client(options)
  client.on('error', () => {})
  await client.connect()
  try {
    const { rows } = await client.query('select current_schema() as schema')
    const schema = String(rows[0].schema)
    await client.query('begin')
    await client.query('select pg_advisory_xact_lock($1::bigint)', [advisoryKey(`dispatch ${schema}`)])
    return await work(schema)
  } finally {
    await client.end()
  }
}

/** pg-boss takes word characters only, and at most 50. */
function schemaBeside(schema: string): string {
  const name = `${schema}_dispatch`
  if (/^[a-z_]\w{0,49}$/.test(name)) return name
  return `dispatch_${createHash('sha256').update(schema).digest('hex').slice(0, 32)}`
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : 'unknown'
}
