import { randomUUID } from 'node:crypto'
import type { Clock } from '../clock.ts'
import { isRows, type JsonObject, text, texts } from '../json.ts'
import { changedFields, deriveCase } from './derive.ts'
import { mergeRecord } from './merge.ts'
import { createRecords } from './records.ts'
import { integrationRole, type Role, roles } from './role.ts'
import { buildSchema, type Schema } from './schema.ts'
import type { CaseData, Referral, Seed, SeedReferral, SeedUser, User } from './types.ts'

export interface Saved {
  readonly data: CaseData
  /** What this save set or changed. */
  readonly changed: JsonObject
}

/** Everything the Primero simulator holds. Objects handed out are never changed later: a save makes new ones. */
export interface Content {
  /** Oldest first by the order of their last save, as rows lie in PostgreSQL. */
  cases(): readonly CaseData[]
  case(id: string): CaseData | undefined
  /** Through an index, which is made at the first question about a field. */
  caseBy(field: string, value: string): readonly CaseData[]
  referrals(): readonly Referral[]
  referralsOf(caseId: string): readonly Referral[]
  referral(id: string): Referral | undefined
  putReferral(referral: Referral): void
  users(): readonly User[]
  /** Case-insensitive, as in a log-in. */
  user(name: string): User | undefined
  addUser(user: SeedUser): User
  changeUser(name: string, change: Partial<User>): void
  agencyOf(user: User): string | undefined
  readonly schema: Schema
  readonly modules: readonly string[]
  readonly seed: Omit<Seed, 'cases' | 'referrals' | 'users'>
  /** Saves as somebody: merges `change` into the case (or makes one) and derives what Primero derives. */
  save(id: string | undefined, change: JsonObject, by: string, options?: SaveOptions): Saved
  /**
   * Changes fields and stamps of a case as nobody: no merge, no derivation, the stamp that is given.
   *
   * With `visibleAt` readers see the change only from then on: `last_updated_at` is stamped before the commit, so a row
   * can appear later than a younger one.
   */
  touch(id: string, at: Date | string, change?: JsonObject, visibleAt?: Date | string): void
  /** As a case of a seed: explicit stamps are kept. */
  addCase(data: JsonObject): CaseData
  /** As a referral of a seed: marks the case, but leaves its stamps alone. */
  addReferral(referral: SeedReferral): Referral
  /** A configuration is being applied: every authenticated request is answered 503. */
  configurationLocked: boolean
}

export interface SaveOptions {
  /** Set as it is, without the merge of rows. */
  readonly replace?: JsonObject
  /** Accepting a referral saves the case without becoming its last editor. */
  readonly keepEditor?: boolean
}

export function createContent(seed: Seed, clock: Clock): Content {
  const records = createRecords(clock)
  const referrals = new Map<string, Referral>()
  const referralsByCase = new Map<string, string[]>()
  const users = new Map<string, User>()
  const agencies = new Map(seed.agencies.map((agency) => [agency.unique_id, agency]))
  const agencyNames = new Map(seed.agencies.map((agency) => [agency.id, agency.unique_id]))

  const content: Content = {
    cases: records.all,
    case: records.get,
    caseBy: records.by,
    referrals: () => [...referrals.values()],
    referralsOf: (caseId) =>
      (referralsByCase.get(caseId) ?? []).map((id) => referrals.get(id)).filter((referral) => referral !== undefined),
    referral: (id) => referrals.get(id),
    putReferral(referral) {
      if (!referrals.has(referral.id)) {
        referralsByCase.set(referral.record_id, [...(referralsByCase.get(referral.record_id) ?? []), referral.id])
      }
      referrals.set(referral.id, referral)
    },
    users: () => [...users.values()],
    user: (name) => users.get(name.trim().toLowerCase()),
    addUser(added) {
      const { agency, ...user } = added
      const known = agencies.get(agency ?? 'UNICEF')
      const whole: User = {
        id: users.size + 1,
        full_name: user.user_name,
        disabled: false,
        role_unique_id: 'role-cp-case-worker',
        user_group_unique_ids: ['usergroup-primero-cp'],
        ...(known ? { agency_id: known.id } : {}),
        ...user,
      }
      users.set(whole.user_name.toLowerCase(), whole)
      return whole
    },
    changeUser(name, change) {
      const user = content.user(name)
      if (!user) throw new Error(`No user "${name}" in the Primero simulator.`)
      users.set(user.user_name.toLowerCase(), { ...user, ...change })
    },
    agencyOf: (user) => (user.agency_id === undefined ? undefined : agencyNames.get(user.agency_id)),
    schema: buildSchema(seed.forms, seed.lookups),
    modules: [...new Set(seed.forms.flatMap((form) => form.module_ids))],
    seed,
    save(id, change, by, options = {}) {
      const before = id === undefined ? undefined : content.case(id)
      const merged = { ...(before ? mergeRecord(before, change) : change), ...options.replace }
      const now = clock.now()
      const derived = deriveCase(before, merged, { by, now, user: content.user, agencyOf: content.agencyOf })
      const editor = options.keepEditor && before ? { last_updated_by: before.last_updated_by ?? by } : {}
      const data = asCase({ ...derived, ...editor })
      records.put(data)
      return { data, changed: changedFields(before, data) }
    },
    touch(id, at, change = {}, visibleAt) {
      const before = content.case(id)
      if (!before) throw new Error(`No case ${id} in the Primero simulator.`)
      records.put(asCase({ ...before, ...change, last_updated_at: new Date(at).toISOString() }), visibleAt)
    },
    addCase(given) {
      const { visible_at, ...data } = given
      const by = text(data.created_by) ?? text(data.owned_by) ?? 'cw1'
      const now = new Date(text(data.last_updated_at) ?? text(data.created_at) ?? clock.now())
      const derived = deriveCase(undefined, data, { by, now, user: content.user, agencyOf: content.agencyOf })
      // A seed may hold what a first save would never leave behind: a disabled case, a short id of its own, another editor.
      const kept = seedKeys.flatMap((key) => (data[key] === undefined ? [] : [[key, data[key]]]))
      const whole = asCase({ ...derived, ...Object.fromEntries(kept) })
      records.put(whole, text(visible_at))
      return whole
    },
    addReferral: (referral) => addSeedReferral(content, referral, clock),
    configurationLocked: false,
  }

  for (const user of seed.users) content.addUser(user)
  for (const data of seed.cases) content.addCase(data)
  for (const referral of seed.referrals) content.addReferral(referral)
  return content
}

const seedKeys = ['record_state', 'short_id', 'case_id_display', 'workflow', 'last_updated_by', 'created_organization']

function asCase(data: JsonObject): CaseData {
  return { ...data, id: text(data.id) ?? randomUUID(), last_updated_at: text(data.last_updated_at) ?? '' }
}

/** Puts the referral and what it leaves on its case, without moving the case's stamps. */
function addSeedReferral(content: Content, seed: SeedReferral, clock: Clock): Referral {
  const data = content.case(seed.record_id)
  if (!data) throw new Error(`Seed referral to case ${seed.record_id}, which is not in the seed.`)
  const referral: Referral = {
    id: randomUUID(),
    type: 'Referral',
    status: 'in_progress',
    record_type: 'case',
    remote: false,
    consent_overridden: false,
    consent_individual_transfer: false,
    created_at: clock.now().toISOString(),
    ...seed,
  }
  content.putReferral(referral)
  if (referral.status !== 'in_progress' && referral.status !== 'accepted') return referral

  const to = referral.transitioned_to
  const assigned = [...new Set([...texts(data.assigned_user_names), ...(to ? [to] : [])])]
  const associated = [...new Set([...texts(data.associated_user_names), ...assigned])]
  const rows = markReferred(data, referral.service_record_id)
  content.touch(data.id, data.last_updated_at, {
    ...rows,
    assigned_user_names: assigned,
    associated_user_names: associated,
  })
  return referral
}

/** `services_section` with the row marked as referred; nothing when the row is not there. */
export function markReferred(data: JsonObject, rowId: string | undefined): JsonObject {
  const rows = data.services_section
  if (!rowId || !isRows(rows)) return {}
  const marked = rows.map((row) => (row.unique_id === rowId ? { ...row, service_status_referred: true } : row))
  return { services_section: marked }
}

/** The role of a user by the name it carries. */
export function roleOf(user: User): Role {
  return roles[user.role_unique_id] ?? integrationRole
}
