import type { DataKeyUse } from '../../src/store/dataKeyUse.ts'
import type { DataKey, Store } from '../../src/store/types.ts'

/** Where a store lives during one test: opened any number of times, as by several processes. */
export interface Place {
  open(dataKeys?: readonly DataKey[]): Promise<Store>
  survey(dataKeys: readonly DataKey[]): Promise<readonly DataKeyUse[]>
  /** Raw rows, as someone sees who has a copy of the database. */
  rows(sql: string): Promise<readonly Record<string, unknown>[]>
  /** How another process finds it. */
  readonly env: Readonly<Record<string, string>>
  remove(): Promise<void>
}

export const dataKey = (id: string, byte: number): DataKey => ({ id, key: new Uint8Array(32).fill(byte) })
export const k1 = dataKey('k1', 1)
export const k2 = dataKey('k2', 2)

export const minute = 60_000
export const start = new Date('2026-11-22T08:00:00Z')
export const later = (ms: number): Date => new Date(start.getTime() + ms)
