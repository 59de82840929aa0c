import { parseReferralId } from '../../ids.ts'
import { textOf } from '../../untrusted.ts'
import { openEnvelope, readMessage, rowKey } from './message.ts'
import { plainRow } from './row.ts'

export interface MessageFacts {
  /** The same message again is the same entry. Not so for decisions: a repeated one is judged anew. */
  readonly repeatable: boolean
  /** Plain text, one a child or case, sorted: two messages that share one are not processed at once. Hashed by the store. */
  readonly locks: readonly string[]
}

/**
 * What the inbox must know of a message before it is processed. Referrals of one child wait for each other, and so do
 * decisions on one case; a message that is neither waits for nobody.
 *
 * @param _workflow  every webhook of this exchange speaks the same language
 */
export function describeMessage(_workflow: string, body: unknown): MessageFacts {
  const { kind, rows } = readMessage(body)
  const locks = new Set<string>()
  for (const row of rows) {
    const key = rowKey(kind, row)
    if (key === undefined) continue
    if (kind === 'referrals') {
      const individualNo = textOf(row['individuals.progres_id'])
      locks.add(individualNo === undefined ? `intervention:${key}` : `individual:${individualNo}`)
    }
    if (kind === 'decisions') locks.add(`case:${parseReferralId(key)?.caseId ?? key}`)
  }
  return { repeatable: kind !== 'decisions', locks: [...locks].sort() }
}

/**
 * The message reduced to what is still open: rows as they came whose record key is among `openKeys`, and unreadable
 * rows, which stay a person's concern until the entry is discarded (dropped, the next attempt would end as done).
 * Of the envelope only `request_type` is kept. A message of unknown kind or without rows was processed by nobody and stays whole.
 */
export function keepOpen(body: unknown, openKeys: Iterable<string>): unknown {
  const { kind } = readMessage(body)
  const { requestType, list } = openEnvelope(body)
  if (kind === 'unknown' || list.length === 0) return body
  const open = new Set(openKeys)
  const interventions = list.filter((row) => {
    const plain = plainRow(row)
    const key = plain === undefined ? undefined : rowKey(kind, plain)
    return key === undefined || open.has(key)
  })
  return { interventions, request_type: requestType }
}
