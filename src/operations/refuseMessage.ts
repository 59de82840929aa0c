import { exchange } from '../adaptors/language-exchange/exchange.ts'
import type { State } from './connections.ts'

/** Leaves a message of no known kind to a person: the entry is stuck, its payload kept, an alert raised. */
export function refuseMessage() {
  return (state: State): State => {
    exchange().outcome({
      key: 'message',
      outcome: 'refused',
      code: 'MESSAGE_UNRECOGNISED',
      stuck: 'keep_whole',
      alert: true,
    })
    return { ...state, data: {} }
  }
}
