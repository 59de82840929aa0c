import { setTimeout as sleep } from 'node:timers/promises'
import type { Db } from '../tables.ts'
import { isBusy, storeFailure } from './failure.ts'
import type { Database } from './library.ts'

/** Waiting for another process's transaction; then the caller is told to come again. */
const longestWaitMs = 10_000
/** A group keeps the event loop busy until its COMMIT, so it is bounded. */
const mostInGroup = 64

interface Job {
  /** Does the work and gives what resolves the caller after COMMIT. */
  readonly run: () => Promise<() => void>
  readonly reject: (error: unknown) => void
}

export interface Writer {
  write<T>(work: (db: Db) => Promise<T>): Promise<T>
  /** Resolves when nothing is queued or under way; later writes are the caller's mistake. */
  idle(): Promise<void>
}

/**
 * Group commit: what is asked for in one turn of the event loop shares a transaction and its fsync, and each caller is
 * answered after COMMIT. A piece of work that throws is undone alone (SAVEPOINT); when the disk fails, all of the group
 * fail, since SQLite may have undone all of it.
 *
 * BEGIN IMMEDIATE waits for other processes without holding up this one's event loop. From there to COMMIT the group
 * awaits microtasks only, so a process holds the write lock for milliseconds.
 */
export function createWriter(database: Database, db: Db): Writer {
  const queue: Job[] = []
  let working: Promise<void> | undefined

  const drain = async (): Promise<void> => {
    while (queue.length > 0) {
      // Once round the event loop, so that what arrived meanwhile, during the last COMMIT above all, is written together.
      await new Promise((resolve) => setImmediate(resolve))
      await commit(database, queue.splice(0, mostInGroup))
    }
    working = undefined
  }

  return {
    write: (work) =>
      new Promise((resolve, reject) => {
        const run = async () => {
          const value = await work(db)
          return () => resolve(value)
        }
        queue.push({ run, reject })
        working ??= drain()
      }),
    idle: async () => {
      await working
    },
  }
}

async function commit(database: Database, group: readonly Job[]): Promise<void> {
  const open: Job[] = [...group]
  try {
    await begin(database)
    const answers = []
    for (const job of group) {
      const answer = await inSavepoint(database, job)
      if (answer === undefined) open.splice(open.indexOf(job), 1)
      else answers.push(answer)
    }
    database.exec('commit')
    for (const answer of answers) answer()
  } catch (error) {
    undo(database)
    const reason = storeFailure(error) ?? error
    for (const job of open) job.reject(reason)
  }
}

/** Undefined: the work threw, was undone, and its caller knows. */
async function inSavepoint(database: Database, job: Job): Promise<(() => void) | undefined> {
  database.exec('savepoint work')
  try {
    const answer = await job.run()
    database.exec('release work')
    return answer
  } catch (error) {
    if (storeFailure(error) !== undefined) throw error
    database.exec('rollback to work; release work')
    job.reject(error)
    return undefined
  }
}

/** Waits for the write lock by trying again, since SQLite's own waiting would stop the event loop. */
async function begin(database: Database): Promise<void> {
  const until = performance.now() + longestWaitMs
  for (let waitMs = 1; ; waitMs = Math.min(waitMs * 2, 20)) {
    try {
      database.exec('begin immediate')
      return
    } catch (error) {
      if (!isBusy(error) || performance.now() > until) throw error
    }
    await sleep(waitMs * (0.5 + Math.random()))
  }
}

function undo(database: Database): void {
  try {
    database.exec('rollback')
  } catch {
    // Nothing to undo: BEGIN failed, or SQLite rolled back by itself.
  }
}
