import { serviceRowId } from '../../src/referral/ids.ts'

/** What both systems hold, as far as the cron flows can tell, on a clock that is Primero's. */
export interface World {
  readonly now: () => number
  /** A child with a referral to UNHCR and an intervention of UNHCR's. */
  register(options: SaveOptions & { readonly refers: boolean }): Child
  /** Stamps the case now; readers see it `lateMs` later, as after a slow commit. */
  save(child: Child, change: Change, options?: SaveOptions): void
  readonly children: readonly Child[]
  /** Cases as a reader sees them now. */
  visible(): readonly CaseRow[]
  find(id: string): CaseRow | undefined
  referralsOf(caseId: string): readonly ReferralRow[]
  /** Every post that DTP took, oldest first. */
  readonly taken: Taken[]
}

export interface Child {
  readonly id: string
  readonly intervention: string
  readonly referral: string | undefined
}

export interface SaveOptions {
  readonly lateMs?: number
}

/** What a person changes; nothing: a save that changes no field. */
export interface Change {
  readonly decision?: 'accepted' | 'rejected' | 'pending'
  readonly consent?: boolean
  readonly revoked?: true
  readonly owner?: string | null
}

export interface CaseRow {
  readonly id: string
  readonly last_updated_at: string
  readonly [field: string]: unknown
}

export interface ReferralRow {
  readonly id: string
  readonly status: string
  readonly [field: string]: unknown
}

export interface Taken {
  readonly operation: string
  readonly body: Readonly<Record<string, unknown>>
  /** The exchange was told so with a 2xx. */
  answered: boolean
  /** The process ended about then and may not have written it down. */
  forgotten?: boolean
}

interface Kept {
  now: CaseRow | undefined
  later: { readonly row: CaseRow; readonly atMs: number } | undefined
}

export const unhcrUser = 'unhcr_cw@cpims.example.org'

/** @param nowMs Primero's clock, in milliseconds since 1970 */
export function createWorld(nowMs: () => number): World {
  const rows = new Map<string, Kept>()
  const referrals = new Map<string, ReferralRow>()
  const children: Child[] = []

  const read = (kept: Kept): CaseRow | undefined => {
    if (kept.later !== undefined && nowMs() >= kept.later.atMs) {
      kept.now = kept.later.row
      kept.later = undefined
    }
    return kept.now
  }
  const put = (row: Omit<CaseRow, 'last_updated_at'> & { readonly id: string }, { lateMs = 0 }: SaveOptions) => {
    const stamped = { ...row, id: row.id, last_updated_at: new Date(nowMs()).toISOString() }
    const kept = rows.get(row.id) ?? { now: undefined, later: undefined }
    // A second save of a row waits for the first to commit.
    kept.now = kept.later?.row ?? kept.now
    kept.later = lateMs === 0 ? undefined : { row: stamped, atMs: nowMs() + lateMs }
    if (lateMs === 0) kept.now = stamped
    rows.delete(row.id)
    rows.set(row.id, kept)
  }
  const newest = (id: string): CaseRow => {
    const kept = rows.get(id)
    const row = kept?.later?.row ?? kept?.now
    if (row === undefined) throw new Error(`No case ${id}.`)
    return row
  }

  return {
    now: nowMs,
    children,
    taken: [],
    visible: () => [...rows.values()].flatMap((kept) => read(kept) ?? []),
    find: (id) => {
      const kept = rows.get(id)
      return kept && read(kept)
    },
    referralsOf: (caseId) => {
      const found = referrals.get(caseId)
      return found === undefined ? [] : [found]
    },
    register({ refers, ...options }) {
      const n = children.length + 1
      const id = uuid('c', n)
      const child = { id, intervention: `990-26-PRTITV-${digits(n)}`, referral: refers ? uuid('f', n) : undefined }
      children.push(child)
      if (child.referral !== undefined) {
        referrals.set(id, {
          id: child.referral,
          type: 'Referral',
          status: 'in_progress',
          record_id: id,
          transitioned_by: 'cw1',
          transitioned_to: unhcrUser,
          service: 'alternative_care',
          service_record_id: uuid('d', n),
          created_at: new Date(nowMs()).toISOString(),
        })
      }
      put(caseOf(child, n), options)
      return child
    },
    save(child, change, options = {}) {
      const before = newest(child.id)
      const { decision, consent, revoked, owner } = change
      const referral = referrals.get(child.id)
      if (revoked && referral !== undefined) referrals.set(child.id, { ...referral, status: 'revoked' })
      const services = Array.isArray(before.services_section) ? before.services_section : []
      put(
        {
          ...before,
          ...(consent === undefined ? {} : { disclosure_other_orgs: consent }),
          ...(revoked === undefined ? {} : { associated_user_names: ['cw1'] }),
          ...(owner === undefined ? {} : { owned_by: owner }),
          ...(decision === undefined
            ? {}
            : {
                services_section: services.map((row) =>
                  row.progres_interventionnumber === undefined ? row : { ...row, unhcr_referral_status: decision },
                ),
              }),
        },
        options,
      )
    },
  }
}

function caseOf(child: Child, n: number) {
  return {
    id: child.id,
    case_id: uuid('a', n),
    enabled: true,
    status: 'open',
    owned_by: 'cw1',
    associated_user_names: child.referral === undefined ? ['cw1'] : ['cw1', unhcrUser],
    name_first: 'Abeba',
    name_last: `Invented ${n}`,
    sex: 'female',
    date_of_birth: '2014-03-12',
    language: ['language2'],
    consent_for_services: true,
    disclosure_other_orgs: true,
    services_section: [
      {
        unique_id: serviceRowId(child.intervention),
        progres_interventionnumber: child.intervention,
        service_type: 'alternative_care',
        service_referral: 'external_referral',
        unhcr_referral_status: 'pending',
      },
      {
        unique_id: uuid('d', n),
        service_type: 'alternative_care',
        service_response_day_time: '2026-05-04T08:19:31.000Z',
        service_implementing_agency: 'UNHCR',
        service_referral_notes: 'Needs placement',
      },
    ],
  }
}

const digits = (n: number) => String(n).padStart(7, '0')
const uuid = (kind: string, n: number) => `${kind.repeat(8)}-0000-4000-8000-${String(n).padStart(12, '0')}`
