import { statSync } from 'node:fs'
import { ExchangeError } from '../../errors/ExchangeError.ts'
import type { StartEnvironment } from '../../project/environment.ts'
import { surveyAtRest } from '../../store/atRest.ts'
import { withStore } from '../open.ts'
import { witnessOf } from '../witness.ts'
import type { StoreEvidence } from './atRest.ts'
import type { Unseen } from './row.ts'

/** Counts in the store, which may be at work meanwhile; it is made where there is none yet. */
export async function lookAtStore(environment: StartEnvironment, now: Date): Promise<StoreEvidence | Unseen> {
  const { dataDir, databaseUrl, retry, retainForMs } = environment
  try {
    const counts = await surveyAtRest({ dataDir, databaseUrl }, now)
    return await withStore(environment, async (store) => {
      const audit = await store.audit.verify()
      const open = await store.notices.list({ state: 'open' })
      const witness = await witnessOf(store, environment)
      return {
        ...counts,
        folderMode: databaseUrl === undefined ? statSync(dataDir).mode & 0o777 : undefined,
        retryForMs: retry.forMs,
        retainForMs,
        audit: audit.intact ? { intact: true, entries: audit.head.n } : { intact: false, n: audit.n },
        forgotten: (await witness.unsettled()).length,
        noticesOverdue: open.filter(({ due_at: due }) => due < now.toISOString()).length,
      }
    })
  } catch (error) {
    if (error instanceof ExchangeError) return { unseen: error.message }
    throw error
  }
}
