import type { Clock } from '../clock.ts'
import type { Json } from '../json.ts'
import type { CaseData } from './types.ts'

/** The cases by id, as readers see them at the clock's time. */
export interface Records {
  /** In the order of their last save, as rows lie in PostgreSQL: an update writes a new row at the end. */
  all(): readonly CaseData[]
  get(id: string): CaseData | undefined
  /** Through an index, which is made at the first question about a field. */
  by(field: string, value: string): readonly CaseData[]
  /** @param visibleAt readers see the former state until then */
  put(data: CaseData, visibleAt?: Date | string): void
}

interface Row {
  data: CaseData | undefined
  pending?: { readonly data: CaseData; readonly visibleAt: number }
}

export function createRecords(clock: Clock): Records {
  const rows = new Map<string, Row>()
  const indexes = new Map<string, Map<Json, Set<string>>>()
  let visible: readonly CaseData[] | undefined
  let pending = 0

  const read = (row: Row): CaseData | undefined => {
    if (row.pending && clock.now().getTime() >= row.pending.visibleAt) {
      row.data = row.pending.data
      delete row.pending
      pending -= 1
    }
    return row.data
  }
  const get: Records['get'] = (id) => {
    const row = rows.get(id)
    return row && read(row)
  }
  // A superset: an id stays under a value that its case no longer has, so `by` looks at the case itself.
  const index = (field: string, data: CaseData): void => {
    const values = indexes.get(field)
    const value = data[field]
    if (!values || value === undefined) return
    const ids = values.get(value)
    if (ids) ids.add(data.id)
    else values.set(value, new Set([data.id]))
  }

  return {
    get,
    all() {
      if (visible && pending === 0) return visible
      const found: CaseData[] = []
      for (const row of rows.values()) {
        const data = read(row)
        if (data) found.push(data)
      }
      visible = found
      return found
    },
    by(field, value) {
      if (!indexes.has(field)) {
        indexes.set(field, new Map())
        for (const row of rows.values()) for (const data of [row.data, row.pending?.data]) if (data) index(field, data)
      }
      const found: CaseData[] = []
      for (const id of indexes.get(field)?.get(value) ?? []) {
        const data = get(id)
        if (data && data[field] === value) found.push(data)
      }
      return found
    },
    put(data, visibleAt) {
      const old = rows.get(data.id)
      if (old) read(old)
      if (old?.pending) pending -= 1
      rows.delete(data.id)
      if (visibleAt === undefined) rows.set(data.id, { data })
      else {
        rows.set(data.id, { data: old?.data, pending: { data, visibleAt: new Date(visibleAt).getTime() } })
        pending += 1
      }
      visible = undefined
      for (const field of indexes.keys()) index(field, data)
    },
  }
}
