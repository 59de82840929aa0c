import type { Child } from '../crash/endState.ts'
import type { Site } from '../crash/site.ts'

/** What a child's way must have led to, exactly once. */
export type Aim = 'delivered' | 'told' | 'sent' | 'decided'

export interface Traveller {
  readonly child: Child
  readonly aim: Aim
}

export interface Tally {
  readonly lost: number
  readonly doubled: number
  /** Feedback and decisions that DTP was told more than once: allowed, because they state a fact. */
  readonly toldAgain: number
  /** Times at which work was resumed too late. */
  readonly late?: number
}

/** Looks in both systems for each child once all has come to rest. */
export function tally({ primero, dtp }: Site, travellers: readonly Traveller[]): Tally {
  const rows = count(
    [...primero.content.cases()].flatMap(({ services_section }) =>
      (Array.isArray(services_section) ? services_section : []).map((row) =>
        String(Object(row).progres_interventionnumber),
      ),
    ),
  )
  const heard = count(
    dtp.received.map(({ body }) => `${body.progres_interventionnumber ?? body.id} ${body.status ?? ''}`),
  )
  const status = new Map(primero.content.referrals().map((referral) => [referral.id, referral.status]))

  /** How often it happened, and how often DTP heard of it. */
  const seen = travellers.map(({ child: { interventionNumber = '', referralId = '', dtpId = '' }, aim }) => {
    const messages =
      heard.get(`${interventionNumber} ${aim === 'told' ? 'acknowledged' : 'Pending Acknowledgement'}`) ?? 0
    const sent = heard.get(`${dtpId} `) ?? 0
    const all: Record<Aim, { readonly times: number; readonly messages: number }> = {
      delivered: { times: messages === 0 ? 0 : (rows.get(interventionNumber) ?? 0), messages },
      told: { times: Math.min(messages, 1), messages },
      sent: { times: sent, messages: 1 },
      decided: { times: status.get(referralId) === 'accepted' ? 1 : 0, messages: 1 },
    }
    return all[aim]
  })
  return {
    lost: seen.filter(({ times }) => times === 0).length,
    doubled: seen.filter(({ times }) => times > 1).length,
    toldAgain: seen.filter(({ messages }) => messages > 1).length,
  }
}

function count(keys: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1)
  return counts
}
