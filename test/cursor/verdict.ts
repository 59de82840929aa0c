import { decisionsCursor } from '../../src/operations/pollDecisions.ts'
import { referralEffect, referralsCursor } from '../../src/operations/pollReferrals.ts'
import { referralIdOf } from '../../src/referral/ids.ts'
import type { EffectRow, Store } from '../../src/store/types.ts'
import type { Child, Taken, World } from './world.ts'

/** What is wrong, in words; nothing when all is well. */
export const complaintsAbout = { doubts, end }

/** Whether DTP took the referral of this effect: what a person finds out by asking UNHCR. */
export function isUnsure(world: World, effect: string): boolean {
  const child = world.children.find(({ referral }) => referral !== undefined && referralEffect(referral) === effect)
  return child !== undefined && sent(world, child).length > 0
}

/** A referral that DTP took without saying so is listed as in doubt, for a person to settle. */
function doubts(world: World, listed: readonly EffectRow[]): string[] {
  const keys = new Set(listed.map(({ key }) => key))
  return world.children.flatMap((child) => {
    const isUnanswered = sent(world, child).some(({ answered }) => !answered)
    const key = referralEffect(child.referral ?? '')
    return isUnanswered && !keys.has(key) ? [`${key} was sent without an answer and is not listed as in doubt`] : []
  })
}

async function end(world: World, store: Store): Promise<string[]> {
  const waiting = await store.records.list({ outcome: 'waiting' })
  const open = [
    ...(await store.entries.list({ state: 'waiting' })),
    ...(await store.entries.list({ state: 'running' })),
  ]
  return [
    ...world.children.flatMap((child) => aboutReferral(world, child)),
    ...world.children.flatMap((child) => aboutDecision(world, child)),
    ...waiting.map(({ key, code }) => `${key} still waits with ${code}`),
    ...open.map(({ id, workflow }) => `entry ${id} of ${workflow} is still open`),
    ...(await aboutCursor(world, store, decisionsCursor)),
    ...(await aboutCursor(world, store, referralsCursor)),
  ]
}

function aboutReferral(world: World, child: Child): string[] {
  if (child.referral === undefined) return []
  const count = sent(world, child).length
  const row = world.find(child.id)
  const stands = world.referralsOf(child.id)[0]?.status === 'in_progress' && row?.disclosure_other_orgs === true
  if (count > 1) return [`referral ${child.referral} was sent ${count} times`]
  return stands && count === 0 ? [`referral ${child.referral} was lost`] : []
}

function aboutDecision(world: World, child: Child): string[] {
  const told = world.taken.filter(
    ({ operation, body }) =>
      operation === 'ReceiveDecisionOutgoingReferral' && body.progres_interventionnumber === child.intervention,
  )
  const repeated = told.filter((one, index) => {
    const before = told[index - 1]
    return before?.answered === true && !before.forgotten && before.body.status === one.body.status
  })
  const services = world.find(child.id)?.services_section
  const status: unknown = Array.isArray(services) ? services[0]?.unhcr_referral_status : undefined
  const standing = status === 'accepted' ? 'acknowledged' : status === 'rejected' ? 'rejected' : undefined
  return [
    ...(repeated.length > 0 ? [`decision ${child.intervention} was told again`] : []),
    ...(standing !== undefined && told.at(-1)?.body.status !== standing
      ? [`decision ${child.intervention} was lost: ${standing} stands`]
      : []),
  ]
}

async function aboutCursor(world: World, store: Store, name: string): Promise<string[]> {
  const value = await store.cursors.read(name)
  if (value === undefined) return [`cursor ${name} was never written`]
  return Date.parse(value) > world.now() ? [`cursor ${name} is ahead of Primero's clock`] : []
}

function sent(world: World, child: Child): Taken[] {
  const row = world.find(child.id)
  const services = row?.services_section
  const service: unknown = Array.isArray(services) ? services[1]?.unique_id : undefined
  const id = referralIdOf(String(row?.case_id), String(service))
  return world.taken.filter(({ operation, body }) => operation === 'ReceiveIncomingReferral' && body.id === id)
}
