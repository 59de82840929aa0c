import type { Code } from '../errors/codes.ts'

/**
 * The store: what must survive a crash. Words: an *entry* waits in the inbox until a run settles it; a *run* is one pass
 * of a workflow; a *record* is one child's referral or decision in a run; an *effect* is a row of the ledger; a *cursor*
 * remembers how far a poll came; *activity* is what people read.
 *
 * Apart from the encrypted payload of an entry that is not done, nothing personal is kept: system ids, codes, times.
 * Times are ISO strings in UTC. Every method may throw STORE_UNAVAILABLE (later).
 */
export type EntryState = 'waiting' | 'running' | 'done' | 'stuck'
export type EntryKind = 'webhook' | 'tick' | 'manual' | 'retry'
export type RunState = 'available' | 'started' | 'success' | 'failed' | 'crashed' | 'killed'
export type Outcome = 'delivered' | 'unchanged' | 'refused' | 'waiting' | 'in_doubt'

export interface NewEntry {
  readonly workflow: string
  readonly kind: EntryKind
  /** JSON text; absent for cron and manual entries. Encrypted before it is written. */
  readonly payload?: string
  /** Keyed hash of the message; the same one again gives the same entry (see `accept`). */
  readonly sameAs?: string
  /** Keyed hashes: two entries that share one never run at once, and the older goes first. */
  readonly locks: readonly string[]
  readonly now: Date
  /** Who asked for this run, for the audit log; absent: the clock, or the sender of a message. */
  readonly askedBy?: string
}

export interface Accepted {
  readonly id: string
  /** The entry existed already and nothing was stored. */
  readonly repeated: boolean
  /** Id of the run that the entry will have first (cron and manual entries are asked for by run). */
  readonly runId: string
}

export interface ClaimedEntry {
  readonly id: string
  readonly runId: string
  readonly workflow: string
  readonly kind: EntryKind
  readonly payload?: string
  /** 1-based. */
  readonly attempt: number
  /** Start of the RETRY_FOR clock: the first attempt, or the first since it was replayed. */
  readonly retrySince: string
  /** Number that every write of this claim must present; a later claim has a higher one. */
  readonly fence: number
  /** Claimed while stuck, only to give the answer that RETRY_FOR owes. */
  readonly wasStuck: boolean
}

/** What becomes of a claimed entry. */
export type Fate =
  | { readonly state: 'done' }
  /** `payload`: the open records only; it is encrypted under a new key and the old key destroyed. */
  | {
      readonly state: 'waiting'
      readonly dueAt: string
      /** It waits for a system that is silent, and may be brought forward so far once that answers. */
      readonly notBefore?: string
      readonly code: Code
      readonly payload?: string
      readonly locks?: readonly string[]
    }
  /** `payload` absent: erased. `dueAt`: when the answer owed at the end of RETRY_FOR is to be given. */
  | { readonly state: 'stuck'; readonly code: Code; readonly payload?: string; readonly dueAt?: string }

export interface EntryRow {
  readonly id: string
  readonly workflow: string
  readonly kind: EntryKind
  readonly state: EntryState
  readonly received_at: string
  readonly due_at: string | null
  readonly attempt: number
  readonly code: string | null
}

export interface RunRecord {
  readonly key: string
  readonly outcome: Outcome
  readonly code: string
}

export interface RunRow {
  readonly id: string
  readonly entry_id: string
  readonly workflow: string
  readonly state: RunState
  readonly started_at: string | null
  readonly finished_at: string | null
  readonly mapping_version: string | null
  readonly records: readonly RunRecord[]
}

export interface ListOptions {
  readonly state?: string
  /** At most 1000, which is also the default. */
  readonly limit?: number
  /** Only rows older than the one with this id. */
  readonly before?: string
}

export interface Entries {
  /**
   * Durable when it resolves (fsync or COMMIT).
   * `sameAs` seen before: gives the earlier entry and stores nothing, while that entry is waiting, running, stuck with
   * its payload kept, or done with every record delivered or unchanged; for ever. Otherwise a new entry.
   */
  accept(entry: NewEntry): Promise<Accepted>
  /**
   * An entry asked for by the clock. `cursor` moves in the same transaction, so that of all processes that found one
   * tick due, one writes it.
   *
   * - `unfinished`  nothing is stored: the workflow has an unfinished entry of that kind; the cursor moves all the same
   * - `taken`       nothing is stored: the cursor was not at `from` any more, another process wrote this tick
   */
  tick(workflow: string, lock: string, now: Date, options?: TickOptions): Promise<Accepted | 'unfinished' | 'taken'>
  /**
   * The oldest entry that is due and shares no lock with a running or an older unfinished (waiting) entry.
   * Also takes over entries whose owner is dead or whose lease has run out, and stuck ones whose `due_at` has come.
   * A payload that fails authentication makes its entry stuck (STORE_DAMAGED) and the next one is given.
   *
   * @param owner  `store.owner`: held as a lock that dies with this process
   */
  claim(options: {
    readonly owner: string
    readonly now: Date
    readonly leaseMs: number
    readonly id?: string
  }): Promise<ClaimedEntry | undefined>
  /** Extends the lease. False: the claim was lost to another process. */
  beat(id: string, fence: number, now: Date, leaseMs: number): Promise<boolean>
  /**
   * Writes all of `end` in one transaction. False: the claim was lost and nothing was written.
   * An erased payload goes with its key; the same message counts as new again unless the entry still waits, keeps its
   * payload, or every record of it was delivered or unchanged.
   */
  settle(claim: ClaimedEntry, end: RunEnd): Promise<boolean>
  /** Gives the claim back as it was (shutdown): due now, the attempt not counted. */
  release(claim: ClaimedEntry, now: Date): Promise<void>
  /**
   * A system that was silent answers again: entries and kept records that wait for one become due now, or at their
   * `notBefore` if that is later. Gives how many.
   */
  bringForward(now: Date): Promise<number>
  /** Earliest time at which an entry that no other one holds up is due, or a lease runs out; may be past. */
  nextDue(): Promise<string | undefined>
  /** Newest first. */
  list(options: ListOptions & { readonly kind?: EntryKind }): Promise<readonly EntryRow[]>
  get(id: string): Promise<EntryRow | undefined>
  /**
   * Stuck → waiting, due now, a new RETRY_FOR clock. `conflict`: not stuck, or its payload is gone.
   *
   * @param actor  for the audit log; absent: the exchange itself
   */
  replay(id: string, now: Date, actor?: string): Promise<'replayed' | 'conflict' | 'unknown'>
  /** Stuck → done with code DISCARDED, payload erased. */
  discard(id: string, now: Date, actor?: string): Promise<'discarded' | 'conflict' | 'unknown'>
}

export interface TickOptions {
  /** Default `tick`. */
  readonly kind?: 'tick' | 'retry'
  readonly cursor?: CursorMove
}

/** All that a run leaves behind: written together, or not at all. */
export interface RunEnd {
  readonly state: Exclude<RunState, 'available' | 'started'>
  readonly records: readonly RunRecord[]
  readonly fate: Fate
  readonly now: Date
  readonly mappingVersion: string
  /**
   * Records of the workflow that stay open; each replaces the earlier one of its key. One that is in doubt about an effect
   * that was settled meanwhile follows that (see `LedgerStore.settle`).
   */
  readonly keep?: readonly OpenRecord[]
  /** Keys of kept records that are settled. */
  readonly drop?: readonly string[]
  /** Values by name. */
  readonly cursors?: ReadonlyMap<string, string>
  readonly alerts?: readonly Alert[]
  readonly notices?: readonly NewNotice[]
  /** Ids of open notices of which these alerts remind. */
  readonly reminded?: readonly string[]
  /** Keys of effects that are over: nobody need watch them any more. */
  readonly over?: readonly string[]
}

/**
 * What a person has to tell somebody outside, because something was taken back here after it was sent. Codes, a day, system
 * ids and a role; nobody's name.
 */
export interface NewNotice {
  readonly id: string
  readonly case_number: string
  /** `YYYY-MM-DD` */
  readonly withdrawn_on: string
  readonly services: readonly string[]
  /** The role that is to be told. */
  readonly tell: string
  readonly opened_at: string
  /** Until when. */
  readonly due_at: string
}

export interface NoticeRow extends NewNotice {
  readonly done_at: string | null
}

/** Opened by the end of a run (`RunEnd.notices`). */
export interface Notices {
  /** Newest first. */
  list(options: {
    readonly state?: 'open' | 'done'
    readonly limit?: number
    readonly before?: string
  }): Promise<readonly NoticeRow[]>
  /** Open ones that are past their hour, and of which nobody was reminded in the last 24 hours. */
  overdue(now: Date): Promise<readonly NoticeRow[]>
  /** A person has told it. `conflict`: it was done before. */
  done(id: string, now: Date, actor?: string): Promise<'done' | 'conflict' | 'unknown'>
}

/** What a person has to look at. */
export interface Alert {
  readonly code: Code
  readonly record?: string
}

/** A payload that a stuck entry keeps for a person. */
export interface KeptPayload {
  readonly entry: string
  readonly workflow: string
  readonly received_at: string
  /** Keys of its open records, which would be lost with it; empty where no run came so far as to see them. */
  readonly records: readonly string[]
}

export interface Payloads {
  /** Of stuck entries that were received before that time, oldest first. */
  kept(before: Date): Promise<readonly KeptPayload[]>
}

/** A key of DATA_KEYS. */
export interface DataKey {
  readonly id: string
  /** 32 bytes. */
  readonly key: Uint8Array
}

/** The data keys of this process: the first wraps, all unwrap. */
export interface DataKeys {
  /** Wraps with the first whatever an older one wraps, in one transaction, while others work. Gives how many keys. */
  wrap(now: Date): Promise<number>
  /**
   * From now on these, and wraps again.
   *
   * @throws DATA_KEY_MISSING when one that is still needed is not among them; the earlier ones stay
   */
  replace(ring: readonly DataKey[], now: Date): Promise<void>
}

export interface Runs {
  list(options: ListOptions & { readonly workflow?: string }): Promise<readonly RunRow[]>
  get(id: string): Promise<RunRow | undefined>
  /** Newest first. */
  ofEntry(entry: string): Promise<readonly RunRow[]>
}

/** A record of a cron flow that waits for a retry, or was refused and is shown until the case changes. */
export interface OpenRecord {
  readonly key: string
  readonly outcome: Outcome
  readonly code: string
  readonly ids: Readonly<Record<string, string>>
  readonly attempt: number
  /** Null: nothing is due, it is looked at again when the case changes or a person acts. */
  readonly due_at: string | null
  /** As `Fate.notBefore`. */
  readonly not_before?: string | null
  readonly since: string
}

export interface KeptRecord extends OpenRecord {
  readonly workflow: string
}

/** Read here; written by the end of a run (`RunEnd.keep`, `drop`) and by `LedgerStore.settle`. */
export interface Records {
  get(workflow: string, key: string): Promise<KeptRecord | undefined>
  due(workflow: string, now: Date): Promise<readonly KeptRecord[]>
  /** All that wait, those for a person too. */
  waiting(workflow: string): Promise<readonly KeptRecord[]>
  /** Workflows with a due record. */
  dueWorkflows(now: Date): Promise<readonly string[]>
  nextDue(): Promise<string | undefined>
  list(options: { readonly outcome?: Outcome; readonly limit?: number }): Promise<readonly KeptRecord[]>
}

export interface EffectRow {
  readonly key: string
  readonly state: 'intent' | 'done' | 'in_doubt' | 'refused' | 'not_reached'
  readonly fingerprint: string | null
  readonly detail: string | null
  readonly updated_at: string
}

export interface LedgerStore {
  find(key: string): Promise<EffectRow | undefined>
  /** The row `<subject>/<n>` with the highest n. */
  last(subject: string): Promise<(EffectRow & { readonly n: number }) | undefined>
  /**
   * Writes an intent. False: another process took the claim over, and nothing may be begun under it.
   *
   * @param options.witnessed  it also takes its place in `Sent`
   */
  begin(
    claim: Pick<ClaimedEntry, 'id' | 'fence'>,
    row: EffectRow,
    options?: { readonly witnessed?: boolean },
  ): Promise<boolean>
  /** Writes an outcome; it is a fact, whoever holds the claim by now. `done` ends a doubt, as `settle` does. */
  write(row: EffectRow, actor?: string): Promise<void>
  done(keys: readonly string[]): Promise<ReadonlySet<string>>
  /** Intents whose keys begin with this: of runs that are under way, or that died. */
  begun(prefix: string): Promise<readonly EffectRow[]>
  /** Effects whose keys begin with this, that happened or may have, and are not over (`RunEnd.over`). */
  watched(prefix: string): Promise<readonly EffectRow[]>
  list(options: {
    readonly state?: EffectRow['state']
    readonly limit?: number
    readonly before?: string
  }): Promise<readonly EffectRow[]>
  /**
   * A person, or the other system's decision, says whether an effect arrived: in_doubt | intent → done | not_reached.
   * Records in doubt about it (`ids.effect` names it) follow in the same transaction: arrived → dropped; not arrived →
   * due at once, because nothing else would bring them back before their case changes.
   * False: no such row, or already settled.
   */
  settle(key: string, arrived: boolean, now: Date, actor?: string): Promise<boolean>
}

/** One line of the list of effects that must never be made twice. */
export interface SentRow {
  /** 1, 2, 3, … without a gap. */
  readonly n: number
  readonly key: string
  readonly detail: string | null
  readonly at: string
  /** SHA-256 of this row and of the head before, hex. */
  readonly head: string
}

export type ForgottenEffect = Pick<SentRow, 'key' | 'detail'>

/** Effects that must never be made twice, in the order in which they were begun; one that is begun again is in it again. */
export interface Sent {
  /** Those with this number and higher. */
  since(n: number): Promise<readonly SentRow[]>
  /** Effects that this store does not know of any more: in doubt from now on, unless it has them as done. */
  remember(forgotten: readonly ForgottenEffect[], now: Date): Promise<void>
  /** Keys of remembered effects that are still in doubt. */
  unsettled(): Promise<readonly string[]>
}

/** Knows what a store has begun, also when the store itself has forgotten it; see witness.ts. */
export interface Witness {
  /** Brings the witness up to the store, or what the store has forgotten back to it. */
  keep(): Promise<void>
  /** As `Sent.unsettled`. */
  unsettled(): Promise<readonly string[]>
}

export interface CursorMove {
  readonly name: string
  /** Where it must be; undefined: not yet there. */
  readonly from: string | undefined
  readonly to: string
}

export interface Cursors {
  read(name: string): Promise<string | undefined>
  /** False: it was not at `from`, and stays where it is. */
  move(move: CursorMove, now: Date): Promise<boolean>
  write(name: string, value: string, now: Date): Promise<void>
}

export interface CollectionQuery {
  /** Default `*`; a `*` stands for any number of signs. */
  readonly key?: string
  /** ISO instants, all exclusive. */
  readonly createdBefore?: string
  readonly createdAfter?: string
  readonly updatedBefore?: string
  readonly updatedAfter?: string
  /** Default 1000. */
  readonly limit?: number
  /** `cursor` of an earlier answer. */
  readonly after?: number
}

/** What jobs keep for later runs, as OpenFn's collections. Keys and values are encrypted. Values are JSON texts. */
export interface Collections {
  get(name: string, key: string): Promise<string | undefined>
  /** In the order in which their keys came first. `cursor`: there are more. */
  list(
    name: string,
    query: CollectionQuery,
  ): Promise<{ readonly items: readonly { readonly key: string; readonly value: string }[]; readonly cursor?: number }>
  /** All of them or none; of an equal key the value is replaced. */
  set(name: string, items: readonly { readonly key: string; readonly value: string }[], now: Date): Promise<void>
  /** How many were removed; `limit` does not count. */
  remove(name: string, query: CollectionQuery): Promise<number>
}

export interface ActivityRow {
  readonly id: number
  readonly at: string
  readonly level: 'info' | 'alert'
  /** Code or verb: `RETRY_EXHAUSTED`, `replayed`. */
  readonly what: string
  readonly workflow: string | null
  readonly entry: string | null
  readonly run: string | null
  readonly record: string | null
}

export interface Activity {
  add(row: Omit<ActivityRow, 'id'>): Promise<void>
  list(options: { readonly level?: 'info' | 'alert'; readonly limit?: number }): Promise<readonly ActivityRow[]>
}

/** Something that a person or the exchange itself did: user names, system ids, codes and times. */
export interface AuditEntry {
  readonly at: string
  /** A user's name, `command:<account of the machine>`, or `exchange` for the process itself. */
  readonly actor: string
  readonly act: Act
  /** Id or key of what it was done to. */
  readonly object: string | null
  readonly code: string | null
}

export type Act =
  | 'effect'
  | 'effect settled'
  | 'run asked for'
  | 'entry replayed'
  | 'entry discarded'
  | 'notice done'
  | 'keys wrapped again'
  | 'user added'
  | 'user removed'
  | 'user role'
  | 'user password'
  | 'user expiry'
  | 'signed in'
  | 'signed out'
  | 'sign-in failed'
  | 'sign-in locked'

export interface AuditRow extends AuditEntry {
  /** 1, 2, 3 … without a gap. */
  readonly n: number
  /** Keyed hash over this entry and the hash of the one before. */
  readonly hash: string
}

export interface AuditHead {
  /** 0: the log is empty. */
  readonly n: number
  readonly hash: string
}

/** `n`: the first entry that does not hold. */
export type AuditVerdict =
  | { readonly intact: true; readonly head: AuditHead }
  | {
      readonly intact: false
      readonly n: number
      readonly what: 'missing' | 'altered' | 'cut off' | 'not the printed head'
    }

/**
 * The log of acts and effects. Entries are only ever added, each in the transaction of what it tells of where that is one
 * of the store's own (effects, replays, discards, runs asked for); `add` is for the others.
 */
export interface Audit {
  add(entry: AuditEntry): Promise<void>
  head(): Promise<AuditHead>
  /** Newest first. `before`: only entries with a lower number. */
  list(options: { readonly before?: number; readonly limit?: number }): Promise<readonly AuditRow[]>
  /** Reads all of it. @param printed  heads that were printed before: without one, a log that was cut off looks whole */
  verify(printed?: readonly AuditHead[]): Promise<AuditVerdict>
}

/** Sign-ins of people. A token is known to the browser that has it; here is only its keyed hash. */
export interface Sessions {
  /** @param session.credential  keyed hash of what was signed in with: once that changes, the session is over */
  begin(
    token: string,
    session: { readonly user: string; readonly credential: string; readonly until: Date },
    now: Date,
  ): Promise<void>
  find(token: string, now: Date): Promise<{ readonly user: string; readonly credential: string } | undefined>
  end(token: string): Promise<void>
}

/**
 * Credentials that a system refused: no process uses them until they change or a person says so by starting one anew.
 * `fingerprint` is a keyed hash of the account with its credentials.
 */
export interface Stops {
  /** Stops, and counts: so many refusals in a row and the system would lock the account. */
  stop(account: string, fingerprint: string, now: Date): Promise<void>
  stopped(account: string, fingerprint: string): Promise<{ readonly at: string; readonly refusals: number } | undefined>
  /** Lifts a stop, unless it was written since `stoppedBefore`, or after too many refusals; their count goes on. */
  lift(
    account: string,
    fingerprint: string,
    rules: {
      readonly stoppedBefore: Date
      readonly mostRefusals: number
      /** Refusals do not count any more, nor do the credentials as accepted, where that was earlier. */
      readonly forgetBefore: Date
    },
  ): Promise<void>
  /** The system accepted them, unless they were stopped meanwhile: refusals are counted anew. */
  accept(account: string, fingerprint: string, now: Date): Promise<void>
  /** Some process has seen them accepted, and none refused since. Not for ever: see `lift`. */
  accepted(account: string, fingerprint: string): Promise<boolean>
  /** Forgets the stops of other credentials of the account. True when there were any: these are new. */
  replace(account: string, fingerprint: string): Promise<boolean>
}

export interface Demand {
  /** What the permits are for. */
  readonly name: string
  /** Permits there are, for all processes together. */
  readonly limit: number
  /** Permits of this process in use now. */
  readonly inUse: number
  /** In all, those in use included. 0 gives back all that are not in use. */
  readonly wanted: number
  /** This process has had its turn, should there be more processes than permits. */
  readonly turnIsOver: boolean
  readonly now: Date
  /** A process that is not heard of for so long has lost its permits. */
  readonly leaseMs: number
}

export interface Share {
  /** Permits of this process from now on. Fewer than are in use: the rest is given back when its work has ended. */
  readonly held: number
  /** Another process wants more than it has. */
  readonly contested: boolean
  /** ISO time that gives this process its place in the order. */
  readonly since: string
}

/** Bounds what all processes on the store do together. */
export interface Permits {
  /**
   * Asks for permits, renews them, gives them back: says what this process uses and wants, and learns what it has. While
   * it waits for the answer it must begin nothing; afterwards nothing beyond `held`, and nothing after the lease.
   *
   * Not exact for a process that was frozen beyond its lease in the midst of its work.
   */
  share(demand: Demand): Promise<Share>
}

export interface Store {
  /** Names this opened store among the processes that share it. */
  readonly owner: string
  readonly entries: Entries
  readonly runs: Runs
  readonly records: Records
  readonly ledger: LedgerStore
  readonly sent: Sent
  readonly notices: Notices
  readonly cursors: Cursors
  readonly collections: Collections
  readonly activity: Activity
  readonly audit: Audit
  readonly sessions: Sessions
  readonly stops: Stops
  readonly permits: Permits
  readonly payloads: Payloads
  readonly dataKeys: DataKeys
  /** Keyed hash (HMAC-SHA-256 with the store's key), first 32 hex characters. */
  fingerprint(text: string): string
  /** Resolves when a probe row could be written and read. @throws STORE_UNAVAILABLE */
  check(): Promise<void>
  /** Removes what erased payloads may have left in journals (SQLite: truncates the WAL). Called every few seconds. */
  tidy(): Promise<void>
  close(): Promise<void>
}
