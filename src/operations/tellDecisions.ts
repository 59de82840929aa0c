import { type EffectResult, exchange, type RecordOutcome } from '../adaptors/language-exchange/exchange.ts'
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
        exchange().outcome({ key, ...outcomeOf(told), ids })
      } catch (error) {
        exchange().outcome({ ...gatewayFailure(key, error, 'DECISION_REFUSED'), ids })
      }
    })
    await moveCursor(decisionsCursor, state.cursor)
    return { ...state, decisions: [] }
  }
}

/** What DTP refused before is not told again by the clock, and stays refused. */
function outcomeOf(told: EffectResult<void>): Pick<RecordOutcome, 'outcome' | 'code'> {
  if (told.is === 'done') return { outcome: 'delivered', code: 'DELIVERED' }
  if (told.row.state === 'refused') return { outcome: 'refused', code: 'DECISION_REFUSED' }
  return { outcome: 'unchanged', code: 'ALREADY_DELIVERED' }
}
