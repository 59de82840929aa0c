import { expect, test } from 'vitest'
import type { Given } from '../conformance.ts'
import { k1, k2, later, minute, start } from '../place.ts'

/** What is promised of collections. */
export function collectionClaims(given: () => Given): void {
  const item = (key: string, value: unknown = key) => ({ key, value: JSON.stringify(value) })
  const keysOf = async (name: string, query = {}) =>
    (await given().store.collections.list(name, query)).items.map(({ key }) => key)

  test('a value of a collection is found by its key, in its collection alone', async () => {
    const { collections } = given().store
    await collections.set('one', [item('a', { n: 1 }), item('b')], start)

    expect(await collections.get('one', 'a')).toBe('{"n":1}')
    expect(await collections.get('two', 'a')).toBeUndefined()
    expect(await collections.get('one', 'A')).toBeUndefined()
  })

  test('an equal key gets the new value and keeps its place and the time it was made', async () => {
    const { collections } = given().store
    await collections.set('one', [item('a', 1), item('b', 2)], start)
    await collections.set('one', [item('a', 3)], later(minute))

    expect((await collections.list('one', {})).items).toEqual([item('a', 3), item('b', 2)])
    expect(await keysOf('one', { createdAfter: later(1).toISOString() })).toEqual([])
    expect(await keysOf('one', { updatedAfter: later(1).toISOString() })).toEqual(['a'])
    expect(await keysOf('one', { updatedBefore: later(1).toISOString() })).toEqual(['b'])
  })

  test.each([
    ['*', ['2024-01-a', '2024-02-b', '2025-01-a', '2024.*']],
    ['2024*', ['2024-01-a', '2024-02-b', '2024.*']],
    ['*-a', ['2024-01-a', '2025-01-a']],
    ['2024*-b', ['2024-02-b']],
    ['2024.*', ['2024.*']],
    ['2024', []],
  ])('the pattern %s means %j', async (key, expected) => {
    await given().store.collections.set(
      'one',
      ['2024-01-a', '2024-02-b', '2025-01-a', '2024.*'].map((one) => item(one)),
      start,
    )

    expect(await keysOf('one', { key })).toEqual(expected)
  })

  test('a list goes on from its cursor, beyond a thousand items', async () => {
    const { collections } = given().store
    const all = Array.from({ length: 1005 }, (_, n) => item(`k${n}`))
    await collections.set('one', all, start)

    const first = await collections.list('one', { limit: 1003 })
    const rest = await collections.list('one', first.cursor === undefined ? {} : { after: first.cursor })

    expect([...first.items, ...rest.items]).toEqual(all)
    expect(rest.cursor).toBeUndefined()
  })

  test('items are removed by pattern and by time', async () => {
    const { collections } = given().store
    await collections.set(
      'one',
      ['a1', 'a2', 'b1'].map((key) => item(key)),
      start,
    )
    await collections.set('two', [item('a1')], start)

    expect(await collections.remove('one', { key: 'a*' })).toBe(2)
    expect(await keysOf('one')).toEqual(['b1'])
    expect(await keysOf('two')).toEqual(['a1'])
    expect(await collections.remove('one', { createdAfter: later(1).toISOString() })).toBe(0)
  })

  test('items are still there with another data key in front', async () => {
    const { store, open } = given()
    await store.collections.set('one', [item('a', 1)], start)

    const other = await open([k2, k1])

    expect(await other.collections.get('one', 'a')).toBe('1')
  })
}
