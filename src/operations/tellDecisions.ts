import { exchange } from '../adaptors/language-exchange/exchange.ts'
import type { Decision } from '../referral/decisionOut.ts'
import { decisionBody } from '../referral/gateway/dtp/decisionBody.ts'
import { type State, withGatewayCredential } from './connections.ts'
import { postToDtp } from './dtp.ts'
import { eachRecord } from './eachRecord.ts'
import { gatewayFailure } from './outcomes.ts'
import { moveCursor } from './pollCases.ts'
import { decisionFact, decisionsCursor } from './pollDecisions.ts'

/** Tells DTP each of `state.decisions`; what cannot be told now is kept for retry, and only then the cursor moves. */
export function tellDecisions() {
  return async (state: State & { decisions: readonly Decision[] }): Promise<State> => {
    const gateway = withGatewayCredential(state)
    const options = { atOnce: 8, keyOf: ({ interventionNumber }: Decision) => interventionNumber }
    await eachRecord(state.decisions, options, async (decision, outage) => {
      const { interventionNumber: key, recordId } = decision
      const ids = { case: recordId }
      try {
        const told = await exchange().ledger.tell(...decisionFact(decision), () =>
          outage.guard(() => postToDtp(gateway, 'ReceiveDecisionOutgoingReferral', decisionBody(decision))),
        )
        const isNews = told.is === 'done'
        exchange().outcome({
          key,
          outcome: isNews ? 'delivered' : 'unchanged',
          code: isNews ? 'DELIVERED' : 'ALREADY_DELIVERED',
        })
      } catch (error) {
        exchange().outcome({ ...gatewayFailure(key, error, 'DECISION_REFUSED'), ids })
      }
    })
    await moveCursor(decisionsCursor, state.cursor)
    return { ...state, decisions: [] }
  }
}
