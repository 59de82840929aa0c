import { isObject, isRows, type Json, type JsonObject, text, texts } from '../json.ts'
import { type Call, mayReceive, readBody, readData, sees } from './call.ts'
import { findCase } from './cases.ts'
import { roleOf, type Saved } from './content.ts'
import { endReferral, makeReferral, nextStatus } from './referral.ts'
import { errors, forbidden, json, notFound } from './respond.ts'
import { allows } from './role.ts'
import type { CaseData, Referral } from './types.ts'

/**
 * `GET /cases/:id/referrals`: those the caller may see, unpaginated, in no promised order.
 *
 * @source docs/systems.md §Primero/referrals
 */
export function listReferrals(call: Call, caseId: string): Response {
  const data = findCase(call, caseId, 'case:read')
  const visible = call.content.referralsOf(caseId).filter((referral) => isVisible(call, data, referral))
  return json(200, { data: visible.map((referral) => render(call, referral)) })
}

/** `POST /cases/:id/referrals`. Sent twice it makes two. An unknown receiver is a 500. */
export async function createReferral(call: Call, caseId: string): Promise<Response> {
  const data = await readData(call)
  const made = refer(call, mayRefer(call, caseId), data)
  return json(200, { data: render(call, made.referral, made.saved) })
}

/** `POST /cases/referrals`: one after the other, without a transaction: a refusal leaves the earlier ones made. */
export async function createReferrals(call: Call): Promise<Response> {
  const { data } = await readBody(call)
  const sent = isObject(data) ? data : {}
  const cases = texts(sent.ids).map((id) => mayRefer(call, id))
  const made: JsonObject[] = []
  for (const one of cases) {
    const { referral, saved } = refer(call, one, sent)
    made.push(render(call, referral, saved))
  }
  return json(200, { data: made })
}

/** `PATCH /cases/:id/referrals/:rid`. **An impossible change answers 200 and the old status.** */
export async function updateReferral(call: Call, caseId: string, referralId: string): Promise<Response> {
  const data = await readData(call)
  const referral = mayDecide(call, caseId, referralId)
  const next = nextStatus(referral.status, text(data.status))
  validate(call, referral)
  if (!next) return json(200, { data: render(call, referral) })
  const ended = endReferral(call.content, referral, next, call.caller.user.user_name, {
    now: call.clock.now(),
    profile: call.profile,
    ...given(data, 'rejected_reason'),
    ...given(data, 'rejection_note'),
  })
  return json(200, { data: render(call, ended.referral, ended.saved) })
}

/** `DELETE /cases/:id/referrals/:rid` revokes, whatever the status is. */
export function revokeReferral(call: Call, caseId: string, referralId: string): Response {
  const referral = mayDecide(call, caseId, referralId)
  requireConsent(call, call.content.case(referral.record_id), referral.consent_overridden)
  const options = { now: call.clock.now(), profile: call.profile }
  const ended = endReferral(call.content, referral, 'revoked', call.caller.user.user_name, options)
  return json(200, { data: render(call, ended.referral, ended.saved) })
}

function mayRefer(call: Call, caseId: string): CaseData {
  return findCase(call, caseId, 'referral')
}

function mayDecide(call: Call, caseId: string, referralId: string): Referral {
  const data = call.content.case(caseId)
  if (!data) throw notFound(call.path, 'Child', caseId)
  const { role } = call.caller
  if (!sees(call, data) || !(allows(role, 'case:write') || allows(role, 'receive_referral'))) throw forbidden(call.path)
  const referral = call.content.referral(referralId)
  if (!referral) throw notFound(call.path, 'Referral', referralId)
  return referral
}

function refer(call: Call, data: CaseData, sent: JsonObject): { readonly referral: Referral; readonly saved: Saved } {
  const rowId = text(sent.service_record_id)
  const isRemote = sent.remote === true
  const to = text(sent.transitioned_to)
  if (!isRemote && (to === undefined || !call.content.user(to))) {
    throw errors(500, call.path, "undefined method `user_name' for nil")
  }
  if (rowId && !isRows(data.services_section)) throw errors(500, call.path, "undefined method `find' for nil")
  requireConsent(call, data, sent.consent_overridden === true)
  if (!isRemote) requireReceiver(call, to)
  return makeReferral(call.content, data, sent, call.caller.user.user_name, call.clock.now())
}

/** Every save of a referral looks at consent and receiver again. */
function validate(call: Call, referral: Referral): void {
  requireConsent(call, call.content.case(referral.record_id), referral.consent_overridden)
  if (referral.remote || referral.transitioned_to === undefined) return
  const receiver = call.content.user(referral.transitioned_to)
  if (receiver?.disabled) throw errors(422, call.path, ['transition.errors.to_user_can_receive'], 'transitioned_to')
}

function requireConsent(call: Call, data: CaseData | undefined, isOverridden: boolean): void {
  // Ruby's truth: everything but false and null, the text "true" of an older form and the text "false" included.
  const given = (value: Json | undefined) => value !== undefined && value !== null && value !== false
  if (isOverridden || (given(data?.disclosure_other_orgs) && given(data?.consent_for_services))) return
  throw errors(422, call.path, ['transition.errors.consent'], 'consent')
}

function requireReceiver(call: Call, name: string | undefined): void {
  const user = call.content.user(name ?? '')
  const isSelf = user?.user_name === call.caller.user.user_name
  if (user && !isSelf && mayReceive(user, roleOf(user), call.profile)) return
  throw errors(422, call.path, ['transition.errors.to_user_can_receive'], 'transitioned_to')
}

function isVisible(call: Call, data: CaseData, referral: Referral): boolean {
  const { user, role } = call.caller
  if (role.visible === 'all' || data.owned_by === user.user_name) return true
  const isMine = referral.transitioned_to === user.user_name
  switch (role.visible) {
    case 'self':
      return isMine
    case 'group': {
      const groups = new Set(user.user_group_unique_ids)
      return texts(data.owned_by_groups).some((group) => groups.has(group)) || isMine
    }
    case 'agency':
      return (
        referral.transitioned_to_agency !== undefined && referral.transitioned_to_agency === call.content.agencyOf(user)
      )
  }
}

function render(call: Call, referral: Referral, saved?: Saved): JsonObject {
  const data = call.content.case(referral.record_id)
  const isDenied = data === undefined || !sees(call, data)
  const mayAccept =
    !referral.remote && referral.status === 'in_progress' && referral.transitioned_to === call.caller.user.user_name
  const { ...shown } = referral
  const record =
    saved && !isDenied
      ? { record: { id: saved.data.id, enabled: saved.data.record_state ?? true, ...saved.changed } }
      : {}
  return { ...shown, record_access_denied: isDenied, user_can_accept_or_reject: mayAccept, ...record }
}

function given<K extends string>(data: JsonObject, key: K): { readonly [P in K]?: string } {
  const value = text(data[key])
  const found: { [P in K]?: string } = {}
  if (value !== undefined) found[key] = value
  return found
}
