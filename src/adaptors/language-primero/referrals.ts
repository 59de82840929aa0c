import { ExchangeError } from '../../errors/ExchangeError.ts'
import { page, segment, single } from './answers.ts'
import type { CallOptions, ReferralChange } from './client.ts'
import type { Connection } from './connection.ts'
import { nonsense } from './failures.ts'
import { isObject } from './json.ts'
import type { Referral, Row } from './rows.ts'

/**
 * The referrals of a case that the account may see, in no order, all of them at once.
 *
 * An account with the scope `self` or `agency` sees some only, without an error.
 *
 * @throws REMOTE_REFUSED (never, status 404) for an unknown case
 * @source docs/systems.md §Primero/referrals
 */
export async function getReferrals(
  connection: Connection,
  caseId: string,
  { signal }: CallOptions = {},
): Promise<readonly Referral[]> {
  const doing = 'Reading the referrals of a case'
  const path = `/cases/${segment(caseId, 'case id')}/referrals`
  return page(await connection.ask({ method: 'GET', path, doing, signal }), 'id', doing).rows.map((row) =>
    asReferral(row, doing),
  )
}

/**
 * Refers the cases `data.ids` to the user `data.transitioned_to`, one referral each.
 *
 * Nothing recognises a repeat: the same request twice makes two referrals of each case. Primero does it case by case, so
 * an error may leave some of them referred. An unknown `transitioned_to` is answered with 500, and nobody can refer to
 * themselves.
 *
 * @throws FIELDS_MISSING (never) without ids (Primero would answer 200 and do nothing) or receiver
 * @source docs/systems.md §Primero/referrals
 */
export async function createReferrals(
  connection: Connection,
  data: Row,
  { signal }: CallOptions = {},
): Promise<readonly Referral[]> {
  const missing = [
    ...(Array.isArray(data.ids) && data.ids.length > 0 ? [] : ['ids']),
    ...(data.remote === true || (typeof data.transitioned_to === 'string' && data.transitioned_to !== '')
      ? []
      : ['transitioned_to']),
  ]
  if (missing.length > 0) {
    throw new ExchangeError(`A referral needs ${missing.join(' and ')}.`, {
      code: 'FIELDS_MISSING',
      retry: 'never',
      fields: missing,
    })
  }
  const doing = 'Referring cases'
  const answer = await connection.ask({ method: 'POST', path: '/cases/referrals', body: { data }, doing, signal })
  return page(answer, 'id', doing).rows.map((row) => asReferral(row, doing))
}

/**
 * Asks for a change of a referral and returns the referral as it is then: **compare its `status`**. Primero answers 200 and
 * changes nothing where the change is not allowed (accept and reject only from `in_progress`, `done` only from `accepted`).
 *
 * @throws PRIMERO_REJECTED (never) also when consent was withdrawn or the receiver disabled after referring
 * @throws REMOTE_REFUSED (never, status 404) for an unknown case or referral
 * @source docs/systems.md §Primero/referrals
 */
export async function patchReferral(
  connection: Connection,
  caseId: string,
  referralId: string,
  change: ReferralChange,
  { signal }: CallOptions = {},
): Promise<Referral> {
  const doing = 'Deciding on a referral'
  const path = `/cases/${segment(caseId, 'case id')}/referrals/${segment(referralId, 'referral id')}`
  const answer = await connection.ask({ method: 'PATCH', path, body: { data: { ...change } }, doing, signal })
  return asReferral(single(answer, 'id', doing), doing)
}

function asReferral(row: Row & { readonly id: string }, doing: string): Referral {
  const { id, status } = row
  if (!isObject(row) || typeof status !== 'string') throw nonsense(doing, 'a referral without status')
  return { ...row, id, status }
}
