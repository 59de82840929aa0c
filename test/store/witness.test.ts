import { appendFile, chmod, mkdtemp, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { openStore } from '../../src/store/open.ts'
import type { Store } from '../../src/store/types.ts'
import { openWitness } from '../../src/store/witness.ts'
import { k1, start } from './place.ts'

test('K4: what is begun is in the witness, line by line, before it happens; the file is for its owner alone', async () => {
  const { store, path, begin } = await place()
  const witness = await openWitness({ store, path, now })

  await begin('x/1')
  await witness.keep()
  await begin('x/2')
  await witness.keep()
  await witness.keep()

  const lines = (await readFile(path, 'utf8')).trimEnd().split('\n')
  expect(lines.map((line) => line.replace(/ [0-9a-f]{64} /, ' … '))).toEqual([
    `1 … ${start.toISOString()} case-1 x/1`,
    `2 … ${start.toISOString()} case-1 x/2`,
  ])
  expect((await stat(path)).mode & 0o777).toBe(0o600)
  expect(await witness.unsettled()).toEqual([])
})

test('K4: a store from before its witness gets back what it had forgotten as in doubt, until a person has settled it', async () => {
  const { store, path, begin, older } = await place()
  await (await openWitness({ store, path, now })).keep()
  await begin('x/1')
  const before = await older()
  await begin('x/2')
  await begin('x/3')
  await (await openWitness({ store, path, now })).keep()

  const witness = await openWitness({ store: before, path, now })

  expect(await witness.unsettled()).toEqual(['x/2', 'x/3'])
  expect(await before.ledger.find('x/2')).toMatchObject({ state: 'in_doubt', detail: 'case-1' })
  expect((await before.activity.list({ level: 'alert' })).map(({ what, record }) => [what, record])).toEqual([
    ['STORE_RESTORED', 'x/3'],
    ['STORE_RESTORED', 'x/2'],
  ])
  await before.ledger.settle('x/2', true, start)
  expect(await witness.unsettled()).toEqual(['x/3'])
  await before.ledger.settle('x/3', false, start)
  await witness.keep()
  expect(await witness.unsettled()).toEqual([])
  expect(await before.ledger.find('x/2')).toMatchObject({ state: 'done' })
})

test('K4: what the older store believes it did not reach is in doubt too, when it was begun again since', async () => {
  const { store, path, begin, older } = await place()
  await begin('x/1')
  await store.ledger.write({ ...row('x/1'), state: 'not_reached' })
  await (await openWitness({ store, path, now })).keep()
  const before = await older()
  await begin('x/1')
  await (await openWitness({ store, path, now })).keep()

  const witness = await openWitness({ store: before, path, now })

  expect(await witness.unsettled()).toEqual(['x/1'])
})

test('what an older store has as done stays done, and looking twice, or from two processes, finds nothing more', async () => {
  const { store, path, begin, older } = await place()
  const before = await older()
  await begin('x/1')
  await (await openWitness({ store, path, now })).keep()
  await before.ledger.write({ ...row('x/1'), state: 'done' })

  const [one, two] = await Promise.all([
    openWitness({ store: before, path, now }),
    openWitness({ store: before, path, now }),
  ])
  await Promise.all([one.keep(), two.keep()])

  expect(await one.unsettled()).toEqual([])
  expect(await before.sent.since(0)).toHaveLength((await readFile(path, 'utf8')).trimEnd().split('\n').length)
})

test('an older store that went its own way meanwhile keeps both', async () => {
  const { store, path, begin, older, beginIn } = await place()
  await begin('x/1')
  await (await openWitness({ store, path, now })).keep()
  const before = await older()
  await begin('x/2')
  await (await openWitness({ store, path, now })).keep()
  await beginIn(before, 'x/3')
  await before.ledger.write({ ...row('x/3'), state: 'done' })

  const witness = await openWitness({ store: before, path, now })

  expect(await witness.unsettled()).toEqual(['x/2'])
  expect((await readFile(path, 'utf8')).trimEnd().split('\n')).toHaveLength(3)
  expect((await before.sent.since(0)).map(({ key }) => key)).toEqual(['x/1', 'x/3', 'x/2'])
})

test('two machines on one store each have a whole witness', async () => {
  const { store, path, begin } = await place()
  const other = `${path}-2`
  const here = await openWitness({ store, path, now })
  const there = await openWitness({ store, path: other, now })

  await begin('x/1')
  await here.keep()
  await begin('x/2')
  await there.keep()
  await here.keep()

  expect(await readFile(other, 'utf8')).toBe(await readFile(path, 'utf8'))
})

test('a line that was cut off by a crash is written again, and rubbish is no line', async () => {
  const { store, path, begin } = await place()
  const witness = await openWitness({ store, path, now })
  for (const key of ['x/1', 'x/2']) await begin(key)
  await witness.keep()
  const whole = await readFile(path, 'utf8')

  await truncate(path, whole.length - 10)
  await appendFile(path, '')
  await witness.keep()
  expect((await readFile(path, 'utf8')).endsWith(whole.split('\n').slice(-2).join('\n'))).toBe(true)
  await writeFile(path, 'no witness at all\n')
  await witness.keep()
  expect(await readFile(path, 'utf8')).toBe(`no witness at all\n${whole}`)
  expect(await witness.unsettled()).toEqual([])
})

test('of a long witness the end is read, and all of it when the store has forgotten something', async () => {
  const { store, path, begin, older } = await place()
  const witness = await openWitness({ store, path, now })
  for (let n = 1; n <= 40; n++) await begin(`x/${n}`)
  await witness.keep()
  const before = await older()
  for (let n = 41; n <= 80; n++) await begin(`x/${n}`)
  await witness.keep()
  expect((await stat(path)).size).toBeGreaterThan(2 * 4096)

  const restored = await openWitness({ store: before, path, now })

  expect(await restored.unsettled()).toHaveLength(40)
  expect((await readFile(path, 'utf8')).trimEnd().split('\n')).toHaveLength(80)
})

test('a witness that cannot be read or written is named before anything runs', async () => {
  const { store, folder } = await place()
  const path = join(folder, 'nowhere', 'witness')

  await expect(openWitness({ store, path, now })).rejects.toMatchObject({
    code: 'CONFIGURATION',
    message: `the witness ${path} cannot be read or written: ENOENT.`,
  })
  await expect(openWitness({ store, path: folder, now })).rejects.toMatchObject({ code: 'CONFIGURATION' })
})

const now = () => start
const row = (key: string) => ({ key, fingerprint: null, detail: 'case-1', updated_at: start.toISOString() })

/** A store, and how to have one of it as it is now, as from a backup. */
async function place() {
  const folder = await mkdtemp(join(tmpdir(), 'witness-'))
  const stores: Store[] = []
  const open = async (dataDir: string) => {
    const store = await openStore({ dataDir, dataKeys: [k1], now })
    stores.push(store)
    return store
  }
  onTestFinished(async () => {
    for (const store of stores) await store.close()
    await chmod(folder, 0o700)
    await rm(folder, { recursive: true })
  })
  const store = await open(join(folder, 'data'))
  const beginIn = async (where: Store, key: string) => {
    const { id } = await where.entries.accept({ workflow: 'w', kind: 'manual', locks: [], now: start })
    const claim = await where.entries.claim({ owner: where.owner, now: start, leaseMs: 60_000, id })
    if (claim === undefined) throw new Error('There was nothing to claim.')
    await where.ledger.begin(claim, { ...row(key), state: 'intent' }, { witnessed: true })
  }
  return {
    folder,
    store,
    path: join(folder, 'data.witness'),
    begin: (key: string) => beginIn(store, key),
    beginIn,
    /** The same list of what was begun, in a store of its own. */
    async older() {
      const copy = await open(join(folder, `older-${stores.length}`))
      for (const { key } of await store.sent.since(0)) {
        await beginIn(copy, key)
        const known = await store.ledger.find(key)
        if (known !== undefined) await copy.ledger.write(known)
      }
      return copy
    },
  }
}
