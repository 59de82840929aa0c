/// <reference path="../language-common.d.ts" />
import { execute as runInTurn } from '@openfn/language-common'
import type { Operation, State } from './operations/state.ts'

/**
 * `@openfn/language-primero` as jobs import it: the operations of the published adaptor under their names, and what it
 * passes on of language-common.
 */
export {
  alterState,
  beta,
  combine,
  dataPath,
  dataValue,
  dateFns,
  each,
  field,
  fields,
  fn,
  fnIf,
  lastReferenceValue,
  log,
  merge,
  sourceValue,
} from '@openfn/language-common'
export { createCase, getCases, updateCase } from './operations/cases.ts'
export * as http from './operations/http.ts'
export { getForms, getLocations, getLookups } from './operations/lists.ts'
export { createReferrals, getReferrals, updateReferral, updateReferrals } from './operations/referrals.ts'
export { upsertCase } from './operations/upsertCase.ts'

/**
 * Runs operations in turn on a state that has `references` and `data`. Nothing is logged in and no token is put into the
 * state: credentials stay in `state.configuration`.
 */
export function execute(...operations: readonly ((state: State) => State | Promise<State>)[]): Operation {
  return (state) => runInTurn(...operations)({ references: [], data: null, ...state })
}
