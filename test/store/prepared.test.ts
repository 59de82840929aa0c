import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Engine } from '../../src/store/engine.ts'
import { migrate } from '../../src/store/migrations.ts'
import { prepared } from '../../src/store/prepared.ts'
import { openSqlite } from '../../src/store/sqlite/engine.ts'
import type { Tables } from '../../src/store/tables.ts'

let folder: string
let engine: Engine
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'exchange-prepared-'))
  engine = await openSqlite(folder)
  await migrate(engine)
})
afterEach(async () => {
  await engine.close()
  await rm(folder, { recursive: true })
})

const putCursor = prepared((db, { name, value, updated_at }: Tables['cursors']) =>
  db
    .insertInto('cursors')
    .values({ name, value, updated_at })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ value })),
)
const readCursor = prepared((db, { name }: { name: string }) =>
  db.selectFrom('cursors').selectAll().where('name', '=', name),
)
const updated_at = '2026-05-04T08:00:00.000Z'

test('a query that was prepared once runs with the values of each call', async () => {
  await engine.write(async (db) => {
    await Promise.all([
      putCursor(db, { name: 'a', value: '1', updated_at }),
      putCursor(db, { name: 'b', value: '2', updated_at }),
    ])
    await putCursor(db, { name: 'a', value: '3', updated_at })
  })

  const found = await engine.read((db) => Promise.all(['a', 'b', 'c'].map((name) => readCursor(db, { name }))))

  expect(found.map(({ rows }) => rows)).toEqual([
    [{ name: 'a', value: '3', updated_at }],
    [{ name: 'b', value: '2', updated_at }],
    [],
  ])
})

test('values are values: none of them becomes part of the statement', async () => {
  const name = `a' or name <> '`
  await engine.write((db) => putCursor(db, { name, value: '? "$1', updated_at }))

  const { rows } = await engine.read((db) => readCursor(db, { name }))

  expect(rows).toEqual([{ name, value: '? "$1', updated_at }])
})
