import type { Case, PrimeroClient } from '../adaptors/language-primero/client.ts'
import type { Code } from '../errors/codes.ts'
import { ExchangeError } from '../errors/ExchangeError.ts'
import type { Specification } from '../mapping/types.ts'
import { chooseCase, type Hits } from '../referral/caseMatch.ts'
import { casePatch } from '../referral/casePatch.ts'
import { caseRecordId } from '../referral/ids.ts'
import { newCase } from '../referral/newCase.ts'
import { missingAfterReadBack, ownerMissing } from '../referral/readBack.ts'
import type { TranslatedReferral } from '../referral/receive.ts'
import type { Outage } from './eachRecord.ts'

interface Writing {
  readonly client: PrimeroClient
  readonly specification: Specification
  readonly outage: Outage
  readonly signal: AbortSignal
  /** An earlier attempt began to write this referral and did not verify it. */
  readonly begun: boolean
}

/** The case as read back after the write. */
export interface StoredReferral {
  readonly recordId: string
  readonly caseId: string
  readonly owner: string
  readonly code: Extract<Code, 'DELIVERED' | 'CASE_REOPENED'>
}

/**
 * Puts a referral into Primero: finds the child's one case, creates it or adds the service row, reads back and verifies.
 *
 * Safe to repeat at any point: case and service row have ids made from UNHCR's own numbers.
 *
 * @throws CASE_AMBIGUOUS, CASE_DISABLED, CASE_CLOSED, CASE_IDENTITY_CONFLICT, PRIMERO_REJECTED (never: the record is
 *         final); FIELD_NOT_STORED, OWNER_UNKNOWN, FILTER_IGNORED, CASE_HELD, NO_MAPPING_ON_OUR_SIDE, ACCESS_DENIED (never: somebody here must mend);
 *         REMOTE_DOWN and REMOTE_NONSENSE (later)
 * @source docs/systems.md §Primero/cases, §Primero/merge
 */
export async function writeReferral(referral: TranslatedReferral, writing: Writing): Promise<StoredReferral> {
  const { client, outage, signal } = writing
  const match = chooseCase(await lookUp(referral, writing), wanted(referral), writing.specification.settings)
  if (match.kind === 'refused') throw refusal(match.code)
  if (match.kind === 'one') return addToCase(String(match.case.id), match.closed, referral, writing)

  const body = newCase(referral, writing.specification)
  const { created } = await outage.guard(() => client.createCase(body, { signal }))
  if (created) return verified(await readCase(body.id, writing), body, 'DELIVERED')
  // 409: an earlier attempt of ours made it, or somebody did just now. It is added to like any other case, if it is the child's.
  const byRecordId = [await readCase(body.id, writing)]
  const found = chooseCase(
    { byPrimeroId: [], byIndividualNo: [], byRecordId },
    wanted(referral),
    writing.specification.settings,
  )
  if (found.kind !== 'one') throw refusal(found.kind === 'refused' ? found.code : 'CASE_IDENTITY_CONFLICT')
  return addToCase(body.id, found.closed, referral, writing)
}

/** By the id proGres holds, by individual number, and, where both find nothing, by the id this exchange would give. */
async function lookUp(referral: TranslatedReferral, writing: Writing): Promise<Hits> {
  const { client, outage, signal } = writing
  const { primeroId, individualNo } = referral
  const options = { signal, fields: matchFields }
  const byPrimeroId: Case[] = []
  if (primeroId !== undefined) {
    byPrimeroId.push(...(await outage.guard(() => client.casesWhere('case_id', primeroId, options))))
    const byId = byPrimeroId.length > 0 ? undefined : await outage.guard(() => client.getCase(primeroId, options))
    if (byId !== undefined) byPrimeroId.push(byId)
  }
  const byIndividualNo = await outage.guard(() => client.casesWhere('unhcr_individual_no', individualNo, options))
  if (byPrimeroId.length + byIndividualNo.length > 0) return { byPrimeroId, byIndividualNo, byRecordId: [] }
  // A filter that Primero cannot run answers "0 found": only the read by id is to be believed.
  const own = await outage.guard(() => client.getCase(caseRecordId(individualNo), options))
  return { byPrimeroId, byIndividualNo, byRecordId: own === undefined ? [] : [own] }
}

const matchFields = ['case_id', 'unhcr_individual_no', 'status', 'record_state']

async function addToCase(
  id: string,
  closed: boolean,
  referral: TranslatedReferral,
  writing: Writing,
): Promise<StoredReferral> {
  const { client, outage, signal, specification, begun } = writing
  const existing = await readCase(id, writing)
  const change = casePatch(existing, referral, specification, { completing: begun })
  if (change.same) return verified(existing, {}, 'DELIVERED')
  await outage.guard(() => client.patchCase(id, change.patch, { signal }))
  return verified(await readCase(id, writing), change.patch, closed ? 'CASE_REOPENED' : 'DELIVERED')
}

async function readCase(id: string, { client, outage, signal, specification }: Writing): Promise<Case> {
  const fields = [...matchFields, 'module_id', 'owned_by', 'services_section', ...mappedCaseFields(specification)]
  const found = await outage.guard(() => client.getCase(id, { signal, fields: [...new Set(fields)] }))
  if (found !== undefined) return found
  throw new ExchangeError('The account cannot read back the case it wrote to.', {
    code: 'ACCESS_DENIED',
    retry: 'never',
    hint: "Give the exchange's account a role that sees all cases (group permission `all` or `group`), then replay the entry.",
  })
}

function mappedCaseFields({ fields }: Specification): string[] {
  return fields['to-primero'].flatMap(({ to }) => (to.startsWith('case.') ? [to.slice('case.'.length)] : []))
}

function wanted({ individualNo, primeroId }: TranslatedReferral) {
  return primeroId === undefined ? { individualNo } : { individualNo, primeroId }
}

function verified(stored: Case, sent: Readonly<Record<string, unknown>>, code: StoredReferral['code']): StoredReferral {
  const missing = missingAfterReadBack(stored, sent)
  if (missing.length > 0) {
    throw new ExchangeError(`Primero did not store: ${missing.join(', ')}.`, {
      code: 'FIELD_NOT_STORED',
      retry: 'never',
      fields: missing,
      hint: "Give the exchange's role write access to the forms that hold these fields, then replay the entry.",
    })
  }
  if (ownerMissing(stored)) {
    throw new ExchangeError('The case has no owner in Primero, so no case worker sees it.', {
      code: 'OWNER_UNKNOWN',
      retry: 'never',
      hint: 'Check intake_user in settings.json, assign the case to that user in Primero, then replay the entry.',
    })
  }
  return { recordId: stored.id, ...nameOf(stored), code }
}

/** Case id and owner as UNHCR is told them. @throws ACCESS_DENIED where the account cannot read them */
export function nameOf({ case_id: caseId, owned_by: owner }: Case): {
  readonly caseId: string
  readonly owner: string
} {
  if (typeof caseId === 'string' && typeof owner === 'string') return { caseId, owner }
  throw new ExchangeError('The account cannot read the id or the owner of the case.', {
    code: 'ACCESS_DENIED',
    retry: 'never',
    hint: "Give the exchange's role read access to case_id and owned_by, then replay the entry.",
  })
}

function refusal(code: Code): ExchangeError {
  return new ExchangeError(refusals[code] ?? 'The case cannot be written to.', {
    code,
    retry: 'never',
    hint:
      code === 'CASE_HELD'
        ? 'Make, merge or re-open the case in Primero, then replay the entry.'
        : 'Look at the cases with this individual number in Primero. UNHCR was told; it may send the referral again.',
  })
}

const refusals: Partial<Record<Code, string>> = {
  CASE_AMBIGUOUS: 'Several cases in Primero match this child.',
  CASE_DISABLED: 'The case of this child is disabled in Primero.',
  CASE_CLOSED: "The case of this child is closed, and this country's settings refuse closed cases.",
  CASE_HELD:
    "No case, several cases or a closed one match this child, and the country's settings leave it to a person.",
  CASE_IDENTITY_CONFLICT: 'The case that proGres names belongs to another individual number.',
  FILTER_IGNORED: 'Primero answered the look-up with cases that were not asked for.',
}
