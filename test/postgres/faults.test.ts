import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openStore } from '../../src/store/open.ts'
import type { Store } from '../../src/store/types.ts'
import { claimed, claimFor, done, end, message } from '../store/conformance/words.ts'
import { k1, start } from '../store/place.ts'
import { postgresPlace } from './place.ts'

let place: Awaited<ReturnType<typeof postgresPlace>>
let store: Store
beforeEach(async () => {
  place = await postgresPlace()
  store = await place.open()
})
afterEach(async () => {
  await store.close()
  await place.remove()
})

describe('40: a database that cuts its connections', () => {
  test('nothing that was acknowledged is lost, and nothing is there twice', async () => {
    const accepted: string[] = []
    for (let round = 0; round < 8; round++) {
      const accepting = Array.from({ length: 15 }, (_, i) =>
        store.entries.accept(message({ sameAs: `${round} ${i}` })).then(({ id }) => accepted.push(id)),
      )
      await place.cutConnections()
      await Promise.all(accepting)
    }

    const kept = (await store.entries.list({})).map(({ id }) => id)
    expect(kept).toHaveLength(120)
    expect(new Set(kept)).toEqual(new Set(accepted))
  })

  test('the claims of a living process stay its own', async () => {
    await store.entries.accept(message())
    const claim = await claimed(store)
    const another = await place.open()

    await place.cutConnections()
    await new Promise((resolve) => setTimeout(resolve, 1000))

    expect(await claimFor(another)).toBeUndefined()
    expect(await store.entries.beat(claim.id, claim.fence, start, 60_000)).toBe(true)
    expect(await store.entries.settle(claim, end(done))).toBe(true)
    await another.close()
  })
})

describe('a database that cannot be used', () => {
  test.each([
    ['a wrong scheme', 'mysql://user:secret@localhost/x', 'CONFIGURATION'],
    ['a database that is not there', 'missing', 'CONFIGURATION'],
  ])('%s is refused without repeating the address', async (_, address, code) => {
    const databaseUrl = address === 'missing' ? withDatabase('not_there') : address

    const error = await openStore({ dataDir: '', databaseUrl, dataKeys: [k1] }).catch((thrown: unknown) => thrown)

    expect(error).toMatchObject({ code, retry: 'never' })
    expect(String(error)).not.toContain('secret')
  })

  test('one that does not answer is asked again later', { timeout: 40_000 }, async () => {
    const opening = openStore({ dataDir: '', databaseUrl: 'postgres://u@127.0.0.1:1/x', dataKeys: [k1] })

    await expect(opening).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE', retry: 'later' })
  })
})

function withDatabase(name: string): string {
  const url = new URL(place.databaseUrl)
  url.pathname = `/${name}`
  return url.href
}
