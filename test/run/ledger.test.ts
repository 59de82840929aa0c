import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { ExchangeError } from '../../src/errors/ExchangeError.ts'
import { createLedger } from '../../src/run/ledger.ts'
import { openStore } from '../../src/store/open.ts'
import type { LedgerStore } from '../../src/store/types.ts'

const refused = new ExchangeError('no', { code: 'REMOTE_REFUSED', retry: 'never', reach: 'refused' })
const notReached = new ExchangeError('closed', { code: 'REMOTE_DOWN', retry: 'later', reach: 'not_reached' })
const unsure = new ExchangeError('silence', { code: 'REMOTE_DOWN', retry: 'later', reach: 'unsure' })

describe('once', () => {
  it('does an effect one time, and says whether what came again was the same', async () => {
    const { ledger } = await open()
    let done = 0
    const effect = async () => ({ value: ++done, detail: 'id-1' })

    expect(await ledger.once('k', { repeat: 'harmless', fact: 'x' }, effect)).toEqual({ is: 'done', value: 1 })
    expect(await ledger.once('k', { repeat: 'harmless', fact: 'x' }, effect)).toMatchObject({
      is: 'repeated',
      row: { detail: 'id-1' },
    })
    expect(await ledger.once('k', { repeat: 'harmless', fact: 'y' }, effect)).toMatchObject({ is: 'changed' })
    expect(done).toBe(1)
  })

  it.each([
    ['refused', 'harmful', refused, 'refused', 'REMOTE_REFUSED'],
    ['not reached', 'harmful', notReached, 'not_reached', 'REMOTE_DOWN'],
    ['unsure', 'harmful', unsure, 'in_doubt', 'IN_DOUBT'],
    ['unsure', 'harmless', unsure, 'intent', 'REMOTE_DOWN'],
    ['an unforeseen error', 'harmful', new TypeError('x'), 'in_doubt', 'IN_DOUBT'],
  ] as const)('%s, where a repeat is %s, leaves the row as it should be', async (_, repeat, error, state, code) => {
    const { ledger } = await open()

    await expect(ledger.once('k', { repeat }, () => Promise.reject(error))).rejects.toMatchObject({ code })

    expect(await ledger.find('k')).toMatchObject({ state })
  })

  it('an intent that a crash left behind is repeated where that is harmless and in doubt where not', async () => {
    const { ledger, store } = await open()
    const intent = { state: 'intent', fingerprint: null, detail: null, updated_at: '2026-05-04T08:00:00.000Z' } as const
    await store.ledger.write({ key: 'safe', ...intent })
    await store.ledger.write({ key: 'unsafe', ...intent })

    expect(await ledger.once('safe', { repeat: 'harmless' }, async () => ({ value: 1 }))).toEqual({
      is: 'done',
      value: 1,
    })
    await expect(ledger.once('unsafe', { repeat: 'harmful' }, async () => ({ value: 1 }))).rejects.toMatchObject({
      code: 'IN_DOUBT',
    })

    expect(await ledger.find('unsafe')).toMatchObject({ state: 'in_doubt' })
  })

  it('an effect that a frozen process ends while another one takes it for cut off is not done again', async () => {
    const { store, ledgerOver } = await open()
    const at = { fingerprint: null, detail: null, updated_at: '2026-05-04T08:00:00.000Z' }
    await store.ledger.write({ key: 'k', state: 'intent', ...at })
    const ledger = ledgerOver({
      ...store.ledger,
      write: async (row) => {
        await store.ledger.write({ key: 'k', state: 'done', ...at })
        return store.ledger.write(row)
      },
    })

    const result = await ledger.once('k', { repeat: 'harmful' }, () => Promise.reject(new Error('sent again')))

    expect(result).toMatchObject({ is: 'repeated', row: { state: 'done' } })
  })

  it('an effect whose outcome cannot be written stays begun: it is never taken for one that did not happen', async () => {
    const { store, ledgerOver } = await open()
    let writes = 0
    const ledger = ledgerOver({
      ...store.ledger,
      write: async (row) => {
        if (++writes === 1) throw new ExchangeError('full', { code: 'STORE_UNAVAILABLE', retry: 'later' })
        return store.ledger.write(row)
      },
    })

    const sent = ledger.once('k', { repeat: 'harmful' }, async () => ({ value: 1 }))

    await expect(sent).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
    expect(await store.ledger.find('k')).toMatchObject({ state: 'intent' })
    await expect(ledger.once('k', { repeat: 'harmful' }, async () => ({ value: 1 }))).rejects.toMatchObject({
      code: 'IN_DOUBT',
    })
  })

  it('what was in doubt and settled as not arrived is done again', async () => {
    const { ledger } = await open()
    await ledger.once('k', { repeat: 'harmful' }, () => Promise.reject(unsure)).catch(() => {})

    expect(await ledger.settle('k', false)).toBe(true)

    expect(await ledger.once('k', { repeat: 'harmful' }, async () => ({ value: 1 }))).toEqual({ is: 'done', value: 1 })
  })
})

describe('tell', () => {
  it('tells each fact when it differs from the last one told, also when it changes back', async () => {
    const { ledger, store } = await open()
    const told: string[] = []
    const tell = (fact: string) => ledger.tell('subject', fact, async () => told.push(fact))

    for (const fact of ['a', 'a', 'b', 'b', 'a']) await tell(fact)

    expect(told).toEqual(['a', 'b', 'a'])
    expect((await store.ledger.list({})).map(({ key }) => key).sort()).toEqual(['subject/1', 'subject/2', 'subject/3'])
  })

  it('repeats a fact whose telling is unsure under the same number', async () => {
    const { ledger, store } = await open()
    await ledger.tell('subject', 'a', () => Promise.reject(unsure)).catch(() => {})

    await ledger.tell('subject', 'a', async () => 1)

    expect(await store.ledger.list({})).toMatchObject([{ key: 'subject/1', state: 'done' }])
  })

  it.each([
    [false, 'repeated'],
    [true, 'done'],
  ])('a refused fact is told again only when somebody asks (%s)', async (repeatsRefused, is) => {
    const { ledger } = await open(repeatsRefused)
    await ledger.tell('subject', 'a', () => Promise.reject(refused)).catch(() => {})

    expect(await ledger.tell('subject', 'a', async () => 1)).toMatchObject({ is })
  })
})

async function open(repeatsRefused = false) {
  const dataDir = await mkdtemp(join(tmpdir(), 'ledger-test-'))
  const store = await openStore({ dataDir, dataKeys: [{ id: 'test', key: randomBytes(32) }] })
  onTestFinished(async () => {
    await store.close()
    await rm(dataDir, { recursive: true, force: true })
  })
  const now = () => new Date()
  await store.entries.accept({ workflow: 'w', kind: 'manual', locks: [], now: now() })
  const claim = await store.entries.claim({ owner: store.owner, now: now(), leaseMs: 60_000 })
  if (claim === undefined) throw new Error('nothing to claim')
  const ledgerOver = (rows: LedgerStore) =>
    createLedger({
      store: rows,
      claim,
      fingerprint: (value) => store.fingerprint(JSON.stringify(value)),
      now,
      repeatsRefused,
    })
  return { ledger: ledgerOver(store.ledger), ledgerOver, store }
}
