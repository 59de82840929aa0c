import { execFileSync } from 'node:child_process'
import { rm } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { openStore } from '../../src/store/open.ts'
import { claimed, done, end, message, waitsUntil } from './conformance/words.ts'
import { k1, k2, start } from './place.ts'
import { sqlitePlace } from './sqlitePlace.ts'

/**
 * Files that hold one of the byte strings. Another process reads them: if this one did, it would lose its locks.
 */
function filesWith(folder: string, needles: readonly Uint8Array[]): string[] {
  const script = `
    const { readFileSync, readdirSync } = require('node:fs')
    const [folder, ...needles] = process.argv.slice(1)
    const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((file) => file.isFile())
    const found = files.filter((file) => {
      const content = readFileSync((file.parentPath ?? file.path) + '/' + file.name)
      return needles.some((needle) => content.includes(Buffer.from(needle, 'hex')))
    })
    console.log(JSON.stringify(found.map((file) => file.name)))`
  const hex = needles.map((needle) => Buffer.from(needle).toString('hex'))
  return JSON.parse(execFileSync(process.execPath, ['-e', script, folder, ...hex], { encoding: 'utf8' }))
}

function bytes(value: unknown): Uint8Array {
  if (!(value instanceof Uint8Array)) throw new Error('These are no bytes.')
  return value
}

test('after an entry is done its payload, plain or encrypted, and its keys are nowhere under the folder', async () => {
  const place = await sqlitePlace()
  const store = await place.open()
  const name = 'Invented Canary Abebech'
  await store.entries.accept(message({ payload: JSON.stringify({ name, notes: 'x'.repeat(100_000) }) }))
  const [row] = await place.rows('select p.*, k.wrapped from payloads p join keys k on k.id = p.day_key')
  const sealed = bytes(row?.sealed)
  // The first, a middle and the last piece: a large text is spread over pages, each of which must be gone.
  const secrets = [sealed.slice(0, 24), sealed.slice(50_000, 50_024), sealed.slice(-24)]
  const keys = [bytes(row?.wrapped_key), bytes(row?.wrapped)]
  for (const needle of [...secrets, ...keys]) expect(filesWith(place.dataDir, [needle])).not.toEqual([])
  expect(filesWith(place.dataDir, [Buffer.from(name)])).toEqual([])

  await store.entries.settle(await claimed(store), end(done, { a: 'delivered' }))
  await store.tidy()

  expect(filesWith(place.dataDir, [...secrets, ...keys, Buffer.from(name)])).toEqual([])
  await store.close()
  await place.remove()
})

test('an entry that waits leaves nothing of its earlier payload', async () => {
  const place = await sqlitePlace()
  const store = await place.open()
  await store.entries.accept(message())
  const [row] = await place.rows('select * from payloads')
  const earlier = [bytes(row?.sealed), bytes(row?.wrapped_key)]

  await store.entries.settle(await claimed(store), end(waitsUntil(start, '{"open":1}')))
  await store.tidy()

  expect(filesWith(place.dataDir, earlier)).toEqual([])
  await store.close()
  await place.remove()
})

test('a payload that a copy brings back into the later store opens nowhere: its key of the day is gone', async () => {
  const place = await sqlitePlace()
  const store = await place.open()
  const { id } = await store.entries.accept(message())
  const [payload] = await place.rows('select * from payloads')
  await store.entries.settle(await claimed(store), end(done, { a: 'delivered' }))

  const [sealed, key] = [payload?.sealed, payload?.wrapped_key].map((value) =>
    Buffer.from(bytes(value)).toString('hex'),
  )
  await place.rowsUnchecked(
    `insert into payloads values ('${id}', '${payload?.day_key}', x'${key}', x'${sealed}');
     update entries set state = 'waiting', due_at = received_at`,
  )
  const next = await store.entries.accept(message({ payload: '{"next":1}' }))

  expect((await claimed(store)).id).toBe(next.id)
  expect(await store.entries.get(id)).toMatchObject({ state: 'stuck', code: 'STORE_DAMAGED' })
  await store.close()
  await place.remove()
})

test('a copy of the whole folder opens with the data keys of its time, and not with those after a rotation', async () => {
  const place = await sqlitePlace()
  const store = await place.open()
  await store.entries.accept(message())
  // By another process, as a backup is made: here it would cost this one its locks.
  const copy = `${place.dataDir}-copy`
  execFileSync('cp', ['-r', place.dataDir, copy])
  await store.entries.settle(await claimed(store), end(done, { a: 'delivered' }))
  await store.dataKeys.replace([k2, k1], start)
  await store.dataKeys.replace([k2], start)
  await store.close()

  await expect(openStore({ dataDir: copy, dataKeys: [k2] })).rejects.toMatchObject({ code: 'DATA_KEY_MISSING' })
  const old = await openStore({ dataDir: copy, dataKeys: [k1] })
  expect((await claimed(old)).payload).toBe('{"child":"invented"}')
  await old.close()
  await Promise.all([place.remove(), rm(copy, { recursive: true })])
})
