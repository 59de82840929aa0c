import { exchange, type RecordOutcome } from '../adaptors/language-exchange/exchange.ts'
import type { PrimeroClient, Referral } from '../adaptors/language-primero/client.ts'
import { today } from '../mapping/calendar.ts'
import { servicesOf, standingOf } from '../referral/withdrawal.ts'
import { primeroOf, type State } from './connections.ts'
import { eachRecord, type Outage } from './eachRecord.ts'
import { failureOutcome } from './outcomes.ts'
import { referralEffect } from './pollReferrals.ts'

/**
 * Reads again every referral that UNHCR has or may have and that is not over. Where one was revoked since, or the consent
 * of its case is gone, a notice is opened with what the procedure for it asks for: case number, date of withdrawal, which
 * services; whom to tell, and until when. A person tells it: nothing is ever sent to UNHCR here.
 *
 * Known ids are read one by one, because a revoked referral takes its case out of every list we can ask for. Without an
 * open exchange nothing is asked of Primero.
 *
 * @source docs/systems.md §Primero/referrals
 */
export function watchConsent() {
  return async (state: State): Promise<State> => {
    const client = primeroOf(state)
    const kept = new Set((await exchange().waiting()).map(({ key }) => key))
    const cases = await openExchanges(kept)
    await eachRecord([...cases], { atOnce: 4, keyOf: ([caseId]) => caseId }, async ([caseId, sent], outage) => {
      try {
        const found = await look(caseId, sent, client, outage)
        // What is as it was is no news, save where an earlier look failed: that is settled with this one.
        if (found !== undefined) exchange().outcome({ key: caseId, ...found, ids: { case: caseId } })
        else if (kept.has(caseId)) exchange().outcome({ key: caseId, outcome: 'unchanged', code: 'ALREADY_DELIVERED' })
      } catch (error) {
        exchange().outcome({ ...failureOutcome(caseId, error), ids: { case: caseId } })
      }
    })
    return { ...state, data: {} }
  }
}

/** Ids of the referrals to watch, by their cases; a retry looks only at the cases that could not be read before. */
async function openExchanges(kept: ReadonlySet<string>): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const { ledger, reason } = exchange()
  const prefix = referralEffect('')
  const cases = new Map<string, Set<string>>()
  for (const { key, detail } of await ledger.watched(prefix)) {
    // Recorded by hand as sent before: which case it is of is not known.
    if (detail === undefined || (reason === 'retry' && !kept.has(detail))) continue
    cases.set(detail, (cases.get(detail) ?? new Set()).add(key.slice(prefix.length)))
  }
  return cases
}

async function look(
  caseId: string,
  sent: ReadonlySet<string>,
  client: PrimeroClient,
  outage: Outage,
): Promise<Pick<RecordOutcome, 'outcome' | 'code' | 'next'> | undefined> {
  const { specification, signal, ledger } = exchange()
  const { must_be_true, must_not_be_false } = specification.settings.consent
  const fields = ['case_id', 'last_updated_at', 'services_section', ...must_be_true, ...must_not_be_false]
  const [caseRow, referrals] = await outage.guard(() =>
    Promise.all([client.getCase(caseId, { fields, signal }), client.getReferrals(caseId, { signal })]),
  )
  const known = referrals.filter(({ id }) => sent.has(String(id)))
  if (caseRow === undefined) return { outcome: 'waiting', code: 'CASE_UNKNOWN', next: 'person' }
  const withdrawn: Referral[] = []
  for (const referral of known) {
    const standing = standingOf(caseRow, referral, specification)
    if (standing === 'withdrawn') withdrawn.push(referral)
    if (standing !== 'open') ledger.over(referralEffect(String(referral.id)))
  }
  if (withdrawn.length > 0) openNotice(caseRow, withdrawn)
  if (known.length < sent.size) return { outcome: 'waiting', code: 'REFERRALS_HIDDEN', next: 'person' }
  return withdrawn.length > 0 ? { outcome: 'unchanged', code: 'CONSENT_WITHDRAWN' } : undefined
}

function openNotice(caseRow: Readonly<Record<string, unknown>>, withdrawn: readonly Referral[]): void {
  const { specification, now, notices, alert } = exchange()
  const { time_zone, withdrawal } = specification.settings
  // Primero keeps no date of a withdrawal; the case was saved with it, and at most since the last look again.
  const saved = new Date(String(caseRow.last_updated_at))
  const day = today(Number.isNaN(saved.getTime()) ? now() : saved, time_zone)
  const number = String(caseRow.case_id)
  notices.open({
    case_number: number,
    withdrawn_on: day,
    services: servicesOf(caseRow, withdrawn, specification),
    tell: withdrawal.tell,
    due_at: new Date(now().getTime() + withdrawal.within_hours * 3_600_000).toISOString(),
  })
  alert('CONSENT_WITHDRAWN', number)
}
