import type { NewEntry, Store } from '../store/types.ts'
import { canonicalJson } from './canonical.ts'
import type { JsonValue } from './message.ts'

/** What the domain knows of a message. */
export interface MessageDescription {
  /** The same message again is the same entry. False where every message is judged anew. */
  readonly repeatable: boolean
  /** Plain texts; messages that share one are worked on one after the other. They are stored as keyed hashes only. */
  readonly locks: readonly string[]
}

export type DescribeMessage = (workflow: string, body: unknown) => MessageDescription

interface Received {
  readonly workflow: string
  /** JSON as it was received: this is what a run gets. */
  readonly text: string
  readonly body: JsonValue
  /** The sender's own id of the message, vouched for by a signature. */
  readonly deliveryId?: string | undefined
  readonly now: Date
}

/**
 * The entry of a message. Its identity is a keyed hash of workflow and body without regard to spacing and key order, so
 * a sender who serialises the same message anew is still recognised. A message that is judged anew each time is the same
 * one only under the same signed id: that is the sender trying again, or somebody who recorded it.
 */
export function messageEntry(
  store: Pick<Store, 'fingerprint'>,
  describeMessage: DescribeMessage,
  { workflow, text, body, deliveryId, now }: Received,
): NewEntry {
  const { repeatable, locks } = describeMessage(workflow, body)
  const identity = repeatable ? [workflow, body] : deliveryId === undefined ? undefined : [workflow, body, deliveryId]
  return {
    workflow,
    kind: 'webhook',
    payload: text,
    ...(identity === undefined ? {} : { sameAs: store.fingerprint(canonicalJson(identity)) }),
    locks: [...new Set(locks)].map((lock) => store.fingerprint(lock)),
    now,
  }
}
