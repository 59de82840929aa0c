import type { RunEnvironment } from '../project/environment.ts'
import type { Store, Witness } from '../store/types.ts'
import { openWitness } from '../store/witness.ts'

/**
 * Opens the witness of a store and says on standard error when the store is older than it. Messages go on being accepted
 * and everything else runs; new referrals wait until what the store had forgotten is settled.
 *
 * @throws CONFIGURATION when its file cannot be read or written
 */
export async function witnessOf(
  store: Store,
  { witnessPath: path }: Pick<RunEnvironment, 'witnessPath'>,
): Promise<Witness> {
  const witness = await openWitness({ store, path, now: () => new Date() })
  const forgotten = await witness.unsettled()
  if (forgotten.length > 0) process.stderr.write(warningOf(path, forgotten))
  return witness
}

function warningOf(path: string, forgotten: readonly string[]): string {
  const counted = forgotten.length === 1 ? '1 referral' : `${forgotten.length} referrals`
  return [
    `warning  the store is older than its witness ${path}: a backup was restored, and it had forgotten ${counted}.`,
    '  No new referral goes out before all of them are settled. Ask UNHCR which arrived, then, for each:',
    '    exchange ledger list --state in_doubt',
    '    exchange ledger settle KEY --arrived (or --not-arrived)',
    '  Or for all of them at once: exchange ledger settle --forgotten --arrived (or --not-arrived)',
    '',
  ].join('\n')
}
