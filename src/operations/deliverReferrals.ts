import { type EffectRow, exchange, type RecordOutcome } from '../adaptors/language-exchange/exchange.ts'
import type { PrimeroClient } from '../adaptors/language-primero/client.ts'
import { ExchangeError } from '../errors/ExchangeError.ts'
import { failureSentence } from '../referral/failureSentence.ts'
import type { Intervention } from '../referral/intervention.ts'
import { type RefusedReferral, translateReferral } from '../referral/receive.ts'
import { primeroOf, type State } from './connections.ts'
import { eachRecord, type Outage } from './eachRecord.ts'
import { failureOutcome } from './outcomes.ts'
import { nameOf, writeReferral } from './writeReferral.ts'

/** What the sender of an intervention is owed: where it went, or why not. */
export interface Feedback {
  readonly interventionNumber: string
  readonly delivered?: { readonly caseId: string; readonly owner: string }
  /** Why it was not delivered, in words for the other agency. */
  readonly sentence?: string
  /** The record's outcome once the sender has been told. */
  readonly outcome: RecordOutcome
}

/**
 * Writes each of `state.interventions` into Primero, each child on its own, and leaves `state.feedback`: one row for every
 * intervention whose sender is still owed an answer.
 *
 * A delivered intervention is never written again; whether it comes back with the same body or another, its row in Primero
 * stays as it is.
 */
export function deliverReferrals() {
  return async (state: State & { interventions: readonly Intervention[] }): Promise<State> => {
    const client = primeroOf(state)
    const feedback: Feedback[] = []
    const options = { atOnce: atOnce(state), keyOf: ({ individualNo, number }: Intervention) => individualNo ?? number }
    await eachRecord(state.interventions, options, async (intervention, outage) => {
      const { outcome, ...owed } = await deliver(intervention, client, outage)
      exchange().outcome(outcome)
      if ('delivered' in owed || 'sentence' in owed)
        feedback.push({ interventionNumber: intervention.number, outcome, ...owed })
    })
    return { ...state, interventions: [], feedback }
  }
}

type Told = Omit<Feedback, 'interventionNumber'>

async function deliver(intervention: Intervention, client: PrimeroClient, outage: Outage): Promise<Told> {
  const { ledger, specification, now, signal } = exchange()
  const key = intervention.number
  const effect = `primero/referral/${key}`
  try {
    const before = await ledger.find(effect)
    if (before?.state === 'done') return await deliveredBefore(intervention, before, client, outage)
    const referral = translateReferral(intervention, specification, now())
    if (!referral.ok) return refused(key, referral)
    const result = await ledger.once(effect, { repeat: 'harmless', fact: intervention.canonical }, async () => {
      const value = await writeReferral(referral, {
        client,
        specification,
        outage,
        signal,
        begun: before !== undefined,
      })
      return { value, detail: value.recordId }
    })
    if (result.is !== 'done') return await deliveredBefore(intervention, result.row, client, outage)
    const { caseId, owner, code } = result.value
    return { outcome: { key, outcome: 'delivered', code }, delivered: { caseId, owner } }
  } catch (error) {
    return owedAfter(failureOutcome(key, error), error)
  }
}

/** The fact that is told: owner and case id are details of it, and a change of theirs is no news for the sender. */
export const deliveredFact = { status: 'delivered' }

async function deliveredBefore(
  { number: key, canonical }: Intervention,
  row: EffectRow,
  client: PrimeroClient,
  outage: Outage,
): Promise<Told> {
  const { ledger, fingerprint, signal } = exchange()
  const changed = row.fingerprint !== fingerprint(canonical)
  const code = changed ? 'CHANGED_AFTER_DELIVERY' : 'ALREADY_DELIVERED'
  const unchanged = { key, outcome: 'unchanged', code, alert: changed } as const
  if (await ledger.told(`dtp/feedback/${key}`, deliveredFact)) return { outcome: unchanged }
  const options = { fields: ['case_id', 'owned_by'], signal }
  const stored = await outage.guard(() => client.getCase(row.detail ?? '', options))
  if (stored === undefined) {
    throw new ExchangeError('The case of a delivered referral cannot be read any more.', {
      code: 'ACCESS_DENIED',
      retry: 'never',
    })
  }
  const delivered = nameOf(stored)
  return { outcome: changed ? unchanged : { key, outcome: 'delivered', code: 'DELIVERED' }, delivered }
}

function refused(key: string, referral: RefusedReferral): Told {
  if (referral.code === 'NO_MAPPING_ON_OUR_SIDE') {
    return owedAfter({ key, outcome: 'waiting', code: referral.code, next: 'person', alert: true }, undefined)
  }
  const sentence = failureSentence(exchange().specification, referral)
  return { outcome: { key, outcome: 'refused', code: referral.code }, sentence }
}

/** A refusal is told at once; what waits is told when RETRY_FOR ends with this attempt. */
function owedAfter(outcome: RecordOutcome, error: unknown): Told {
  const { specification, lastAttempt } = exchange()
  if (outcome.outcome === 'refused') {
    const fields = error instanceof ExchangeError ? error.fields : []
    return { outcome, sentence: failureSentence(specification, { code: outcome.code, fields }) }
  }
  if (!lastAttempt) return { outcome }
  const exhausted: RecordOutcome = { key: outcome.key, outcome: 'waiting', code: 'RETRY_EXHAUSTED', next: 'person' }
  return { outcome: exhausted, sentence: failureSentence(specification, { code: 'RETRY_EXHAUSTED' }) }
}

function atOnce(state: State): number {
  const { concurrency = 4 } = state.configuration as { concurrency?: number }
  return concurrency
}
