import { exchange } from '../adaptors/language-exchange/exchange.ts'
import { messageProblem, readMessage } from '../referral/gateway/dtp/message.ts'
import { groupInterventions } from '../referral/intervention.ts'
import type { State } from './connections.ts'

/** Reads a referral message of DTP in `state.data` into `state.interventions`: one for each intervention number. */
export function readReferrals() {
  return (state: State): State => {
    const message = readMessage(state.data)
    reportProblem(state.data)
    return { ...state, data: {}, interventions: groupInterventions(message.rows) }
  }
}

/** A message that cannot be read, wholly or partly, ends up with a person, because nobody else can be told. */
export function reportProblem(body: unknown): void {
  const code = messageProblem(readMessage(body))
  if (code === undefined) return
  const stuck = code === 'MESSAGE_UNRECOGNISED' ? 'keep_whole' : 'keep'
  exchange().outcome({ key: 'message', outcome: 'refused', code, stuck, alert: true })
}
