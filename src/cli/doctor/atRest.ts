import type { AtRest } from '../../store/atRest.ts'
import { type Check, counted, fail, ok, sign } from './row.ts'

export interface StoreEvidence extends AtRest {
  /** Octal mode of the data folder; undefined on PostgreSQL. */
  readonly folderMode: number | undefined
  readonly retryForMs: number
  readonly retainForMs: number | undefined
  /** Of the audit log: entries in it, or where it breaks. */
  readonly audit: { readonly intact: true; readonly entries: number } | { readonly intact: false; readonly n: number }
  /** Effects that a restored store had forgotten and nobody has settled. */
  readonly forgotten: number
  readonly noticesOverdue: number
}

const hourMs = 3_600_000

/** What is kept, how and how long. */
export const atRestChecks: readonly Check<StoreEvidence>[] = [
  {
    id: 'C1',
    about: 'no Primero data at rest',
    hint: 'A job keeps more than ids: see jobs/ and its collections. Empty them with collections.remove in that job.',
    judge: ({ payloadsWithoutMessage, collectionItems, folderMode }) => {
      if (payloadsWithoutMessage > 0)
        return fail(`${counted(payloadsWithoutMessage, 'payload')} of workflows that read Primero`)
      if (collectionItems > 0) return fail(`${counted(collectionItems, 'item')} in collections of jobs`)
      if (folderMode !== undefined && (folderMode & 0o077) !== 0)
        return fail(`mode of the data folder is ${folderMode.toString(8)}, so other accounts may look into it`)
      return ok('no payload of a cron workflow, no item in a collection')
    },
  },
  {
    id: 'C2',
    about: 'payloads of DTP are erased after success',
    hint: 'Report it: an entry is done and its payload is there. Then discard it: exchange inbox discard ID',
    judge: ({ payloadsOfDone, payloads }) =>
      payloadsOfDone > 0
        ? fail(`${counted(payloadsOfDone, 'payload')} of entries that are done`)
        : ok(`${counted(payloads, 'payload')} kept, none of an entry that is done`),
  },
  {
    id: 'C2',
    about: 'payloads that wait for a person',
    hint: 'exchange inbox list --state stuck shows them; replay or discard each.',
    judge: ({ keptOver72h }) =>
      keptOver72h > 0 ? fail(`${counted(keptOver72h, 'payload')} for over 72 hours`) : ok('none for over 72 hours'),
  },
  {
    id: 'C2',
    about: 'retention',
    hint: 'Agree on a limit with the partners and set RETAIN_FOR, or sign that a payload may wait without one.',
    judge: ({ retryForMs, retainForMs }) => {
      const retried = `retried for ${retryForMs / hourMs} h`
      if (retainForMs === undefined) return sign(`${retried}, then kept until a person acts, without limit`)
      return retainForMs < retryForMs
        ? fail(`RETAIN_FOR (${retainForMs / hourMs} h) ends before RETRY_FOR (${retryForMs / hourMs} h)`)
        : ok(`${retried}, erased after ${retainForMs / hourMs} h at the latest`)
    },
  },
  {
    id: 'audit',
    about: 'audit log',
    hint: 'exchange audit verify says what happened to it. Compare with a head from the log of the process.',
    judge: ({ audit }) =>
      audit.intact
        ? ok(`${counted(audit.entries, 'entry').replace('entrys', 'entries')}, chain intact`)
        : fail(`does not hold at entry ${audit.n}`),
  },
  {
    id: 'witness',
    about: 'one-off consent after a restored backup',
    hint: 'Ask UNHCR which arrived: exchange ledger list --state in_doubt, then exchange ledger settle KEY.',
    judge: ({ forgotten }) =>
      forgotten > 0
        ? fail(`the store had forgotten ${counted(forgotten, 'referral')} that nobody settled`)
        : ok('store and witness agree'),
  },
  {
    id: 'notices',
    about: 'withdrawn consent is told',
    hint: 'Make the calls: exchange notices list, then exchange notices done ID.',
    judge: ({ noticesOverdue }) =>
      noticesOverdue > 0 ? fail(`${counted(noticesOverdue, 'call')} overdue`) : ok('no call is overdue'),
  },
]
