import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openStore } from '../../src/store/open.ts'
import { openSqlite } from '../../src/store/sqlite/engine.ts'
import { storeFailure } from '../../src/store/sqlite/failure.ts'
import { loadLibrary } from '../../src/store/sqlite/library.ts'
import { claimFor, message } from './conformance/words.ts'
import { startNeighbour } from './neighbour.ts'
import { k1 } from './place.ts'
import { sqlitePlace } from './sqlitePlace.ts'

let place: Awaited<ReturnType<typeof sqlitePlace>>
beforeEach(async () => {
  place = await sqlitePlace()
})
afterEach(() => place.remove())

describe('a disk that fails', () => {
  test('F36: on a full disk nothing is acknowledged that is not kept, and work goes on when space returns', async () => {
    await (await place.open()).close()
    // Blocks of 512 bytes: no file of this process grows beyond 400 kB.
    const poor = await startNeighbour(place.env, 'ulimit -f 800;')
    for (let i = 0; i < 12; i++) poor.ask({ do: 'accept', count: 100, prefix: 'x'.repeat(1000) })
    expect(await poor.hear('failed')).toBe('STORE_UNAVAILABLE')
    await poor.kill()

    const store = await place.open()
    const kept = new Set((await store.entries.list({})).map(({ id }) => id))
    const acknowledged = poor.news.flatMap(({ accepted }) => accepted ?? [])
    expect(acknowledged.filter((id) => !kept.has(id))).toEqual([])
    await store.entries.accept(message())
    await store.close()
  })

  test.each([
    [13, 'STORE_UNAVAILABLE', 'The disk of the store is full.'],
    [8, 'STORE_UNAVAILABLE', 'The store cannot be written: it is read-only.'],
    [10 | (3 << 8), 'STORE_UNAVAILABLE', 'The disk of the store fails.'],
    [5, 'STORE_UNAVAILABLE', 'The store is locked by another process.'],
    [11, 'STORE_DAMAGED', 'The store is damaged.'],
  ])('SQLite error %i is said in words', (errcode, code, says) => {
    const error = Object.assign(new Error('as SQLite says it'), { code: 'ERR_SQLITE_ERROR', errcode })

    expect(storeFailure(error)).toMatchObject({ code, message: says })
  })

  test('a full disk is recognised where the SQLite package leaves out the number', async () => {
    const { DatabaseSync } = await loadLibrary()
    const database = new DatabaseSync(join(place.dataDir, 'small.db'))
    database.exec('create table t (b blob); pragma max_page_count = 3')
    let thrown: unknown
    try {
      database.prepare('insert into t values (zeroblob(100000)) returning 1').all()
    } catch (error) {
      thrown = error
    }
    database.close()

    expect(storeFailure(thrown)).toMatchObject({ message: 'The disk of the store is full.' })
  })

  test('a mistake of ours is no failure of the store', () => {
    const error = Object.assign(new Error('no such table: x'), { code: 'ERR_SQLITE_ERROR', errcode: 1 })

    expect(storeFailure(error)).toBeUndefined()
    expect(storeFailure(new Error('database is locked'))).toBeUndefined()
  })

  test('a folder that cannot be one is refused in words', async () => {
    await writeFile(join(place.dataDir, 'file'), '')

    await expect(openStore({ dataDir: join(place.dataDir, 'file', 'data'), dataKeys: [k1] })).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
      message: 'The store cannot be opened (ENOTDIR).',
    })
  })
})

describe('37: a damaged store', () => {
  test('with a page of noise in the middle is refused', async () => {
    const store = await place.open()
    for (let i = 0; i < 50; i++) await store.entries.accept(message({ payload: 'x'.repeat(3000) }))
    await store.close()
    const path = join(place.dataDir, 'exchange.db')
    const content = await readFile(path)
    content.fill(0xa5, 5 * 4096, 30 * 4096)
    await writeFile(path, content)

    await expect(place.open()).rejects.toMatchObject({ code: 'STORE_DAMAGED', retry: 'never' })
  })

  test('that is no database at all is refused', async () => {
    await writeFile(join(place.dataDir, 'exchange.db'), 'x'.repeat(8192))

    await expect(place.open()).rejects.toMatchObject({
      code: 'STORE_DAMAGED',
      message: 'The store is no SQLite database.',
    })
  })

  test('F37: whose journal was torn in mid-write opens with what was acknowledged before', async () => {
    const child = await startNeighbour(place.env)
    child.ask({ do: 'accept', count: 1, prefix: 'kept' })
    const id = await child.hear('accepted')
    await child.kill()
    const journal = join(place.dataDir, 'exchange.db-wal')
    await writeFile(journal, Buffer.concat([await readFile(journal), Buffer.alloc(2000, 7)]))

    const store = await place.open()
    expect((await claimFor(store, new Date()))?.id).toBe(id)
    await store.close()
  })

  test('F37: locks that dead processes left behind are swept away', async () => {
    await mkdir(join(place.dataDir, 'owners'))
    await writeFile(join(place.dataDir, 'owners', `${'a'.repeat(32)}.lock`), '')
    const store = await place.open()
    await claimFor(store)

    const files = await readdir(join(place.dataDir, 'owners'))
    expect(files).toHaveLength(1)
    expect(files).not.toContain(`${'a'.repeat(32)}.lock`)
    await store.close()
    expect(await readdir(join(place.dataDir, 'owners'))).toEqual([])
  })
})

describe('the files', () => {
  test('are synced by every COMMIT, before anybody is told that it happened', async () => {
    await (await place.open()).close()
    const engine = await openSqlite(place.dataDir)
    const { rows } = await engine.write((db) =>
      sql`select synchronous, journal_mode from pragma_synchronous, pragma_journal_mode`.execute(db),
    )

    expect(rows).toEqual([{ synchronous: 2, journal_mode: 'wal' }])
    await engine.close()
  })

  test('are for the account of the exchange alone', async () => {
    const store = await openStore({ dataDir: join(place.dataDir, 'new', 'data'), dataKeys: [k1] })
    await claimFor(store)
    const mode = async (...path: string[]) =>
      ((await stat(join(place.dataDir, 'new', ...path))).mode & 0o777).toString(8)

    expect(await mode('data')).toBe('700')
    expect(await mode('data', 'exchange.db')).toBe('600')
    expect(await mode('data', 'exchange.db-wal')).toBe('600')
    await store.close()
  })

  test('have an empty journal after the store was closed', async () => {
    const store = await place.open()
    await store.entries.accept(message())
    await store.close()

    const journal = await stat(join(place.dataDir, 'exchange.db-wal')).catch(() => undefined)
    expect(journal?.size ?? 0).toBe(0)
  })

  test('are opened within 150 ms', async () => {
    await (await place.open()).close()
    const times = []
    for (let i = 0; i < 5; i++) {
      const from = performance.now()
      const store = await place.open()
      times.push(performance.now() - from)
      await store.close()
    }

    expect(Math.min(...times)).toBeLessThan(150)
  })
})

describe('writes that are committed together', () => {
  test('are undone alone when one of them throws', async () => {
    await (await place.open()).close()
    const engine = await openSqlite(place.dataDir)
    const write = (name: string, fails = false) =>
      engine.write(async (db) => {
        await db.insertInto('cursors').values({ name, value: name, updated_at: '' }).execute()
        if (fails) throw new Error('a mistake')
      })

    const results = await Promise.allSettled([write('a'), write('b', true), write('c'), write('a')])

    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'rejected'])
    const rows = await engine.read((db) => db.selectFrom('cursors').select('name').orderBy('name').execute())
    expect(rows.map(({ name }) => name)).toEqual(['a', 'c'])
    await engine.close()
  })

  test('wait for the transaction of another process without stopping this one', async () => {
    await (await place.open()).close()
    const store = await place.open()
    const { DatabaseSync } = await loadLibrary()
    const other = new DatabaseSync(join(place.dataDir, 'exchange.db'))
    other.exec('begin immediate')
    let turns = 0
    const clock = setInterval(() => turns++, 5)

    const accepting = store.entries.accept(message())
    await new Promise((resolve) => setTimeout(resolve, 300))
    other.exec('commit')
    other.close()
    await accepting
    clearInterval(clock)

    expect(turns).toBeGreaterThan(5)
    await store.close()
  })

  test('fail when the store is closed', async () => {
    const store = await place.open()
    await store.close()

    await expect(store.entries.accept(message())).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
    await expect(store.entries.list({})).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
  })
})
