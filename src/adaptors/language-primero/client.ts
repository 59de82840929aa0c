import type { Case, ChangedCase, Created, Referral, User } from './rows.ts'

/** Credential of Primero as jobs find it in `state.configuration`. */
export interface PrimeroConfiguration {
  /** Base URL without `/api/v2`. Plain http only to loopback or through `tls.socketPath`. */
  readonly url: string
  readonly user: string
  readonly password: string
  /** `false`: token login of releases up to 2.10. Default: HTTP Basic, which every release accepts. */
  readonly basicAuth?: boolean
  /** For the headers of an answer, and again between two pieces of its body. Default 30,000. */
  readonly timeoutMs?: number
  /** Requests in flight. Default 4; more than 5 is cut to 5, because six failed logins lock the account. */
  readonly concurrency?: number
  /** Node's connect options: `ca`, `cert`, `key`, `socketPath`, … */
  readonly tls?: Readonly<Record<string, unknown>>
}

export interface CallOptions {
  /** Gives the request up: waiting ones are not sent any more, one under way becomes `unsure`. */
  readonly signal?: AbortSignal | undefined
}

export interface ChangedCasesQuery extends CallOptions {
  /** Inclusive; cut to the whole second (UTC), as Primero compares. */
  readonly since: string
  /** Inclusive, whole second. Absent: up to now. */
  readonly until?: string | undefined
  /** Field → value, or values of which one must match. Each is verified on every row. */
  readonly filters: Readonly<Record<string, string | boolean | readonly string[]>>
  /** What to ask for; `id`, `enabled`, `last_updated_at` and the fields filtered on always come. */
  readonly fields: readonly string[]
  /** 1 to 1000. */
  readonly pageSize: number
}

export interface FieldsOption extends CallOptions {
  /** Absent: everything the account may read. */
  readonly fields?: readonly string[] | undefined
}

export interface ReferralChange {
  readonly status: 'accepted' | 'rejected' | 'done'
  readonly rejected_reason?: string
  readonly rejection_note?: string
}

/** Requests to one Primero with one account. Every method throws ExchangeError as described at `ask` in connection.ts. */
export interface PrimeroClient {
  changedCases(query: ChangedCasesQuery): AsyncIterable<ChangedCase>
  casesWhere(field: string, value: string, options?: FieldsOption): Promise<readonly Case[]>
  getCase(id: string, options?: FieldsOption): Promise<Case | undefined>
  createCase(data: Readonly<Record<string, unknown>>, options?: CallOptions): Promise<Created>
  patchCase(id: string, data: Readonly<Record<string, unknown>>, options?: CallOptions): Promise<Case>
  getReferrals(caseId: string, options?: CallOptions): Promise<readonly Referral[]>
  createReferrals(data: Readonly<Record<string, unknown>>, options?: CallOptions): Promise<readonly Referral[]>
  patchReferral(caseId: string, referralId: string, change: ReferralChange, options?: CallOptions): Promise<Referral>
  findUser(userName: string, options?: CallOptions): Promise<User | undefined>
  forms(options?: CallOptions): Promise<readonly Readonly<Record<string, unknown>>[]>
  lookups(options?: CallOptions): Promise<readonly Readonly<Record<string, unknown>>[]>
  locations(options?: CallOptions): Promise<readonly Readonly<Record<string, unknown>>[]>
  /** Primero's clock, `2026-05-04T08:19:31Z`. */
  serverTime(options?: CallOptions): Promise<string>
  version(options?: CallOptions): Promise<string | undefined>
}

export declare function primero(configuration: PrimeroConfiguration): PrimeroClient
export declare function credentialsRefused(configuration: PrimeroConfiguration): boolean
export declare function resetPrimero(configuration: PrimeroConfiguration): Promise<void>
