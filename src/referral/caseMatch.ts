import type { Code } from '../errors/codes.ts'
import type { Settings } from '../mapping/types.ts'
import { caseRecordId } from './ids.ts'
import { type Row, textOf, uuidOf } from './untrusted.ts'

/** What the look-ups in Primero answered: all rows, as they came. */
export interface Hits {
  /** By record id and by `case_id`, where proGres named a Primero id. */
  readonly byPrimeroId: readonly Row[]
  readonly byIndividualNo: readonly Row[]
  /** By the id that this exchange would give the case (`caseRecordId`). */
  readonly byRecordId: readonly Row[]
}

export type CaseMatch =
  | { readonly kind: 'none' }
  /** `closed`: Primero re-opens the case when a service row is added. */
  | { readonly kind: 'one'; readonly case: Row; readonly closed: boolean }
  | {
      readonly kind: 'refused'
      /** All final but FILTER_IGNORED and CASE_HELD: those wait for a person. */
      readonly code: Extract<
        Code,
        'CASE_AMBIGUOUS' | 'CASE_DISABLED' | 'CASE_CLOSED' | 'CASE_HELD' | 'CASE_IDENTITY_CONFLICT' | 'FILTER_IGNORED'
      >
    }

interface Wanted {
  readonly individualNo: string
  /** Id that proGres holds for the case: a record id or a `case_id`, both UUIDs. */
  readonly primeroId?: string
}

/**
 * Which case of Primero is this child's: none, exactly one, or a person must look. Never "the first".
 *
 * Every row is held against what was asked: Primero ignores a filter it does not like and answers with the whole
 * caseload, so a foreign row means that nothing in the answer can be believed. Two rows with one record `id` are one
 * case. A case found by an id of its own may lack an individual number, but not have another one.
 *
 * @source docs/systems.md §Primero/filters, §Primero/cases
 */
export function chooseCase(
  hits: Hits,
  wanted: Wanted,
  { closed_case, matches }: Pick<Settings, 'closed_case' | 'matches'>,
): CaseMatch {
  if (!areWhatWasAsked(hits, wanted)) return { kind: 'refused', code: 'FILTER_IGNORED' }
  const cases = new Map<string, Row>()
  for (const row of [...hits.byPrimeroId, ...hits.byIndividualNo, ...hits.byRecordId]) {
    const id = textOf(row.id)?.toLowerCase()
    if (id === undefined) return { kind: 'refused', code: 'FILTER_IGNORED' }
    cases.set(id, row)
  }
  const all = [...cases.values()]
  if (all.some((row) => belongsToAnother(row, wanted.individualNo))) {
    return { kind: 'refused', code: 'CASE_IDENTITY_CONFLICT' }
  }
  const [found] = all
  if (found === undefined) return matches.none === 'hold' ? { kind: 'refused', code: 'CASE_HELD' } : { kind: 'none' }
  if (all.length > 1 || found.status === 'duplicate') {
    return { kind: 'refused', code: matches.many === 'hold' ? 'CASE_HELD' : 'CASE_AMBIGUOUS' }
  }
  if (found.enabled === false || found.record_state === false) return { kind: 'refused', code: 'CASE_DISABLED' }
  const closed = found.status === 'closed'
  if (!closed || closed_case === 'reopen') return { kind: 'one', case: found, closed }
  return { kind: 'refused', code: closed_case === 'hold' ? 'CASE_HELD' : 'CASE_CLOSED' }
}

function areWhatWasAsked(hits: Hits, { individualNo, primeroId }: Wanted): boolean {
  const recordId = caseRecordId(individualNo)
  const named = uuidOf(primeroId)
  return (
    hits.byIndividualNo.every((row) => sameNumber(row.unhcr_individual_no, individualNo)) &&
    hits.byRecordId.every((row) => uuidOf(row.id) === recordId) &&
    hits.byPrimeroId.every((row) => named !== undefined && (uuidOf(row.id) === named || uuidOf(row.case_id) === named))
  )
}

function belongsToAnother(row: Row, individualNo: string): boolean {
  const theirs = textOf(row.unhcr_individual_no)
  return theirs !== undefined && !sameNumber(theirs, individualNo)
}

function sameNumber(theirs: unknown, ours: string): boolean {
  return textOf(theirs)?.toUpperCase() === ours.trim().toUpperCase()
}
