import { exchange } from '../adaptors/language-exchange/exchange.ts'
import type { Case } from '../adaptors/language-primero/client.ts'
import { contradictoryDecisions, type Decision, decisionsOf } from '../referral/decisionOut.ts'
import { primeroOf, type State } from './connections.ts'
import { failureOutcome } from './outcomes.ts'
import { pollCases } from './pollCases.ts'

export const decisionsCursor = 'send-decisions'

const fields = ['case_id', 'owned_by', 'services_section']

/**
 * Reads the focal points' decisions on UNHCR's interventions into `state.decisions`: those that UNHCR was not told yet, in
 * their latest state. `state.cursor` is where the next poll may begin once they are told.
 */
export function pollDecisions() {
  return async (state: State): Promise<State> => {
    const client = primeroOf(state)
    const decisions = new Map<string, Decision>()
    const contradictory = new Set<string>()
    const deferred = await exchange().deferred()
    const take = async (found: Case) => {
      for (const key of contradictions(found)) contradictory.add(key)
      for (const decision of await untold(found)) {
        if (!deferred.has(decision.interventionNumber)) decisions.set(decision.interventionNumber, decision)
      }
    }
    for (const { key, ids } of await exchange().waiting()) {
      try {
        const found = await client.getCase(ids.case ?? '', { fields, signal: exchange().signal })
        if (found === undefined) exchange().outcome({ key, outcome: 'refused', code: 'CASE_UNKNOWN', alert: true, ids })
        else await take(found)
        if (found !== undefined && !decisions.has(key) && !contradictory.has(key))
          exchange().outcome({ key, outcome: 'unchanged', code: 'ALREADY_DELIVERED', ids })
      } catch (error) {
        exchange().outcome({ ...failureOutcome(key, error), ids })
      }
    }
    const cursor = await pollCases({ client, cursor: decisionsCursor, filters: {}, fields }, take)
    return { ...state, data: {}, decisions: [...decisions.values()], cursor }
  }
}

function contradictions(found: Case): readonly string[] {
  const { specification, outcome } = exchange()
  const keys = contradictoryDecisions(found, specification)
  for (const key of keys)
    outcome({ key, outcome: 'refused', code: 'DECISIONS_CONTRADICT', alert: true, ids: { case: found.id } })
  return keys
}

async function untold(found: Case): Promise<Decision[]> {
  const { ledger, specification } = exchange()
  const all = decisionsOf(found, specification)
  const told = await Promise.all(all.map((decision) => ledger.told(...decisionFact(decision))))
  return all.filter((_, index) => told[index] !== true)
}

/** Subject and fact of a decision for the ledger: another status or another reason is news, anything else is not. */
export function decisionFact({ interventionNumber, status, reason }: Decision): [subject: string, fact: unknown] {
  return [`dtp/decision/${interventionNumber}`, { status, reason: reason ?? null }]
}
