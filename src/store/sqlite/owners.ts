import { createHash } from 'node:crypto'
import { closeSync, mkdirSync, openSync, readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Owners } from '../engine.ts'
import { isBusy } from './failure.ts'
import type { Database } from './library.ts'
import type { Writer } from './writer.ts'

/** Between two looks at the lock of an owner that was alive. */
const lookAgainMs = 250
/** No journal file: nothing is ever written. */
const beginExclusive = 'pragma journal_mode = memory; begin exclusive'

/**
 * One empty SQLite file an owner, held by an exclusive transaction: the kernel lets go of it when the process is gone.
 *
 * Files are made, tried and removed only inside a write transaction of the store, so nobody finds a file whose owner
 * has made it but not yet locked it.
 */
export function createOwners(
  folder: string,
  DatabaseSync: new (path: string) => Database,
  writer: Writer,
): Owners & { release(): void } {
  const held = new Map<string, Database>()
  const seenAlive = new Map<string, number>()

  const isFree = (path: string): boolean => {
    if (statSync(path, { throwIfNoEntry: false }) === undefined) return true
    const database = new DatabaseSync(path)
    try {
      database.exec(beginExclusive)
      rmSync(path)
      return true
    } catch {
      // Held, or not to be told: then the lease decides.
      return false
    } finally {
      database.close()
    }
  }

  const isDead = (owner: string): boolean => {
    const seenAt = seenAlive.get(owner) ?? -lookAgainMs
    if (held.has(owner) || performance.now() - seenAt < lookAgainMs) return false
    if (isFree(join(folder, fileName(owner)))) return true
    seenAlive.set(owner, performance.now())
    return false
  }

  return {
    hold: async (owner) => {
      if (held.has(owner)) return
      await writer.write(async () => {
        if (held.has(owner)) return
        mkdirSync(folder, { recursive: true, mode: 0o700 })
        for (const file of readdirSync(folder)) {
          if (![...held.keys()].some((name) => file === fileName(name))) isFree(join(folder, file))
        }
        held.set(owner, lock(DatabaseSync, join(folder, fileName(owner))))
      })
    },
    deadAmong: async (_, owners) => owners.filter(isDead),
    release: () => {
      for (const [owner, database] of held) {
        rmSync(join(folder, fileName(owner)), { force: true })
        database.close()
      }
      held.clear()
    },
  }
}

function lock(DatabaseSync: new (path: string) => Database, path: string): Database {
  closeSync(openSync(path, 'a', 0o600))
  const database = new DatabaseSync(path)
  try {
    database.exec(beginExclusive)
    return database
  } catch (error) {
    database.close()
    if (isBusy(error)) throw new Error('Two processes use one owner name; it must be unique.')
    throw error
  }
}

function fileName(owner: string): string {
  return `${createHash('sha256').update(owner).digest('hex').slice(0, 32)}.lock`
}
