import { closeSync, mkdirSync, openSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Kysely, sql } from 'kysely'
import { ExchangeError } from '../../errors/ExchangeError.ts'
import type { Engine } from '../engine.ts'
import type { Db, Tables } from '../tables.ts'
import { sqliteDialect } from './dialect.ts'
import { damaged, isBusy, storeFailure } from './failure.ts'
import { type Database, loadLibrary } from './library.ts'
import { createOwners } from './owners.ts'
import { createWriter } from './writer.ts'

/** Checked at every open up to this size (some 10 ms); a larger file is checked where it is read. */
const checkedBytes = 8 * 1024 * 1024

/**
 * SQLite in one file, `exchange.db` under `dataDir`: one connection writes, another reads committed rows, so reading
 * never waits for writing. Several processes may open it, on one machine and a local disk.
 *
 * Nobody may open and close these files by other means in this process: POSIX drops a process's locks on a file as
 * soon as it closes any handle to it.
 */
export async function openSqlite(dataDir: string): Promise<Engine> {
  const { DatabaseSync } = await loadLibrary()
  const path = join(dataDir, 'exchange.db')
  const opened: Database[] = []
  // @photostructure/sqlite lets go of the files when its statements are collected, or with the process.
  const closeAll = (): void => {
    for (const database of opened.splice(0)) database.close()
  }
  const connect = async (busyTimeoutMs: number) => {
    const database = new DatabaseSync(path)
    opened.push(database)
    await configure(database, busyTimeoutMs)
    return { database, db: new Kysely<Tables>({ dialect: sqliteDialect(database) }) }
  }

  try {
    createPrivately(dataDir, path)
    const writing = await connect(10)
    await refuseDamaged(writing.db, path)
    const reading = await connect(50)

    const writer = createWriter(writing.database, writing.db)
    const tidy = () => truncateJournal(reading.database, `${path}-wal`)
    const owners = createOwners(join(dataDir, 'owners'), DatabaseSync, writer)
    return {
      kind: 'sqlite',
      owners,
      version: () => read(reading.db, schemaVersion),
      read: (work) => read(reading.db, work),
      write: writer.write,
      // BEGIN IMMEDIATE lets one transaction in at a time, in all processes.
      serialize: async () => {},
      reserve: async () => true,
      tidy,
      close: async () => {
        if (opened.length === 0) return
        await writer.idle()
        await tidy()
        owners.release()
        closeAll()
      },
    }
  } catch (error) {
    closeAll()
    throw failureOfOpening(error) ?? error
  }
}

/** Only the account of the exchange may look at the files; SQLite gives its journals the mode of the database. */
function createPrivately(dataDir: string, path: string): void {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  closeSync(openSync(path, 'a', 0o600))
}

/**
 * @param busyTimeoutMs  how long SQLite itself waits for a lock, with the event loop stopped; longer waits are ours
 */
async function configure(database: Database, busyTimeoutMs: number): Promise<void> {
  database.exec(`pragma busy_timeout = ${busyTimeoutMs}`)
  await patiently(async () => database.exec('pragma journal_mode = wal'))
  database.exec('pragma synchronous = full; pragma secure_delete = on; pragma foreign_keys = on')
  // A spilled sort would be a file outside DATA_DIR.
  database.exec('pragma temp_store = memory')
}

async function refuseDamaged(db: Db, path: string): Promise<void> {
  if (statSync(path).size > checkedBytes) return
  const { rows } = await sql<{ quick_check: string }>`pragma quick_check(1)`.execute(db)
  if (rows[0]?.quick_check !== 'ok') throw damaged('The store is damaged.')
}

async function schemaVersion(db: Db): Promise<number> {
  const { rows } = await sql<{ n: number }>`select count(*) as n from sqlite_master where name = 'meta'`.execute(db)
  if (rows[0]?.n === 0) return 0
  const row = await db.selectFrom('meta').select('value').where('key', '=', 'version').executeTakeFirst()
  return Number(row?.value ?? 0)
}

async function read<T>(db: Db, work: (db: Db) => Promise<T>): Promise<T> {
  try {
    return await patiently(() => work(db))
  } catch (error) {
    throw storeFailure(error) ?? error
  }
}

/** Reading waits for another process only while that one recovers the journal after a crash or gives it up. */
async function patiently<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work()
    } catch (error) {
      if (!isBusy(error) || attempt === 100) throw error
    }
    await sleep(20 + 60 * Math.random())
  }
}

/**
 * Moves the journal into the database and cuts it to nothing: it holds older copies of pages, erased payloads too.
 * Another process that is reading or writing just now keeps it from doing so; it tries for a second, and the next call
 * goes on.
 */
async function truncateJournal(database: Database, journal: string): Promise<void> {
  for (let attempt = 1; attempt <= 20 && sizeOf(journal) > 0; attempt++) {
    try {
      database.exec('pragma wal_checkpoint(truncate)')
    } catch (error) {
      if (!isBusy(error)) throw storeFailure(error) ?? error
    }
    if (sizeOf(journal) > 0) await sleep(50)
  }
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0
}

function failureOfOpening(error: unknown): ExchangeError | undefined {
  if (error instanceof Error && 'syscall' in error && 'code' in error) {
    return new ExchangeError(`The store cannot be opened (${String(error.code)}).`, {
      code: 'STORE_UNAVAILABLE',
      retry: 'later',
      hint: 'DATA_DIR must be a folder that this account may write, on a disk with free space.',
      cause: error,
    })
  }
  return storeFailure(error)
}
