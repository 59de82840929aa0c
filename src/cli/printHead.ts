import type { Log } from '../log/log.ts'
import type { Audit } from '../store/types.ts'

const everyMs = 24 * 60 * 60 * 1000

/**
 * Writes the head of the audit log into the process's log, now and once a day: whoever alters the store later can be
 * found out by a log that is kept elsewhere. Gives what ends it.
 */
export function printHeadDaily(audit: Pick<Audit, 'head'>, log: Log): () => void {
  const print = () => {
    audit.head().then(
      ({ n, hash }) => log.info('audit head', { head: `${n}:${hash}` }),
      () => log.error('store failed', { reason: 'audit head' }),
    )
  }
  print()
  const timer = setInterval(print, everyMs)
  return () => clearInterval(timer)
}
