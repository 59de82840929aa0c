import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { claimed, done, end, message, waitsUntil } from './conformance/words.ts'
import { start } from './place.ts'
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
