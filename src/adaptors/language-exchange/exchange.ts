import { AsyncLocalStorage } from 'node:async_hooks'
import type { Code } from '../../errors/codes.ts'
import type { Specification } from '../../mapping/types.ts'
import type { Admission } from '../http/admission.ts'

export type System = 'primero' | 'dtp'
export type Outcome = 'delivered' | 'unchanged' | 'refused' | 'waiting' | 'in_doubt'

/** What became of one record (an intervention, a referral, a decision) in this run. */
export interface RecordOutcome {
  /** Intervention number, referral id or service id: a system id, never personal. */
  readonly key: string
  readonly outcome: Outcome
  readonly code: Code
  /** `waiting` only. `later`: retried by itself. `person`: nothing is due, somebody must act, then replay. */
  readonly next?: 'later' | 'person'
  readonly retryAfterMs?: number
  /** A person must look although the record is final (several matches, refused feedback, in doubt, …). */
  readonly alert?: boolean
  /** Cron flows: the system ids with which the record is fetched again on a retry. */
  readonly ids?: Readonly<Record<string, string>>
  /**
   * The entry needs a person although this record is final. `keep`: the payload, reduced to such records and to rows
   * without a key; `keep_whole`: as it came; `erase`: nothing of it.
   */
  readonly stuck?: 'keep' | 'keep_whole' | 'erase'
}

/** A record of a cron flow that was kept for retry and is due now. */
export interface WaitingRecord {
  readonly key: string
  readonly ids: Readonly<Record<string, string>>
}

export interface EffectRow {
  readonly key: string
  /** `intent`: begun, outcome unknown (a crash). `in_doubt`: unsure, and repeating it might harm. */
  readonly state: 'intent' | 'done' | 'in_doubt' | 'refused' | 'not_reached'
  /** Keyed hash of what was sent. */
  readonly fingerprint?: string
  /** A system id worth keeping (the Primero record id of the case). */
  readonly detail?: string
}

/**
 * - `done`      the effect happened now
 * - `repeated`  it had happened before; nothing was sent
 * - `changed`   it had happened before with another fingerprint; nothing was sent
 */
export type EffectResult<T> =
  | { readonly is: 'done'; readonly value: T }
  | { readonly is: 'repeated' | 'changed'; readonly row: EffectRow }

export interface EffectOptions {
  /** `harmless`: a repeat changes nothing over there. `harmful`: unsure becomes `in_doubt` until a person settles it. */
  readonly repeat: 'harmless' | 'harmful'
  /** What the effect says; the ledger keeps its keyed hash only. */
  readonly fact?: unknown
  /** A system id worth keeping while its outcome is not known. */
  readonly detail?: string
  /**
   * Never twice, not even after the store was restored from a backup: a witness outside the store hears of it before it is
   * begun. @throws STORE_RESTORED (later) while effects that the store had forgotten are not settled
   */
  readonly witnessed?: boolean
}

export interface Ledger {
  /**
   * Does the effect unless the ledger says that it is done: intent before, outcome after.
   *
   * @throws ExchangeError of the effect (its row becomes refused, not_reached, or stays intent/in_doubt); IN_DOUBT
   *         (never) when an earlier harmful effect is unsettled
   */
  once<T>(
    key: string,
    options: EffectOptions,
    effect: () => Promise<{ value: T; detail?: string }>,
  ): Promise<EffectResult<T>>
  /**
   * States a fact about a subject (`dtp/decision/<intervention>`): does the effect unless the fact is the one last
   * told. Its key is `<subject>/<n>`; n rises with each different fact. A repeat is harmless by nature.
   */
  tell<T>(subject: string, fact: unknown, effect: () => Promise<T>): Promise<EffectResult<T>>
  /** Whether this very fact is the one last told. */
  told(subject: string, fact: unknown): Promise<boolean>
  find(key: string): Promise<EffectRow | undefined>
  /** Which of these keys are `done` (for skipping what was sent before, without a request). */
  done(keys: readonly string[]): Promise<ReadonlySet<string>>
  /** Effects whose keys begin with this, that an earlier run began and did not end. */
  begun(prefix: string): Promise<readonly EffectRow[]>
  /** Effects whose keys begin with this, that happened or may have, and are not over. */
  watched(prefix: string): Promise<readonly EffectRow[]>
  /** Nobody need watch it any more. Takes effect when the run has ended. */
  over(key: string): void
  /** Whether an effect whose repeat might harm was begun and nobody knows its outcome: then only a person may go on. */
  isInDoubt(key: string): Promise<boolean>
  /** Settles an `in_doubt` or `intent` row. */
  settle(key: string, arrived: boolean): Promise<boolean>
}

/** What a person has to tell somebody outside. Codes, a day, system ids and a role; nobody's name. */
export interface Notice {
  readonly case_number: string
  /** `YYYY-MM-DD` */
  readonly withdrawn_on: string
  readonly services: readonly string[]
  /** The role that is to be told. */
  readonly tell: string
  /** ISO time until when. */
  readonly due_at: string
}

/** What the runtime offers to the operations of a job, beside `state`. */
export interface Exchange {
  readonly specification: Specification
  readonly now: () => Date
  /** Bounds requests in flight to a system, over all processes that share the store. */
  readonly admission: (system: System) => Admission
  /** Aborted when the step runs out of time or the process stops. */
  readonly signal: AbortSignal
  /** RETRY_FOR ends with this attempt: whoever is owed an answer gets it now. */
  readonly lastAttempt: boolean
  /** Why this run: `tick`, `manual` and `message` do everything, `retry` only what waits. */
  readonly reason: 'message' | 'tick' | 'manual' | 'retry'
  readonly ledger: Ledger
  readonly cursor: {
    read(name: string): Promise<string | undefined>
    /** Takes effect when the run has ended and what it left open is kept; not at all when it failed. */
    write(name: string, value: string): Promise<void>
  }
  readonly notices: {
    /** Takes effect when the run has ended. */
    open(notice: Notice): void
    /** Open ones that are past their hour, and of which nobody was reminded in the last 24 hours. */
    overdue(): Promise<readonly { readonly id: string }[]>
    /** Takes effect when the run has ended. */
    remind(id: string): void
  }
  /** Records of this workflow that were kept for retry and are due. */
  waiting(): Promise<readonly WaitingRecord[]>
  /** Keys of records of this workflow whose retry is not due yet: a tick leaves them alone. */
  deferred(): Promise<ReadonlySet<string>>
  /** The last outcome said for a key in this run wins. */
  outcome(record: RecordOutcome): void
  /** An unforeseen error that costs one record only: its class and place are logged, never its text. */
  bug(error: unknown): void
  /** Raises an alert for a person here. */
  alert(code: Code, recordKey?: string): void
  /** Keyed hash of a value, 32 hex characters; equal only within one store. */
  fingerprint(value: unknown): string
}

const current = new AsyncLocalStorage<Exchange>()

/** The exchange this operation runs in. Throws outside a run: operations that need it cannot run elsewhere. */
export function exchange(): Exchange {
  const found = current.getStore()
  if (found === undefined) throw new Error('exchange() was called outside a run.')
  return found
}

/** Leave to send to a system. Undefined outside a run: there this process alone bounds itself. */
export function admissionTo(system: System): Admission | undefined {
  return current.getStore()?.admission(system)
}

/** Runs `work` so that `exchange()` inside it gives `services`. */
export function withExchange<T>(services: Exchange, work: () => Promise<T>): Promise<T> {
  return current.run(services, work)
}
