import type { Generated, Kysely } from 'kysely'
import type { Act, EffectRow, EntryKind, EntryState, Outcome, RunState } from './types.ts'

/**
 * The tables as both databases hold them. Times are ISO texts in UTC of equal length, so they sort as text; flags are
 * 0 or 1. Only `payloads` ever holds personal data, encrypted; a row of it goes when its entry is done.
 */
export interface Tables {
  meta: { key: string; value: string }
  /** Keys at rest, each wrapped by a data key: one a day for payloads, and the store's own for keyed hashes. */
  keys: {
    id: string
    kind: 'day' | 'store'
    /** `2026-11-22`; null for the store's own key. */
    day: string | null
    wrapped_by: string
    wrapped: Uint8Array
    created_at: string
  }
  entries: {
    /** Order of arrival. */
    seq: Generated<number>
    id: string
    workflow: string
    kind: EntryKind
    state: EntryState
    /** Keyed hash of the message that this entry stands for; null once the same message counts as new. */
    same_as: string | null
    received_at: string
    retry_since: string
    due_at: string | null
    /** How far a recovery of the system it waits for may bring it forward; null: not at all. */
    not_before: string | null
    lease_until: string | null
    owner: string | null
    attempt: number
    fence: number
    was_stuck: number
    code: string | null
  }
  /** Locks of entries that are not done. */
  entry_locks: { lock: string; seq: number }
  payloads: { entry_id: string; day_key: string; wrapped_key: Uint8Array; sealed: Uint8Array }
  runs: {
    seq: Generated<number>
    id: string
    entry_id: string
    workflow: string
    state: RunState
    started_at: string | null
    finished_at: string | null
    mapping_version: string | null
  }
  run_records: { run_id: string; position: number; key: string; outcome: Outcome; code: string }
  records: {
    workflow: string
    key: string
    outcome: Outcome
    code: string
    /** JSON: system ids by name. */
    ids: string
    attempt: number
    due_at: string | null
    not_before: string | null
    since: string
  }
  ledger: {
    key: string
    /** The key without `/<n>`, and n; null where the key does not end in a number. */
    subject: string | null
    n: number | null
    state: EffectRow['state']
    fingerprint: string | null
    detail: string | null
    updated_at: string
    /** Nobody need watch it any more. */
    over_at: string | null
  }
  /** `found` 1: the store had forgotten it. */
  sent: { n: number; key: string; detail: string | null; at: string; head: string; found: number }
  notices: {
    id: string
    case_number: string
    withdrawn_on: string
    /** JSON: a list of codes. */
    services: string
    tell: string
    opened_at: string
    due_at: string
    reminded_at: string | null
    done_at: string | null
  }
  cursors: { name: string; value: string; updated_at: string }
  activity: {
    id: Generated<number>
    at: string
    level: 'info' | 'alert'
    what: string
    workflow: string | null
    entry: string | null
    run: string | null
    record: string | null
  }
  /** Only ever added to. */
  audit: {
    n: number
    at: string
    actor: string
    act: Act
    object: string | null
    code: string | null
    hash: string
  }
  sessions: { id: string; user_name: string; credential: string; until: string }
  /** `refusals` 0: accepted at that time. */
  stops: { account: string; fingerprint: string; stopped_at: string; refusals: number; lifted: number }
  /** What jobs keep for later runs. Keys and values may be personal: both are sealed. */
  collection_items: {
    /** Order in which keys came first. */
    seq: Generated<number>
    name: string
    /** Keyed hash of collection and key. */
    key_hash: string
    sealed_key: Uint8Array
    sealed_value: Uint8Array
    created_at: string
    updated_at: string
  }
  permits: { name: string; owner: string; held: number; wanted: number; since: string; until: string }
}

export type Db = Kysely<Tables>
