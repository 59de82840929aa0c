import { exchange } from '../adaptors/language-exchange/exchange.ts'
import { deliveredFeedback, failedFeedback } from '../referral/gateway/dtp/feedback.ts'
import { type State, withGatewayCredential } from './connections.ts'
import { deliveredFact, type Feedback } from './deliverReferrals.ts'
import { postToDtp } from './dtp.ts'
import { eachRecord } from './eachRecord.ts'
import { gatewayFailure } from './outcomes.ts'

/**
 * Tells DTP what became of each intervention in `state.feedback`, each fact once: a second message goes out only when
 * delivery turned into failure or back, or the reason changed.
 */
export function reportToDtp() {
  return async (state: State & { feedback?: readonly Feedback[] }): Promise<State> => {
    const gateway = withGatewayCredential(state)
    const options = { atOnce: 8, keyOf: ({ interventionNumber }: Feedback) => interventionNumber }
    await eachRecord(state.feedback ?? [], options, async (feedback, outage) => {
      const { interventionNumber: key } = feedback
      try {
        await exchange().ledger.tell(`dtp/feedback/${key}`, factOf(feedback), () =>
          outage.guard(() => postToDtp(gateway, 'ReceiveDecisionOutgoingReferral', bodyOf(feedback))),
        )
      } catch (error) {
        exchange().outcome(gatewayFailure(key, error, 'FEEDBACK_REFUSED'))
      }
    })
    return { ...state, feedback: [] }
  }
}

function factOf({ delivered, sentence }: Feedback) {
  return delivered === undefined ? { status: 'failed', reason: sentence } : deliveredFact
}

function bodyOf({ interventionNumber, delivered, sentence = '' }: Feedback) {
  return delivered === undefined
    ? failedFeedback({ interventionNumber, sentence })
    : deliveredFeedback({ interventionNumber, ...delivered })
}
