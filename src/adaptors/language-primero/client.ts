import { type AccountRights, accountRights } from './account.ts'
import { casesWhere, createCase, getCase, patchCase, serverTime } from './cases.ts'
import { changedCases } from './changedCases.ts'
import { configurationKey, readConfiguration } from './configuration.ts'
import { type Connection, connect } from './connection.ts'
import { agencies, forms, locations, lookups, roles, version } from './lists.ts'
import { createReferrals, getReferrals, patchReferral } from './referrals.ts'
import type { Case, ChangedCase, Created, Referral, Row, User } from './rows.ts'
import { findUser } from './users.ts'

export type { AccountRights } from './account.ts'
export type { Case, ChangedCase, Created, Referral, User } from './rows.ts'

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

/**
 * Requests to one Primero with one account: plain functions, no state of a job. What each method promises, and what it
 * throws beside the errors of `Connection.ask`, stands with the function of its name.
 */
export interface PrimeroClient {
  changedCases(query: ChangedCasesQuery): AsyncIterable<ChangedCase>
  casesWhere(field: string, value: string, options?: FieldsOption): Promise<readonly Case[]>
  getCase(id: string, options?: FieldsOption): Promise<Case | undefined>
  createCase(data: Row, options?: CallOptions): Promise<Created>
  patchCase(id: string, data: Row, options?: CallOptions): Promise<Case>
  getReferrals(caseId: string, options?: CallOptions): Promise<readonly Referral[]>
  createReferrals(data: Row, options?: CallOptions): Promise<readonly Referral[]>
  patchReferral(caseId: string, referralId: string, change: ReferralChange, options?: CallOptions): Promise<Referral>
  findUser(userName: string, options?: CallOptions): Promise<User | undefined>
  accountRights(userName: string, options?: CallOptions): Promise<AccountRights | undefined>
  forms(options?: CallOptions): Promise<readonly Row[]>
  lookups(options?: CallOptions): Promise<readonly Row[]>
  locations(options?: CallOptions): Promise<readonly Row[]>
  agencies(options?: CallOptions): Promise<readonly Row[]>
  roles(options?: CallOptions): Promise<readonly Row[]>
  serverTime(options?: CallOptions): Promise<string>
  version(options?: CallOptions): Promise<string | undefined>
}

/**
 * The client for a configuration. Equal configurations share one: its connections, its bound on requests in flight, and
 * its stop after a 401.
 *
 * @throws CONFIGURATION (never) naming what is missing or wrong in it
 * @source docs/systems.md §Primero/auth
 */
export function primero(configuration: PrimeroConfiguration): PrimeroClient {
  const connection = connectionTo(configuration)
  return {
    changedCases: (query) => changedCases(connection, query),
    casesWhere: (field, value, options) => casesWhere(connection, field, value, options),
    getCase: (id, options) => getCase(connection, id, options),
    createCase: (data, options) => createCase(connection, data, options),
    patchCase: (id, data, options) => patchCase(connection, id, data, options),
    getReferrals: (caseId, options) => getReferrals(connection, caseId, options),
    createReferrals: (data, options) => createReferrals(connection, data, options),
    patchReferral: (caseId, id, change, options) => patchReferral(connection, caseId, id, change, options),
    findUser: (userName, options) => findUser(connection, userName, options),
    accountRights: (userName, options) => accountRights(connection, userName, options),
    forms: (options) => forms(connection, options),
    lookups: (options) => lookups(connection, options),
    locations: (options) => locations(connection, options),
    agencies: (options) => agencies(connection, options),
    roles: (options) => roles(connection, options),
    serverTime: (options) => serverTime(connection, options),
    version: (options) => version(connection, options),
  }
}

/** The connection behind the client, for the operations of the adaptor (`getCases`, `http.get`, …). */
export function connectionTo(configuration: unknown): Connection {
  const key = configurationKey(configuration)
  const known = connections.get(key)
  if (known !== undefined) return known
  const opened = connect(readConfiguration(configuration))
  connections.set(key, opened)
  return opened
}

/** Primero has answered 401 to this configuration: nothing more is sent for it until `resetPrimero` or a restart. */
export function credentialsRefused(configuration: PrimeroConfiguration): boolean {
  return connections.get(configurationKey(configuration))?.refused() ?? false
}

/** Forgets the stop after a 401 and closes the connections; requests under way fail as `unsure`. */
export async function resetPrimero(configuration: PrimeroConfiguration): Promise<void> {
  const key = configurationKey(configuration)
  const known = connections.get(key)
  connections.delete(key)
  await known?.close()
}

const connections = new Map<string, Connection>()
