import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest'
import { collections } from '../../src/adaptors/language-collections/operations.ts'
import { withCollections } from '../../src/adaptors/language-collections/place.ts'
import { collectionsIn } from '../../src/cli/collectionsIn.ts'
import type { Job } from '../../src/project/types.ts'
import { loadJob } from '../../src/run/job.ts'
import type { State } from '../../src/run/types.ts'
import { openStore } from '../../src/store/open.ts'
import type { Store } from '../../src/store/types.ts'
import { running } from '../run/running.ts'

const now = new Date('2026-11-22T08:00:00Z')
const folders: string[] = []
let store: Store

beforeEach(async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'collections-'))
  folders.push(dataDir)
  store = await openStore({ dataDir, dataKeys: [{ id: 'k', key: new Uint8Array(32).fill(1) }] })
})
afterEach(() => store.close())
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true })
})

const kept = <T>(work: () => Promise<T>) =>
  withCollections(
    collectionsIn(store, () => now),
    work,
  )
const perform = (operation: (state: State) => Promise<unknown>, state: State = {}) => kept(() => operation(state))

async function setAll(...keys: readonly string[]): Promise<void> {
  await store.collections.set(
    'one',
    keys.map((key) => ({ key, value: JSON.stringify({ is: key }) })),
    now,
  )
}

describe('operations of collections', () => {
  test('get gives the value of one key, and {} for a key that is not there', async () => {
    await setAll('a')

    expect(await perform(collections.get('one', 'a'), { n: 1 })).toEqual({ n: 1, data: { is: 'a' } })
    expect(
      await perform(
        collections.get('one', (state: State) => state.key),
        { key: 'b' },
      ),
    ).toMatchObject({ data: {} })
  })

  test('get gives a list for a pattern, with a cursor when the limit left some out', async () => {
    await setAll('a1', 'a2', 'b1', 'a3')

    const first = (await perform(collections.get('one', { key: 'a*', limit: 2 }))) as {
      data: { cursor?: string } & object[]
    }
    const rest = (await perform(collections.get('one', { key: 'a*', cursor: first.data.cursor }))) as {
      data: { cursor?: string } & object[]
    }

    expect([...first.data]).toEqual([
      { key: 'a1', value: { is: 'a1' } },
      { key: 'a2', value: { is: 'a2' } },
    ])
    expect([...rest.data]).toEqual([{ key: 'a3', value: { is: 'a3' } }])
    expect(rest.data.cursor).toBeUndefined()
  })

  test.each([
    [{ createdAfter: '202611' }, 1],
    [{ createdBefore: '2026-11-22T09:00:00Z' }, 1],
    [{ created_before: '20261101' }, 0],
    [{ updatedAfter: '2027' }, 0],
  ])('the query %j finds %i', async (query, count) => {
    await setAll('a')

    expect(await perform(collections.get('one', query))).toMatchObject({ data: { length: count } })
  })

  test('each calls with state, value and key in turn, over many pages', async () => {
    await setAll('a', 'b', 'c')
    const seen: unknown[] = []

    const end = await perform(
      collections.each('one', { key: '*', pageSize: 2 }, async (state, value, key) => {
        seen.push([key, value])
        state.count = Number(state.count ?? 0) + 1
      }),
    )

    expect(seen).toEqual([
      ['a', { is: 'a' }],
      ['b', { is: 'b' }],
      ['c', { is: 'c' }],
    ])
    expect(end).toEqual({ count: 3, data: { cursor: undefined } })
  })

  test('set takes a key or a function of each value, and leaves the state alone', async () => {
    const state = { data: [{ id: 'x' }, { id: 'y' }] }

    expect(
      await perform(
        collections.set(
          'one',
          (value) => (value as { id: string }).id,
          (s: State) => s.data,
        ),
        state,
      ),
    ).toBe(state)
    await perform(
      collections.set('one', 'all', (s: State) => s.data),
      state,
    )

    expect(await store.collections.get('one', 'y')).toBe('{"id":"y"}')
    expect(await store.collections.get('one', 'all')).toBe('[{"id":"x"},{"id":"y"}]')
  })

  test('set with a key that is no text, or too few arguments, fails', async () => {
    await expect(perform(collections.set('one', () => 5, [1]))).rejects.toThrow(/no text/)
    await expect(perform(collections.set('one', 'a', undefined))).rejects.toThrow(/three arguments/)
  })

  test('remove takes away one key, or what a pattern means', async () => {
    await setAll('a1', 'a2', 'b1')

    await perform(collections.remove('one', 'b1'))
    await perform(collections.remove('one', 'a*'))

    expect((await store.collections.list('one', {})).items).toEqual([])
  })

  test('outside a run they refuse', async () => {
    await expect(collections.get('one', 'a')({})).rejects.toThrow(
      'An operation of collections was called outside a run.',
    )
  })
})

test('a job script that names collections keeps a cursor from run to run', async () => {
  const text =
    "collections.get('progress', 'since');\nfn(state => ({ ...state, since: state.data.at ?? 'never' }));\n" +
    "collections.set('progress', 'since', state => ({ at: state.since === 'never' ? 'once' : 'twice' }));"
  const job: Job = { key: 'poll', name: 'poll', adaptor: '@openfn/language-common@3.3.4', body: { text } }
  const run = () =>
    running({
      jobs: { poll: [] },
      edges: ['trigger->poll'],
      options: { loadJob: (_, state) => loadJob(job, { state }), aroundStep: (_, work) => kept(work) },
    })

  const ends = [await run(), await run(), await run()]

  expect(ends.map(({ final }) => (final as State).since)).toEqual(['never', 'once', 'twice'])
})

test('neither keys nor values can be read in the files of the store', async () => {
  await store.collections.set('one', [{ key: 'Amina-canary', value: '"born-2011-canary"' }], now)
  await store.close()

  const dataDir = folders.at(-1) ?? ''
  const files = readdirSync(dataDir).map((file) => readFileSync(join(dataDir, file)))
  expect(files.some((bytes) => bytes.includes('canary'))).toBe(false)
  expect(files.length).toBeGreaterThan(0)
  store = await openStore({ dataDir, dataKeys: [{ id: 'k', key: new Uint8Array(32).fill(1) }] })
})
