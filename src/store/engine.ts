import type { Db } from './tables.ts'

/**
 * What the store needs of a database: SQLite or PostgreSQL. Failures of the database itself leave every method as
 * ExchangeError (STORE_UNAVAILABLE, STORE_DAMAGED); anything else is a bug.
 */
export interface Engine {
  readonly kind: 'sqlite' | 'postgres'
  readonly owners: Owners
  /** Version of the tables, 0 for an empty database. */
  version(): Promise<number>
  /** `work` may be called again when the connection broke, and sees committed rows only. */
  read<T>(work: (db: Db) => Promise<T>): Promise<T>
  /**
   * One transaction, durable when it resolves. `work` may be called again, also after a COMMIT whose answer was lost:
   * it must recognise what it wrote. It may await nothing but `db`: on SQLite other writes stand behind it.
   */
  write<T>(work: (db: Db) => Promise<T>): Promise<T>
  /** Inside `write`: waits until no other transaction holds `name`; held until this one ends. */
  serialize(db: Db, name: string): Promise<void>
  /** Inside `write`: true when no other transaction holds one of `names`; those are held until this one ends. */
  reserve(db: Db, names: readonly string[]): Promise<boolean>
  tidy(): Promise<void>
  close(): Promise<void>
}

/** Locks that die with their process, whichever way it dies, so that its claims can be taken over at once. */
export interface Owners {
  /** Called before the first claim in this name; held until the engine is closed. */
  hold(owner: string): Promise<void>
  /** Inside `write`: those whose lock nobody holds. Not those in doubt: there the lease decides. */
  deadAmong(db: Db, owners: readonly string[]): Promise<readonly string[]>
}
