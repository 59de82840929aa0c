import { describe, expect, test } from 'vitest'
import type { AuditEntry, AuditRow } from '../../../src/store/types.ts'
import type { Given } from '../conformance.ts'
import { k1, k2, later, start } from '../place.ts'
import { claimed, end, message } from './words.ts'

const act = (object: string, more: Partial<AuditEntry> = {}): AuditEntry => ({
  at: start.toISOString(),
  actor: 'almaz',
  act: 'user added',
  object,
  code: null,
  ...more,
})
const effect = (key: string) =>
  ({ key, state: 'in_doubt', fingerprint: null, detail: null, updated_at: start.toISOString() }) as const
const plain = ({ n, hash, ...entry }: AuditRow) => entry

export function auditClaims(given: () => Given): void {
  describe('the audit log', () => {
    test('is numbered without a gap, newest first in lists, and its head is its last entry', async () => {
      const { audit } = given().store
      expect(await audit.head()).toEqual({ n: 0, hash: '' })
      for (const name of ['a', 'b', 'c']) await audit.add(act(name))

      const rows = await audit.list({})
      expect(rows.map(({ n, object }) => [n, object])).toEqual([
        [3, 'c'],
        [2, 'b'],
        [1, 'a'],
      ])
      expect(await audit.list({ before: 3, limit: 1 })).toEqual([rows[1]])
      expect(await audit.head()).toEqual({ n: 3, hash: rows[0]?.hash })
      expect(await audit.verify()).toEqual({ intact: true, head: await audit.head() })
    })

    test('holds each outcome of an effect, but no intent, with who settled it', async () => {
      const { store } = given()
      await store.entries.accept(message())
      await store.ledger.begin(await claimed(store), { ...effect('e/1'), state: 'intent' })
      await store.ledger.write(effect('e/1'))
      await store.ledger.write(effect('e/1'))
      await store.ledger.settle('e/1', false, later(1), 'almaz')
      await store.ledger.settle('e/1', true, later(2), 'almaz')

      expect((await store.audit.list({})).map(plain)).toEqual([
        act('e/1', { at: later(1).toISOString(), act: 'effect settled', code: 'not_reached' }),
        act('e/1', { actor: 'exchange', act: 'effect', code: 'in_doubt' }),
      ])
    })

    test('holds effects that the store had forgotten and is reminded of', async () => {
      const { store } = given()
      await store.sent.remember([{ key: 'e/1', detail: null }], start)

      expect((await store.audit.list({})).map(plain)).toEqual([
        act('e/1', { actor: 'exchange', act: 'effect', code: 'in_doubt' }),
      ])
    })

    test('holds replays, discards and runs that a person asked for, and neither messages nor ticks', async () => {
      const { store } = given()
      const { id } = await store.entries.accept(message())
      await store.entries.tick('poll', 'poll', start)
      const stuck = { state: 'stuck', code: 'UNFORESEEN', payload: '{}' } as const
      await store.entries.settle(await claimed(store, start, id), end(stuck))
      await store.entries.replay(id, start, 'almaz')
      await store.entries.replay(id, start, 'almaz')
      await store.entries.settle(await claimed(store, start, id), end(stuck))
      await store.entries.discard(id, start)
      const asked = { workflow: 'poll', kind: 'manual', locks: [], now: start, askedBy: 'almaz' } as const
      const { runId } = await store.entries.accept(asked)

      expect((await store.audit.list({})).map(plain)).toEqual([
        act(runId, { act: 'run asked for', code: 'poll' }),
        act(id, { actor: 'exchange', act: 'entry discarded' }),
        act(id, { act: 'entry replayed' }),
      ])
    })

    test('of two processes is one chain, whatever they write at once', async () => {
      const { store, open } = given()
      const stores = [store, await open()]

      await Promise.all(Array.from({ length: 40 }, (_, i) => (stores[i % 2] ?? store).ledger.write(effect(`e/${i}`))))

      expect(await store.audit.verify()).toEqual({ intact: true, head: await store.audit.head() })
      expect((await store.audit.head()).n).toBe(40)
    })

    test.each([
      ['edited', "update audit set code = 'done' where n = 2", { n: 2, what: 'altered' }],
      ['dropped', 'delete from audit where n = 2', { n: 2, what: 'missing' }],
      [
        'swapped',
        "update audit set object = case n when 2 then 'e/3' else 'e/2' end where n in (2, 3)",
        { n: 2, what: 'altered' },
      ],
      ['cut off', 'delete from audit where n > 3', { n: 4, what: 'cut off' }],
      ['emptied', 'delete from audit', { n: 1, what: 'cut off' }],
    ])('an entry that was %s is found, the last one against a head printed before', async (_, statement, found) => {
      const { store, place } = given()
      for (let i = 1; i <= 5; i++) await store.ledger.write(effect(`e/${i}`))
      const printed = await store.audit.head()

      await place.rows(statement)

      expect(await store.audit.verify([printed])).toEqual({ intact: false, ...found })
    })

    test('a log that was written anew, with the right key, does not hold the printed head', async () => {
      const { store, place } = given()
      for (let i = 1; i <= 3; i++) await store.ledger.write(effect(`e/${i}`))
      const printed = await store.audit.head()
      await place.rows('delete from audit')
      for (let i = 4; i <= 8; i++) await store.ledger.write(effect(`e/${i}`))

      expect(await store.audit.verify()).toMatchObject({ intact: true })
      expect(await store.audit.verify([printed])).toEqual({ intact: false, n: 3, what: 'not the printed head' })
    })

    test('outlives a change of data keys, and tells of it once', async () => {
      const { store, open } = given()
      await store.audit.add(act('a'))
      const printed = await store.audit.head()
      await store.close()

      const during = await open([k2, k1])
      await during.dataKeys.wrap(start)
      await during.dataKeys.wrap(start)
      const after = await open([k2])

      expect(await after.audit.verify([printed])).toMatchObject({ intact: true })
      expect((await after.audit.list({ before: 3 })).map(({ act, object }) => [act, object])).toEqual([
        ['keys wrapped again', 'k2'],
        ['user added', 'a'],
      ])
      expect((await after.audit.head()).n).toBe(2)
    })

    test('of more than a page is verified to its end', async () => {
      const { store, place } = given()
      await Promise.all(Array.from({ length: 520 }, (_, i) => store.audit.add(act(`a${i}`))))
      expect(await store.audit.verify()).toMatchObject({ intact: true, head: { n: 520 } })

      await place.rows("update audit set actor = 'x' where n = 510")

      expect(await store.audit.verify()).toEqual({ intact: false, n: 510, what: 'altered' })
    })
  })
}
