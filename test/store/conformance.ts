import { afterEach, beforeEach, describe } from 'vitest'
import type { Store } from '../../src/store/types.ts'
import { acceptClaims } from './conformance/accept.ts'
import { auditClaims } from './conformance/audit.ts'
import { claimClaims } from './conformance/claim.ts'
import { collectionClaims } from './conformance/collections.ts'
import { keyClaims } from './conformance/keys.ts'
import { permitClaims } from './conformance/permits.ts'
import { recoveryClaims } from './conformance/recovery.ts'
import { rowClaims } from './conformance/rows.ts'
import { settleClaims } from './conformance/settle.ts'
import { k1, type Place } from './place.ts'

/** What a test is given; `open` is a further opening of the same store, closed after the test. */
export interface Given {
  readonly place: Place
  readonly store: Store
  open(...dataKeys: Parameters<Place['open']>): Promise<Store>
}

/** What every store promises, whatever its database. */
export function storeConformance(name: string, makePlace: () => Promise<Place>): void {
  describe(name, () => {
    let place: Place
    const opened: Store[] = []
    let store: Store
    const open: Given['open'] = async (dataKeys = [k1]) => {
      const another = await place.open(dataKeys)
      opened.push(another)
      return another
    }

    beforeEach(async () => {
      place = await makePlace()
      store = await open()
    })
    afterEach(async () => {
      for (const one of opened.splice(0)) await one.close()
      await place.remove()
    })

    const given = (): Given => ({ place, store, open })
    acceptClaims(given)
    claimClaims(given)
    collectionClaims(given)
    settleClaims(given)
    recoveryClaims(given)
    keyClaims(given)
    rowClaims(given)
    permitClaims(given)
    auditClaims(given)
  })
}
