import { setTimeout as sleep } from 'node:timers/promises'
import type PgBoss from 'pg-boss'
import { startBoss } from './boss.ts'
import type { Dispatcher, DispatchOptions } from './types.ts'

/** Between two looks for news from other processes. */
const listenEveryMs = 500
/** Ticks are news of the minute: they are looked for with every n-th look. */
const looksPerTickLook = 4
/** This process asks for due ticks by itself too: at its start for those that were missed, then this often. */
const askEveryMs = 5 * 60_000
const longestStopMs = 5_000

/** After an hour workers have long since found the entry by themselves. */
const news = { retryLimit: 0, expireInSeconds: 60, retentionMinutes: 60 }
const entriesQueue = 'entries'
const tickQueue = (workflow: string) => `tick ${workflow}`

/**
 * For processes that share a PostgreSQL: pg-boss carries the ids of entries from the process that accepted them to one
 * that has room, and asks one of all for a tick when a schedule is due.
 *
 * A process without room leaves the news to the others. pg-boss knows nothing of a tick in whose minute no process ran;
 * the next one to start asks for it.
 *
 * @throws as `startBoss`
 */
export async function startPgBossDispatcher(databaseUrl: string, options: DispatchOptions): Promise<Dispatcher> {
  const { wake, room, schedules, tick, log } = options
  const { boss, stop: stopBoss } = await startBoss(databaseUrl, log, (starting) => prepare(starting, schedules))
  const workflows = Object.keys(schedules)
  const stopping = new AbortController()
  const unsent = new Set<string>()
  let isSending = false

  const loops = [
    repeat(listenEveryMs, hearEntries),
    repeat(listenEveryMs * looksPerTickLook, hearTicks),
    repeat(askEveryMs, async () => {
      for (const workflow of workflows) await ask(workflow)
    }),
  ]

  return {
    announce,
    async stop() {
      stopping.abort()
      await Promise.race([Promise.all(loops), sleep(longestStopMs, undefined, { ref: false })])
      await stopBoss()
    },
  }

  function announce(entry?: string): void {
    wake()
    if (entry === undefined || stopping.signal.aborted) return
    unsent.add(entry)
    if (!isSending) void send()
  }

  /** What is announced while earlier news is being written goes together in one statement. */
  async function send(): Promise<void> {
    isSending = true
    try {
      while (unsent.size > 0) {
        const jobs = [...unsent].map((entry) => ({ name: entriesQueue, data: { entry } }))
        unsent.clear()
        await boss.insert(jobs)
      }
    } catch (error) {
      complain(error)
    } finally {
      isSending = false
    }
  }

  async function hearEntries(): Promise<void> {
    const free = room()
    if (free > 0 && (await heard(entriesQueue, free))) wake()
  }

  async function hearTicks(): Promise<void> {
    for (const workflow of workflows) {
      if (await heard(tickQueue(workflow), 10)) await ask(workflow)
    }
  }

  async function heard(queue: string, atMost: number): Promise<boolean> {
    const jobs = await boss.fetch(queue, { batchSize: atMost })
    if (jobs.length === 0) return false
    await boss.deleteJob(
      queue,
      jobs.map(({ id }) => id),
    )
    return true
  }

  async function ask(workflow: string): Promise<void> {
    const { entry } = await tick(workflow)
    if (entry !== undefined) announce(entry)
  }

  function complain(error: unknown): void {
    log.error('store failed', { error_name: error instanceof Error ? error.name : 'unknown' })
  }

  async function repeat(everyMs: number, work: () => Promise<void>): Promise<void> {
    while (!stopping.signal.aborted) {
      await work().catch(complain)
      await sleep(everyMs, undefined, { signal: stopping.signal }).catch(() => undefined)
    }
  }
}

/** Of several projects on one store, as during an upgrade, the one that started last sets the schedules. */
async function prepare(boss: PgBoss, schedules: DispatchOptions['schedules']): Promise<void> {
  await boss.createQueue(entriesQueue, { name: entriesQueue, ...news })
  const wanted = new Set(Object.keys(schedules).map(tickQueue))
  for (const { name } of await boss.getSchedules()) if (!wanted.has(name)) await boss.unschedule(name)
  for (const [workflow, pattern] of Object.entries(schedules)) {
    const queue = tickQueue(workflow)
    await boss.createQueue(queue, { name: queue, ...news })
    await boss.schedule(queue, pattern, undefined, { tz: 'UTC' })
  }
}
