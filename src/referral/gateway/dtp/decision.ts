import type { Code } from '../../../errors/codes.ts'
import { translate } from '../../../mapping/translate.ts'
import type { Specification } from '../../../mapping/types.ts'
import type { DecisionIn } from '../../decisionIn.ts'
import { parseReferralId } from '../../ids.ts'
import { idOf, type Row, textOf } from '../../untrusted.ts'

export type ReadDecision =
  | DecisionIn
  | { readonly code: Extract<Code, 'REFERRAL_UNKNOWN' | 'DECISION_CODE_UNKNOWN'>; readonly referralId?: string }

/** proGres misspells both names, and samples show the right spelling too. */
const reasonName = /^progres_interoperabili?tyreferralrejectionreason$/
const commentName = /^progres_interoperabili?tyreferralrejectionc?omment$/

/**
 * A row of a decision message, translated.
 *
 * Codes come as text or number. A rejection's reason reads `reason: comment`, or the one of the two that is there; a
 * reason code without a row in the table is DECISION_CODE_UNKNOWN, like an unknown decision. An acceptance has no reason.
 *
 * @param row  as `readMessage` gives it
 * @source docs/systems.md §DTP/decision-in
 */
export function readDecision(row: Row, spec: Specification): ReadDecision {
  const referralId = idOf(row.progres_orgreferralid)
  const named = referralId === undefined ? {} : { referralId }
  const parsed = referralId === undefined ? undefined : parseReferralId(referralId)
  if (referralId === undefined || parsed === undefined) return { code: 'REFERRAL_UNKNOWN', ...named }
  const decision = textOf(row.progres_reviewdecision)
  const status = decision === undefined ? undefined : translate(spec, 'review-decision', 'to-primero', decision)
  if (status === undefined || !status.found) return { code: 'DECISION_CODE_UNKNOWN', ...named }
  if (status.code !== 'rejected') return { referralId, ...parsed, status: status.code }
  const reason = textNamed(row, reasonName)
  const reasonText = reason === undefined ? undefined : translate(spec, 'rejection-reason', 'to-primero', reason)
  if (reasonText?.found === false) return { code: 'DECISION_CODE_UNKNOWN', ...named }
  const text = [reasonText?.label ?? reasonText?.code, textNamed(row, commentName)].filter((part) => part !== undefined)
  return {
    referralId,
    ...parsed,
    status: status.code,
    ...(text.length === 0 ? {} : { reason: text.join(': ') }),
  }
}

function textNamed(row: Row, name: RegExp): string | undefined {
  for (const key of Object.keys(row).sort()) {
    const text = name.test(key) ? textOf(row[key]) : undefined
    if (text !== undefined) return text
  }
  return undefined
}
