import { exchange } from '../adaptors/language-exchange/exchange.ts'
import type { State } from './connections.ts'

/** An alert for each notice whose call was not made in time, and another every 24 hours until it is. */
export function remindOfNotices() {
  return async (state: State): Promise<State> => {
    const { notices, alert } = exchange()
    for (const { id } of await notices.overdue()) {
      alert('NOTICE_OVERDUE', id)
      notices.remind(id)
    }
    return state
  }
}
