import { exchange } from '../adaptors/language-exchange/exchange.ts'
import type { Case, PrimeroClient, Referral, User } from '../adaptors/language-primero/client.ts'
import type { Specification } from '../mapping/types.ts'
import { contactOf } from '../referral/contact.ts'
import type { Outage } from './eachRecord.ts'
import type { FoundReferral } from './pollReferrals.ts'

/** What of a referral is read before it is sent. */
export interface Seen {
  readonly case: Case | undefined
  readonly referral: Referral | undefined
  readonly contact: ReturnType<typeof contactOf>
  /** When the older of both answers came, by `performance.now()`: consent may have been withdrawn since. */
  readonly readAtMs: number
}

interface Looking {
  readonly client: PrimeroClient
  readonly users: Users
  readonly outage: Outage
}

/** The contact first, then case and referral at once and last: consent may be withdrawn at any time before the post. */
export async function look(found: FoundReferral, looking: Looking): Promise<Seen> {
  const { client, users, outage } = looking
  const { caseId, referralId } = found
  const { signal, specification } = exchange()
  const read = (fields: readonly string[]) => client.getCase(caseId, { fields, signal })
  const owner = found.owner ?? ownerOf(await outage.guard(() => read(['owned_by'])))
  const contact = await outage.guard(() => contactFor(owner, users))
  const [caseRow, referrals] = await outage.guard(() =>
    Promise.all([timed(read(caseFields(specification))), timed(client.getReferrals(caseId, { signal }))]),
  )
  const ownerNow = ownerOf(caseRow.value)
  if (ownerNow !== undefined && ownerNow !== owner) return look({ ...found, owner: ownerNow }, looking)
  return {
    case: caseRow.value,
    referral: referrals.value.find(({ id }) => id === referralId),
    contact,
    readAtMs: Math.min(caseRow.atMs, referrals.atMs),
  }
}

async function timed<T>(answer: Promise<T>): Promise<{ readonly value: T; readonly atMs: number }> {
  const value = await answer
  return { value, atMs: performance.now() }
}

function ownerOf(caseRow: Case | undefined): string | undefined {
  return typeof caseRow?.owned_by === 'string' ? caseRow.owned_by : undefined
}

async function contactFor(owner: string | undefined, users: Users) {
  const { contact_fallback_user: fallback } = exchange().specification.settings
  const own = contactOf(await users.find(owner), undefined)
  return own ?? contactOf(undefined, await users.find(fallback))
}

export interface Users {
  find(name: string | undefined): Promise<User | undefined>
}

/** Each user is read once a run, and one by one: the list of all users is nobody's business. */
export function createUsers(client: PrimeroClient): Users {
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
function caseFields({ fields, settings: { consent } }: Specification): string[] {
  const mapped = fields['to-dtp']
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
      ...consent.valid_until,
      ...mapped,
    ]),
  ]
}
