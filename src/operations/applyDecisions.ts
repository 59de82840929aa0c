import { exchange, type RecordOutcome } from '../adaptors/language-exchange/exchange.ts'
import type { PrimeroClient, Referral } from '../adaptors/language-primero/client.ts'
import { ExchangeError } from '../errors/ExchangeError.ts'
import { chooseReferral, type DecisionIn } from '../referral/decisionIn.ts'
import { readDecision } from '../referral/gateway/dtp/decision.ts'
import { readMessage } from '../referral/gateway/dtp/message.ts'
import { primeroOf, type State } from './connections.ts'
import { eachRecord, type Outage } from './eachRecord.ts'
import { failureOutcome } from './outcomes.ts'
import { referralEffect } from './pollReferrals.ts'
import { reportProblem } from './readReferrals.ts'

/**
 * Reads UNHCR's decisions in `state.data` into `state.decisions`. A row with an unknown code or an unreadable id ends up with
 * a person: DTP offers no channel to answer it.
 */
export function readDecisions() {
  return (state: State): State => {
    reportProblem(state.data)
    const decisions: DecisionIn[] = []
    for (const row of readMessage(state.data).rows) {
      const decision = readDecision(row, exchange().specification)
      if (!('code' in decision)) decisions.push(decision)
      else exchange().outcome(forPerson(decision.referralId ?? 'message', decision.code))
    }
    return { ...state, data: {}, decisions }
  }
}

/** Applies each of `state.decisions` to the referral that is open now, and compares what Primero made of it. */
export function applyDecisions() {
  return async (state: State & { decisions: readonly DecisionIn[] }): Promise<State> => {
    const client = primeroOf(state)
    await eachRecord(state.decisions, { atOnce: 4, keyOf: ({ caseId }) => caseId }, async (decision, outage) => {
      exchange().outcome(await apply(decision, client, outage))
    })
    return { ...state, decisions: [] }
  }
}

async function apply(decision: DecisionIn, client: PrimeroClient, outage: Outage): Promise<RecordOutcome> {
  const { referralId: key, caseId, last12, status } = decision
  const { specification, signal, ledger } = exchange()
  try {
    const cases = await outage.guard(() => client.casesWhere('case_id', caseId, { fields: ['case_id'], signal }))
    const [found] = cases
    if (found === undefined) return forPerson(key, 'REFERRAL_UNKNOWN')
    if (cases.length > 1) return forPerson(key, 'CASE_AMBIGUOUS')
    const referrals = await outage.guard(() => client.getReferrals(found.id, { signal }))
    const choice = chooseReferral(referrals, last12, specification.settings.unhcr_user, status)
    if ('code' in choice) return forPerson(key, choice.code)
    const referral = 'apply' in choice ? choice.apply : choice.unchanged
    // UNHCR decided on it, so it arrived, whatever became of the answer to our post.
    await ledger.settle(referralEffect(String(referral.id)), true)
    const effect = `primero/decision/${String(referral.id)}/${status}`
    if ('unchanged' in choice) {
      // Perhaps an earlier attempt of ours, whose answer was lost.
      await ledger.settle(effect, true)
      return { key, outcome: 'unchanged', code: 'ALREADY_DECIDED' }
    }
    const patch = () => outage.guard(() => decide(decision, found.id, String(referral.id), client))
    await ledger.once(effect, { repeat: 'harmless' }, async () => ({ value: await patch() }))
    return { key, outcome: 'delivered', code: 'DELIVERED' }
  } catch (error) {
    const outcome = failureOutcome(key, error)
    return outcome.outcome === 'refused' || outcome.code === 'DECISION_NOT_APPLIED'
      ? forPerson(key, outcome.code)
      : outcome
  }
}

/** A change that Primero does not allow is answered with 200 and the old status. */
async function decide(
  { status, reason }: DecisionIn,
  caseId: string,
  referralId: string,
  client: PrimeroClient,
): Promise<Referral> {
  const change = {
    status: status === 'accepted' ? 'accepted' : 'rejected',
    ...(reason === undefined ? {} : { rejected_reason: reason }),
  } as const
  const answered = await client.patchReferral(caseId, referralId, change, { signal: exchange().signal })
  if (answered.status === status) return answered
  throw new ExchangeError('Primero answered 200 but the referral kept its status.', {
    code: 'DECISION_NOT_APPLIED',
    retry: 'never',
    reach: 'refused',
    hint: 'Look at the referral in Primero: it was decided, finished or revoked by somebody else.',
  })
}

function forPerson(key: string, code: RecordOutcome['code']): RecordOutcome {
  return { key, outcome: 'refused', code, stuck: 'keep', alert: true }
}
