import { exchange, type RecordOutcome } from '../adaptors/language-exchange/exchange.ts'
import type { PrimeroClient } from '../adaptors/language-primero/client.ts'
import { namesUser, openReferrals } from '../referral/referralOut.ts'
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
  /** It was kept under its own id, because its referrals could not be read. */
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
    const referrals = await leftBegun()
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
    await eachRecord([...cases.values()], { atOnce: 4, keyOf: ({ id }) => id }, async (found, outage) => {
      const { id, owner, kept } = found
      try {
        const all = await outage.guard(() => client.getReferrals(id, { signal }))
        if (!namesUser(all, user) && (await outage.guard(() => isHidden(found, client, user))))
          return exchange().outcome(hiddenReferrals(id))
        for (const referral of openReferrals(all, user))
          referrals.push({ caseId: id, referralId: String(referral.id), ...(owner === undefined ? {} : { owner }) })
        if (kept) exchange().outcome({ key: id, outcome: 'unchanged', code: 'ALREADY_DELIVERED', ids: { case: id } })
      } catch (error) {
        exchange().outcome({ ...failureOutcome(id, error), ids: { case: id } })
      }
    })
    return { ...state, data: {}, referrals: await unsent(referrals), cursor }
  }
}

/** Those whose sending a run began and did not live to end, whatever became of them since: they are in doubt. */
async function leftBegun(): Promise<FoundReferral[]> {
  const { ledger, specification } = exchange()
  if (specification.settings.dtp.repeat_is_safe) return []
  const effects = await ledger.begun(referralEffect(''))
  return effects.map(({ key, detail = '' }) => ({ caseId: detail, referralId: key.slice(referralEffect('').length) }))
}

/**
 * Whether Primero lists a case under a user whom none of the referrals it shows us names. Unless that user owns the case,
 * there is a referral to him (or, seldom, a transfer) which the account may not see: a role with too small a scope gets an
 * empty list, no error.
 *
 * @source docs/systems.md §Primero/referrals
 */
async function isHidden({ id, owner }: FoundCase, client: PrimeroClient, user: string): Promise<boolean> {
  if (owner !== undefined) return owner !== user
  const fields = ['owned_by', 'associated_user_names']
  const found = await client.getCase(id, { fields, signal: exchange().signal })
  const associated = found?.associated_user_names
  return found?.owned_by !== user && Array.isArray(associated) && associated.includes(user)
}

function hiddenReferrals(caseId: string): RecordOutcome {
  const ids = { case: caseId }
  return { key: caseId, outcome: 'waiting', code: 'REFERRALS_HIDDEN', next: 'person', alert: true, ids }
}

/** Without those that were sent before, those whose retry is not due, and doubles. */
async function unsent(found: readonly FoundReferral[]): Promise<FoundReferral[]> {
  const { ledger, deferred } = exchange()
  const byId = new Map(found.map((referral) => [referral.referralId, referral]))
  const done = await ledger.done([...byId.keys()].map(referralEffect))
  const later = await deferred()
  return [...byId.values()].filter(({ referralId }) => !done.has(referralEffect(referralId)) && !later.has(referralId))
}
