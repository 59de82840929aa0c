import { type Json, type JsonObject, text, texts } from '../json.ts'
import { type QueryGroup, type QueryParam, readQuery } from './query.ts'
import type { FieldNames } from './role.ts'
import type { Location, Profile } from './types.ts'
import { type FilterValue, guess, list } from './value.ts'

export type Matches = (data: JsonObject) => boolean

export interface Filters {
  readonly matches: Matches
  /** An identifier that every match has: the list may look it up instead of reading all rows. */
  readonly exact?: { readonly field: string; readonly value: string }
}

/** 2.6 fails where later releases ignore a filter or find nothing. */
export class UnreadableFilter extends Error {}

export interface Filtering {
  readonly profile: Profile
  /** Fields on forms of the caller's role; without them only the core fields filter. */
  readonly filterable: FieldNames
  /** Is the name a field of a form at the top level? */
  readonly isField: (name: string) => boolean
  readonly locations: readonly Location[]
}

/** Text identifiers: compared as they are, never read as numbers or lists (since 2.10.7), never filtered by `f[0]=`. */
export const identifierFields: ReadonlySet<string> = new Set(
  (
    'unique_identifier short_id case_id_display case_id client_code ration_card_no icrc_ref_no rc_id_no unhcr_id_no ' +
    'unhcr_individual_no un_no other_agency_id survivor_code_no national_id_no other_id_no biometrics_id family_count_no ' +
    'dss_id camp_id tent_number nfi_distribution_id oscar_number registry_no family_number'
  ).split(' '),
)

/** Filter for every role that can read cases. `case_id` and `unhcr_individual_no` are not among them. */
const coreFilters: ReadonlySet<string> = new Set(
  (
    'id status state case_status_reopened record_state created_at owned_by module_id associated_user_names not_edited_by_owner ' +
    'case_id_display short_id has_photo has_incidents sex age registration_date date_closure reassigned_transferred_on ' +
    'current_alert_types location_current last_updated_at last_updated_by created_by owned_by_agency_id owned_by_groups ' +
    'assigned_user_names consent_for_services disclosure_other_orgs workflow'
  ).split(' '),
)

/** Columns of their own since 2.13: full precision, typed comparison. `last_updated_at` has none. */
const typedColumns: ReadonlySet<string> = new Set(
  'id age status created_at registration_date date_closure sex owned_by workflow record_state client_code'.split(' '),
)

const never: Matches = () => false

/**
 * The rows a list query asks for, by Primero's rules: **a filter that is not permitted, misspelt or malformed is
 * ignored**, so that the whole visible caseload comes back; other malformed ones find nothing.
 *
 * @throws UnreadableFilter on 2.6, for what later releases ignore
 * @source docs/systems.md §Primero/filters
 */
export function readFilters(query: URLSearchParams, filtering: Filtering): Filters {
  const groups = readQuery(query)
  const filters = groups.map((group) => compile(group, filtering))
  const exact = groups[0]?.params.find((param) => isExact(param, filtering))
  return {
    matches: (data) => filters.every((matches) => matches(data)),
    ...(exact ? { exact: { field: exact.name, value: exact.values[0] ?? '' } } : {}),
  }
}

function compile(group: QueryGroup, filtering: Filtering): Matches {
  const filters = group.params.map((param) => filterOf(param, filtering)).filter((filter) => filter !== undefined)
  if (filters.length === 0) return () => true
  if (group.kind === 'or') return (data) => filters.some((matches) => matches(data))
  if (group.kind === 'not') return (data) => !filters.some((matches) => matches(data))
  return (data) => filters.every((matches) => matches(data))
}

function filterOf(param: QueryParam, filtering: Filtering): Matches | undefined {
  const isLocation = param.name.startsWith('loc:')
  const name = isLocation ? param.name.slice(4) : param.name
  if (!isPermitted(name, filtering)) return undefined
  // Strong parameters keep scalars and hashes; `f[]=` is neither (2.11).
  if (param.form === 'empty-brackets' && filtering.profile === '2.15') return undefined

  const [first = ''] = param.values
  if (isLocation) return inLocation(name, param.values, filtering.locations)
  if (name === 'id') return byId(param.values.flatMap((value) => value.split(',')))
  const hasColumn = typedColumns.has(name)
  if (!hasColumn && param.values.some((value) => /["\\]/.test(value))) return never
  if (identifierFields.has(name) && filtering.profile === '2.15') {
    if (!isExact(param, filtering)) return undefined
    return (data) => data[name] === first
  }

  const value = param.form === 'scalar' ? guess(first) : list(param.values)
  if (value === undefined) return undefined
  if (value.kind === 'no-range') {
    if (filtering.profile === '2.6') throw new UnreadableFilter('undefined method for a range without a beginning')
    return undefined
  }
  return compare(name, value, hasColumn, filtering.profile)
}

function isExact(param: QueryParam, filtering: Filtering): boolean {
  if (filtering.profile !== '2.15' || !identifierFields.has(param.name) || !isPermitted(param.name, filtering))
    return false
  return param.form === 'scalar' && param.values[0] !== ''
}

function isPermitted(name: string, filtering: Filtering): boolean {
  if (coreFilters.has(name)) return true
  if (!filtering.isField(name)) return false
  return filtering.filterable === 'all' || filtering.filterable.includes(name)
}

function byId(ids: readonly string[]): Matches {
  const wanted = new Set(ids)
  // One id that is no UUID is an error of the database for all of them, answered as an empty list.
  if (ids.some((id) => !/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id))) return never
  return (data) => wanted.has(text(data.id) ?? '')
}

function inLocation(name: string, codes: readonly string[], locations: readonly Location[]): Matches {
  const wanted = new Set(codes.map((code) => code.toUpperCase()))
  const inside = new Set(
    locations.filter((one) => one.hierarchy.some((code) => wanted.has(code))).map((one) => one.code),
  )
  return (data) => inside.has(text(data[name]) ?? '')
}

function compare(name: string, value: FilterValue, hasColumn: boolean, profile: Profile): Matches {
  switch (value.kind) {
    case 'text':
      return (data) => holds(data[name], value.value)
    case 'number':
      // A JSON number is never equal to the text that a text field holds; Solr compared texts.
      return (data) => data[name] === value.value || (profile === '2.6' && holds(data[name], String(value.value)))
    case 'boolean':
      return (data) => data[name] === value.value || (!value.value && (data[name] ?? null) === null)
    case 'list': {
      const any = value.values.map((one) => compare(name, one, hasColumn, profile))
      return (data) => any.some((matches) => matches(data))
    }
    case 'date':
      return hasColumn ? (data) => text(data[name])?.slice(0, 10) === value.value : never
    case 'time':
      return hasColumn ? (data) => timeOf(data[name]) === value.value.getTime() : never
    case 'number-range':
      return numberRange(name, value.from, value.to, hasColumn)
    case 'date-range':
      return textRange(name, value.from, value.to, 10)
    case 'time-range':
      return hasColumn && profile !== '2.6'
        ? instantRange(name, value.from, value.to)
        : textRange(name, value.from.toISOString(), value.to?.toISOString(), 19)
    case 'no-range':
      return () => true
  }
}

function holds(stored: Json | undefined, wanted: string): boolean {
  return stored === wanted || texts(stored).includes(wanted)
}

function numberRange(name: string, from: number, to: number | undefined, hasColumn: boolean): Matches {
  if (to === undefined && hasColumn) return never
  return (data) => {
    const stored = data[name]
    return typeof stored === 'number' && stored >= from && (to === undefined || stored <= to)
  }
}

/** Compares the first `length` characters only: 10 is the day, 19 the whole second; both ends belong to the range. */
function textRange(name: string, from: string, to: string | undefined, length: number): Matches {
  const start = from.slice(0, length)
  // Above every text that begins with the end, and cheaper than cutting each stored one.
  const end = to === undefined ? undefined : `${to.slice(0, length)}\uffff`
  return (data) => {
    const stored = data[name]
    return typeof stored === 'string' && stored >= start && (end === undefined || stored < end)
  }
}

function instantRange(name: string, from: Date, to: Date | undefined): Matches {
  return (data) => {
    const stored = timeOf(data[name])
    return stored !== undefined && stored >= from.getTime() && (to === undefined || stored <= to.getTime())
  }
}

function timeOf(stored: Json | undefined): number | undefined {
  return typeof stored === 'string' ? new Date(stored).getTime() : undefined
}
