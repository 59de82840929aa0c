import { chmod, readdir, readFile, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openStore } from '../../src/store/open.ts'
import { claimFor, message } from '../store/conformance/words.ts'
import { dataKey, k1, k2, start } from '../store/place.ts'
import { sqlitePlace } from '../store/sqlitePlace.ts'

let place: Awaited<ReturnType<typeof sqlitePlace>>
beforeEach(async () => {
  place = await sqlitePlace()
})
afterEach(() => place.remove())

const canary = 'Cnryngiven'
const path = () => join(place.dataDir, 'exchange.db')

/** A store with fifty messages, closed. */
async function fill(): Promise<void> {
  const store = await place.open()
  for (let n = 0; n < 50; n++) await store.entries.accept(message({ payload: `${canary} ${'x'.repeat(3000)}` }))
  await store.close()
}

/** Name and content of every file of the store. */
async function files(): Promise<Readonly<Record<string, string>>> {
  const names = (await readdir(place.dataDir)).filter((name) => name.startsWith('exchange.db')).toSorted()
  const contents = await Promise.all(names.map((name) => readFile(join(place.dataDir, name), 'base64')))
  return Object.fromEntries(names.map((name, n) => [name, contents[n] ?? '']))
}

/** Root may write everywhere, so it becomes nobody for a while. */
async function asNobody<T>(work: () => Promise<T>): Promise<T> {
  const isRoot = process.geteuid?.() === 0
  if (isRoot) process.seteuid?.(65_534)
  try {
    return await work()
  } finally {
    if (isRoot) process.seteuid?.(0)
  }
}

test.each([
  ['new', async () => {}],
  ['in use before', fill],
])('F36: a data folder that is read-only, %s: it is said in words, with what to do', async (_, before) => {
  await before()
  for (const name of await readdir(place.dataDir)) await chmod(join(place.dataDir, name), 0o555)
  await chmod(place.dataDir, 0o555)

  const error = await asNobody(() => place.open().catch((thrown: unknown) => thrown))
  await chmod(place.dataDir, 0o755)
  for (const name of await readdir(place.dataDir)) await chmod(join(place.dataDir, name), 0o755)
  const store = await place.open()
  await store.entries.accept(message())
  await store.close()

  expect(error).toMatchObject({ code: 'STORE_UNAVAILABLE', retry: 'later', hint: expect.stringContaining('DATA_DIR') })
})

describe('F37: a damaged store is refused with what to do, and left as it is', () => {
  const damages: readonly (readonly [string, () => Promise<void>])[] = [
    ['noise in the middle', () => overwrite((content) => content.fill(0xa5, 5 * 4096, 30 * 4096))],
    ['a first page that is not SQLite', () => overwrite((content) => content.fill(0, 0, 100))],
    ['the second half missing', async () => truncate(path(), 60_000)],
  ]
  test.each(damages)('F37: %s', async (_, damage) => {
    await fill()
    await damage()
    const before = (await files())['exchange.db']

    const error = await place.open().catch((thrown: unknown) => thrown)

    expect(error).toMatchObject({
      code: 'STORE_DAMAGED',
      retry: 'never',
      hint: expect.stringContaining('restore DATA_DIR'),
    })
    expect(`${error}`).not.toContain(canary)
    expect((await files())['exchange.db']).toBe(before)
  })

  test('F37: the database of another exchange under this one: the key is missed, and nothing is written', async () => {
    await fill()
    const before = await files()

    const error = await openStore({ dataDir: place.dataDir, dataKeys: [dataKey('k1', 9)] }).catch(
      (thrown: unknown) => thrown,
    )

    expect(error).toMatchObject({ code: 'DATA_KEY_MISSING', retry: 'never' })
    expect((await files())['exchange.db']).toBe(before['exchange.db'])
  })

  async function overwrite(change: (content: Buffer) => void): Promise<void> {
    const content = await readFile(path())
    change(content)
    await writeFile(path(), content)
  }
})

test('F39: a new data key while messages come in: all are read with it, and the old one is needed no more; taken away too early it is missed by name and count', async () => {
  const old = await place.open([k1])
  const accept = (n: number) => old.entries.accept(message({ payload: `{"n":${n}}` }))
  await accept(0)
  const missed = await place.open([k2]).catch((thrown: unknown) => thrown)
  const accepting = Array.from({ length: 40 }, (_, n) => accept(n + 1))
  await old.dataKeys.replace([k2, k1], start)
  await Promise.all(accepting)
  await accept(41)
  await old.close()

  const store = await place.open([k2])
  const payloads = new Set<string | undefined>()
  for (let n = 0; n <= 41; n++) payloads.add((await claimFor(store))?.payload)
  await store.close()

  expect(missed).toMatchObject({ code: 'DATA_KEY_MISSING', message: expect.stringContaining('"k1"') })
  expect(missed).toMatchObject({ message: expect.stringContaining('1 entry needs it') })
  expect(payloads.size).toBe(42)
  expect(payloads).not.toContain(undefined)
})
