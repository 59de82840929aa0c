import { exchange } from '../adaptors/language-exchange/exchange.ts'
import { openReferrals } from '../referral/referralOut.ts'
import { primeroOf, type State } from './connections.ts'
import { eachRecord } from './eachRecord.ts'
import { failureOutcome } from './outcomes.ts'
import { pollCases } from './pollCases.ts'

export const referralsCursor = 'send-referrals'

/** A referral to look at, by ids: what it says is read again just before it is sent. */
export interface FoundReferral {
  readonly caseId: string
  readonly referralId: string
  /** Owner of the case when it was found, so that the contact can be read before the last look at consent. */
  readonly owner?: string
}

interface FoundCase {
  readonly id: string
  readonly owner?: string
  /** It was kept for retry under its own id, because its referrals could not be read. */
  readonly kept?: boolean
}

/** Ledger key of a referral sent to UNHCR: the Primero referral record, because a service may be referred again. */
export function referralEffect(referralId: string): string {
  return `dtp/referral/${referralId}`
}

/**
 * Finds referrals addressed to the UNHCR user that are open and were not sent yet, into `state.referrals`; `state.cursor`
 * is where the next poll may begin once they are sent or kept.
 *
 * Which are new is told by the referral records, never by dates that people type.
 *
 * @source docs/systems.md §Primero/referrals, §Primero/lists
 */
export function pollReferrals() {
  return async (state: State): Promise<State> => {
    const client = primeroOf(state)
    const { waiting, specification, signal } = exchange()
    const user = specification.settings.unhcr_user
    const cases = new Map<string, FoundCase>()
    const referrals: FoundReferral[] = []
    for (const { key, ids } of await waiting()) {
      if (ids.case === undefined) continue
      if (ids.referral === undefined) cases.set(ids.case, { id: ids.case, kept: key === ids.case })
      else referrals.push({ caseId: ids.case, referralId: ids.referral })
    }
    const filters = { associated_user_names: [user] }
    const cursor = await pollCases({ client, cursor: referralsCursor, filters, fields: ['owned_by'] }, (found) => {
      const owner = typeof found.owned_by === 'string' ? { owner: found.owned_by } : {}
      cases.set(found.id, { ...cases.get(found.id), id: found.id, ...owner })
    })
    await eachRecord([...cases.values()], { atOnce: 4, keyOf: ({ id }) => id }, async ({ id, owner, kept }, outage) => {
      try {
        const open = openReferrals(await outage.guard(() => client.getReferrals(id, { signal })), user)
        for (const referral of open)
          referrals.push({ caseId: id, referralId: String(referral.id), ...(owner === undefined ? {} : { owner }) })
        if (kept) exchange().outcome({ key: id, outcome: 'unchanged', code: 'ALREADY_DELIVERED', ids: { case: id } })
      } catch (error) {
        exchange().outcome({ ...(await failureOutcome(id, error)), ids: { case: id } })
      }
    })
    return { ...state, data: {}, referrals: await unsent(referrals), cursor }
  }
}

/** Without those that were sent before, those whose retry is not due, and doubles. */
async function unsent(found: readonly FoundReferral[]): Promise<FoundReferral[]> {
  const { ledger, deferred } = exchange()
  const byId = new Map(found.map((referral) => [referral.referralId, referral]))
  const done = await ledger.done([...byId.keys()].map(referralEffect))
  const later = await deferred()
  return [...byId.values()].filter(({ referralId }) => !done.has(referralEffect(referralId)) && !later.has(referralId))
}
