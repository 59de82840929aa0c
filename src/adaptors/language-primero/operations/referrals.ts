import { ExchangeError } from '../../../errors/ExchangeError.ts'
import { segment } from '../answers.ts'
import { casesWhere } from '../cases.ts'
import { connectionTo } from '../client.ts'
import type { Connection } from '../connection.ts'
import { isObject } from '../json.ts'
import { createReferrals as create, getReferrals as get, patchReferral } from '../referrals.ts'
import type { Row } from '../rows.ts'
import { dataOf, textOf } from './parameters.ts'
import { type Callback, finish, type Lazy, nextState, type Operation, resolve } from './state.ts'
import { warn } from './warn.ts'

export interface GetReferralsParameters {
  /** What `id` is: `record_id` (default) or a field of the case, e.g. `case_id`. */
  readonly externalId?: Lazy<string>
  readonly id: Lazy<string>
}

/**
 * Reads the referrals of one case: `getReferrals({ externalId: 'case_id', id: '…' })`.
 *
 * Leaves `data`: list of referrals, in no order; those that the account may not see are missing without an error.
 *
 * @throws CASE_UNKNOWN, CASE_AMBIGUOUS (never) unless exactly one case carries that value
 * @source docs/systems.md §Primero/referrals
 */
export function getReferrals(parameters: Lazy<GetReferralsParameters>, callback?: Callback): Operation {
  return async (state) => {
    const resolved = resolve(state, parameters)
    if (!isObject(resolved)) throw new TypeError('getReferrals needs { externalId, id }.')
    const connection = connectionTo(state.configuration)
    const recordId = await recordIdOf(connection, resolved.externalId, textOf(resolved.id, 'id'))
    return finish(nextState(state, await get(connection, recordId)), callback)
  }
}

/**
 * Refers cases to a user: `createReferrals({ ids: ['0b6f…'], transitioned_to: 'focal_user', service_record_id: '…' })`, or
 * wrapped as `{ data: {...} }`.
 *
 * A repeat makes a second referral: look for an open one first.
 *
 * Leaves `data`: list of the new referrals.
 *
 * @throws FIELDS_MISSING (never) without ids or receiver; PRIMERO_REJECTED (never) without consent or for a receiver who
 *         may not receive
 * @source docs/systems.md §Primero/referrals
 */
export function createReferrals(parameters: Lazy<Row>, callback?: Callback): Operation {
  return async (state) => {
    const data = dataOf(resolve(state, parameters), 'createReferrals')
    return finish(nextState(state, await create(connectionTo(state.configuration), data)), callback)
  }
}

export interface UpdateReferralParameters {
  /** What `caseId` is: `record_id` (default) or a field of the case, e.g. `case_id`. */
  readonly caseExternalId?: Lazy<string>
  readonly caseId: Lazy<string>
  /** Id of the referral. */
  readonly id: Lazy<string>
  readonly data: Lazy<Row>
}

/**
 * Changes a referral: `updateReferral({ caseExternalId: 'case_id', caseId: '…', id: '…', data: { status: 'accepted' } })`.
 *
 * Leaves `data`: the referral.
 *
 * @throws CASE_UNKNOWN, CASE_AMBIGUOUS (never) unless exactly one case carries that value
 * @throws DECISION_NOT_APPLIED (never) when the referral kept another status: Primero answers 200 to a change that is not
 *         allowed from the present status
 * @source docs/systems.md §Primero/referrals
 */
export function updateReferral(parameters: Lazy<UpdateReferralParameters>, callback?: Callback): Operation {
  return async (state) => {
    const resolved = resolve(state, parameters)
    if (!isObject(resolved)) throw new TypeError('updateReferral needs { caseExternalId, caseId, id, data }.')
    return finish(await change(state, resolved), callback)
  }
}

export interface OldUpdateReferralsParameters {
  readonly externalId?: Lazy<string>
  /** Id of the **case**. */
  readonly id: Lazy<string>
  readonly referral_id: Lazy<string>
  readonly data: Lazy<Row>
}

/**
 * `updateReferral` by its old name; takes its parameters as well as the old ones, in which `id` is the case.
 *
 * @deprecated use `updateReferral`
 */
export function updateReferrals(
  parameters: Lazy<UpdateReferralParameters | OldUpdateReferralsParameters>,
  callback?: Callback,
): Operation {
  return async (state) => {
    const resolved = resolve(state, parameters)
    if (!isObject(resolved)) throw new TypeError('updateReferrals needs { externalId, id, referral_id, data }.')
    warn('PRIMERO_OLD_PARAMETERS', 'updateReferrals is now updateReferral({ caseExternalId, caseId, id, data }).')
    if (!('referral_id' in resolved)) return finish(await change(state, resolved), callback)
    const { externalId: caseExternalId, id: caseId, referral_id: id, data } = resolved
    return finish(await change(state, { caseExternalId, caseId, id, data }), callback)
  }
}

async function change(state: Parameters<Operation>[0], parameters: Row) {
  const { status, rejected_reason: reason, rejection_note: note } = dataOf(parameters.data, 'updateReferral')
  if (status !== 'accepted' && status !== 'rejected' && status !== 'done') {
    throw new ExchangeError('A referral can be changed to accepted, rejected or done only.', {
      code: 'FIELDS_INVALID',
      retry: 'never',
      fields: ['status'],
    })
  }
  const referralId = segment(textOf(parameters.id, 'id'), 'referral id')
  const connection = connectionTo(state.configuration)
  const caseId = await recordIdOf(connection, parameters.caseExternalId, textOf(parameters.caseId, 'caseId'))
  const referral = await patchReferral(connection, caseId, referralId, {
    status,
    ...(typeof reason === 'string' ? { rejected_reason: reason } : {}),
    ...(typeof note === 'string' ? { rejection_note: note } : {}),
  })
  if (referral.status !== status) {
    throw new ExchangeError('Primero answered 200 but the referral kept its status.', {
      code: 'DECISION_NOT_APPLIED',
      retry: 'never',
      fields: ['status'],
      hint: 'Accepting and rejecting work from in_progress only, done from accepted only.',
    })
  }
  return nextState(state, referral)
}

async function recordIdOf(connection: Connection, externalId: unknown, value: string): Promise<string> {
  const field = externalId === undefined ? 'record_id' : textOf(externalId, 'externalId')
  if (field === 'record_id' || field === 'id') return segment(value, 'case id')
  const found = await casesWhere(connection, field, value, { fields: [field] })
  const [only, ...others] = found
  if (only !== undefined && others.length === 0) return only.id
  const code = only === undefined ? 'CASE_UNKNOWN' : 'CASE_AMBIGUOUS'
  const message = only === undefined ? `No case carries this ${field}.` : `${found.length} cases carry this ${field}.`
  throw new ExchangeError(message, { code, retry: 'never', reach: 'refused', fields: [field] })
}
