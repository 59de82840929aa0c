import { v5 } from 'uuid'
import type { Exchange, Notice } from '../adaptors/language-exchange/exchange.ts'
import type { Place } from './place.ts'

/** Ids of equal notices are equal, so that a run that is repeated opens none twice. */
const namespace = '0f3c6a39-7b0e-4a55-9a0c-8f5c2a7a4d11'
const dayMs = 24 * 3_600_000

/** Notices in a collection. A person closes one by removing it, or by giving it `done: true`. */
export function createNotices(place: Place, now: () => Date) {
  const opened: Notice[] = []
  const reminded: string[] = []
  const offered: Exchange['notices'] = {
    open: (notice) => void opened.push(notice),
    async overdue() {
      const all = await place.list('notice/')
      return all.filter(({ value }) => isOverdue(value, now())).map(({ key }) => ({ id: key }))
    },
    remind: (id) => void reminded.push(id),
  }
  return {
    offered,
    async settle(): Promise<void> {
      for (const notice of opened) {
        const key = `notice/${v5(JSON.stringify(notice.services.concat(notice.case_number, notice.withdrawn_on)), namespace)}`
        if ((await place.get(key)) === undefined) await place.set(key, { ...notice })
      }
      for (const id of reminded) {
        const notice = await place.get(`notice/${id}`)
        if (typeof notice === 'object' && notice !== null)
          await place.set(`notice/${id}`, { ...notice, reminded_at: now().toISOString() })
      }
    },
  }
}

function isOverdue(value: unknown, now: Date): boolean {
  if (typeof value !== 'object' || value === null || !('due_at' in value)) return false
  if ('done' in value && value.done === true) return false
  const remindedAt = 'reminded_at' in value ? Date.parse(String(value.reminded_at)) : Number.NEGATIVE_INFINITY
  return Date.parse(String(value.due_at)) < now.getTime() && remindedAt < now.getTime() - dayMs
}
