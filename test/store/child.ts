import { openStore } from '../../src/store/open.ts'
import type { ClaimedEntry, Store } from '../../src/store/types.ts'
import { k1 } from './place.ts'

/** What a test asks of a process that shares the store with it; times are those of the clock. */
export type Order =
  | { readonly do: 'accept'; readonly count: number; readonly prefix: string }
  | { readonly do: 'claim'; readonly leaseMs: number }
  | { readonly do: 'settle'; readonly claim: ClaimedEntry }
  | { readonly do: 'work'; readonly count: number }

const { STORE_DIR: dataDir = '', STORE_URL: databaseUrl } = process.env

/** A process that may be killed or frozen at any moment. Each acknowledged entry is told at once. */
async function main(): Promise<void> {
  const store = await openStore({ dataDir, databaseUrl, dataKeys: [k1] })
  process.on('message', (order: Order) => void carryOut(store, order))
  tell({ opened: store.owner })
}

async function carryOut(store: Store, order: Order): Promise<void> {
  try {
    await answer(store, order)
  } catch (error) {
    tell({ failed: error instanceof Error && 'code' in error ? error.code : String(error) })
  }
}

async function answer(store: Store, order: Order): Promise<void> {
  const now = new Date()
  const { owner, entries } = store
  switch (order.do) {
    case 'accept':
      await Promise.all(
        Array.from({ length: order.count }, async (_, i) => {
          const payload = `{"text":"${order.prefix} ${i}"}`
          const { id } = await entries.accept({ workflow: 'inbox', kind: 'webhook', payload, locks: [], now })
          tell({ accepted: id })
        }),
      )
      return
    case 'claim':
      return tell({ claim: await entries.claim({ owner, now, leaseMs: order.leaseMs }) })
    case 'settle':
      return tell({ settled: await entries.settle(order.claim, { ...done, now }) })
    case 'work': {
      const ids: string[] = []
      while (ids.length < order.count) {
        const claim = await entries.claim({ owner, now: new Date(), leaseMs: 60_000 })
        if (claim === undefined) break
        ids.push(claim.id)
        await new Promise((resolve) => setTimeout(resolve, 2))
        await entries.settle(claim, { ...done, now: new Date() })
      }
      return tell({ worked: ids })
    }
  }
}

const done = { state: 'success', records: [], fate: { state: 'done' }, mappingVersion: 'v1' } as const

function tell(news: Record<string, unknown>): void {
  process.send?.(news)
}

await main()
