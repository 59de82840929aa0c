import type { Store } from './types.ts'

/**
 * A person, or the other system's decision, says whether an effect in doubt arrived.
 *
 * The record that was kept for it follows: arrived → it is dropped; not arrived → it is due again at once, because
 * nothing else would bring it back before its case changes. Its `ids.effect` names the effect.
 * False: no such effect, or it is settled already.
 */
export async function settleEffect(store: Store, key: string, arrived: boolean, now: Date): Promise<boolean> {
  if (!(await store.ledger.settle(key, arrived, now))) return false
  const kept = (await store.records.list({ outcome: 'in_doubt' })).filter((record) => record.ids.effect === key)
  for (const record of kept) {
    if (arrived) await store.records.drop(record.workflow, [record.key])
    else
      await store.records.keep({
        ...record,
        outcome: 'waiting',
        code: 'REMOTE_DOWN',
        attempt: 1,
        since: now.toISOString(),
        due_at: now.toISOString(),
      })
  }
  return true
}
