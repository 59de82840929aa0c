import { exchange, type RecordOutcome } from '../adaptors/language-exchange/exchange.ts'
import type { Case, PrimeroClient, User } from '../adaptors/language-primero/client.ts'
import { today } from '../mapping/calendar.ts'
import { contactOf } from '../referral/contact.ts'
import { referralOut } from '../referral/referralOut.ts'
import { primeroOf, type State, withGatewayCredential } from './connections.ts'
import { postToDtp } from './dtp.ts'
import { eachRecord, type Outage } from './eachRecord.ts'
import { failureOutcome, gatewayFailure } from './outcomes.ts'
import { moveCursor } from './pollCases.ts'
import { type FoundReferral, referralEffect, referralsCursor } from './pollReferrals.ts'

/**
 * Sends each of `state.referrals` to DTP, once ever, after a last look at the case, its consent and the referral.
 *
 * What may not go (no consent, no service row, a service that is not agreed, …) stays here with its code and is looked at
 * again when the case changes. What got no answer is in doubt and not sent again, unless the country knows that proGres
 * recognises a repeat (`dtp.repeat_is_safe`).
 */
export function sendReferrals() {
  return async (state: State & { referrals: readonly FoundReferral[] }): Promise<State> => {
    const client = primeroOf(state)
    const users = createUsers(client)
    const gateway = withGatewayCredential(state)
    await eachRecord(state.referrals, { atOnce: 8, keyOf: ({ caseId }) => caseId }, async (found, outage) => {
      const ids = { case: found.caseId, referral: found.referralId, effect: referralEffect(found.referralId) }
      exchange().outcome({ ...(await send(found, { client, users, gateway, outage })), ids })
    })
    await moveCursor(referralsCursor, state.cursor)
    return { ...state, referrals: [] }
  }
}

interface Sending {
  readonly client: PrimeroClient
  readonly users: Users
  readonly gateway: State
  readonly outage: Outage
}

async function send(found: FoundReferral, sending: Sending): Promise<RecordOutcome> {
  const { referralId: key } = found
  const { specification, ledger, now, reason, fingerprint } = exchange()
  const repeat = specification.settings.dtp.repeat_is_safe ? 'harmless' : 'harmful'
  // Before anything else: that it may be with UNHCR matters also when it may not go any more.
  if (repeat === 'harmful' && (await ledger.isInDoubt(referralEffect(key))))
    return { key, outcome: 'in_doubt', code: 'IN_DOUBT', alert: true }
  let seen: Seen
  try {
    seen = await look(found, sending)
  } catch (error) {
    return failureOutcome(key, error)
  }
  if (seen.case === undefined || seen.referral === undefined)
    return { key, outcome: 'refused', code: 'REFERRAL_NOT_OPEN' }
  if (seen.case.enabled === false) return { key, outcome: 'refused', code: 'CASE_DISABLED' }
  const out = referralOut(
    { caseRow: seen.case, referral: seen.referral, contact: seen.contact },
    specification,
    today(now(), specification.settings.time_zone),
  )
  if ('held' in out) return { key, outcome: 'refused', code: out.held }
  const before = await ledger.find(referralEffect(key))
  // The same body would be refused again; a person's asking, or a case that changed, is another matter.
  const isRefusedBefore = before?.state === 'refused' && before.fingerprint === fingerprint(out.body)
  if (isRefusedBefore && reason !== 'manual') return { key, outcome: 'refused', code: 'REFERRAL_REFUSED' }
  try {
    const sent = await ledger.once(referralEffect(key), { repeat, fact: out.body, detail: found.caseId }, async () => {
      await sending.outage.guard(() => postToDtp(sending.gateway, 'ReceiveIncomingReferral', out.body))
      return { value: undefined, detail: out.referralId }
    })
    return {
      key,
      outcome: sent.is === 'done' ? 'delivered' : 'unchanged',
      code: sent.is === 'done' ? 'DELIVERED' : 'ALREADY_DELIVERED',
    }
  } catch (error) {
    return gatewayFailure(key, error, 'REFERRAL_REFUSED')
  }
}

interface Seen {
  readonly case: Case | undefined
  readonly referral: Readonly<Record<string, unknown>> | undefined
  readonly contact: ReturnType<typeof contactOf>
}

/** The contact first, then case and referral at once and last: consent may be withdrawn at any time before the post. */
async function look(found: FoundReferral, sending: Sending): Promise<Seen> {
  const { client, users, outage } = sending
  const { caseId, referralId } = found
  const { signal, specification } = exchange()
  const read = (fields: readonly string[]) => client.getCase(caseId, { fields, signal })
  const owner = found.owner ?? ownerOf(await outage.guard(() => read(['owned_by'])))
  const contact = await outage.guard(() => contactFor(owner, users))
  const fields = caseFields(specification.fields['to-dtp'], specification.settings.consent)
  const [caseRow, referrals] = await outage.guard(() =>
    Promise.all([read(fields), client.getReferrals(caseId, { signal })]),
  )
  const ownerNow = ownerOf(caseRow)
  if (ownerNow !== undefined && ownerNow !== owner) return look({ ...found, owner: ownerNow }, sending)
  return { case: caseRow, referral: referrals.find(({ id }) => id === referralId), contact }
}

function ownerOf(caseRow: Case | undefined): string | undefined {
  return typeof caseRow?.owned_by === 'string' ? caseRow.owned_by : undefined
}

async function contactFor(owner: string | undefined, users: Users) {
  const { contact_fallback_user: fallback } = exchange().specification.settings
  const own = contactOf(await users.find(owner), undefined)
  return own ?? contactOf(undefined, await users.find(fallback))
}

interface Users {
  find(name: string | undefined): Promise<User | undefined>
}

/** Each user is read once a run, and one by one: the list of all users is nobody's business. */
function createUsers(client: PrimeroClient): Users {
  const found = new Map<string, Promise<User | undefined>>()
  return {
    async find(name) {
      if (name === undefined) return undefined
      const known = found.get(name) ?? client.findUser(name, { signal: exchange().signal })
      found.set(name, known)
      return known
    },
  }
}

/** What is asked of a case: the fields the mapping sends, those that consent hangs on, and those that say which case it is. */
function caseFields(
  rows: readonly { readonly from: readonly string[] }[],
  consent: { must_be_true: readonly string[]; must_not_be_false: readonly string[] },
): string[] {
  const mapped = rows
    .flatMap(({ from }) => from)
    .flatMap((name) => (name.startsWith('case.') ? [name.slice('case.'.length)] : []))
  return [
    ...new Set([
      'case_id',
      'owned_by',
      'status',
      'services_section',
      ...consent.must_be_true,
      ...consent.must_not_be_false,
      ...mapped,
    ]),
  ]
}
