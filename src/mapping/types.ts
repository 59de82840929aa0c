/**
 * The mapping specification of one country and version, loaded and frozen.
 *
 * Words: a *table* translates picklist codes; a *field row* says which source field feeds which target field, by which
 * rule, and what may happen to a value that is already there; *settings* hold what differs by country and is no mapping.
 */
export type Direction = 'to-primero' | 'to-dtp'

/** FHIR R5 ConceptMap's words, read from the proGres side to the Primero side. */
export type Relationship = 'equivalent' | 'source-is-narrower-than-target' | 'source-is-broader-than-target'

export interface TableRow {
  /** Code or name as proGres/DTP writes it. */
  readonly progres: string
  /** Code as Primero writes it (an opaque option id). */
  readonly primero: string
  /** What the code means, for people: the label of the Primero option. */
  readonly label?: string
  readonly relationship: Relationship
  /** Directions in which this row translates; absent: every direction of the table. */
  readonly directions?: readonly Direction[]
  readonly note?: string
}

/** What happens to a code that has no row. `refuse`: UNHCR mends it. `hold`: a person here decides. `use`: this code. */
export type Unmapped = 'refuse' | 'hold' | { readonly use: string }

export interface ValueTable {
  readonly name: string
  readonly directions: readonly Direction[]
  readonly owner: string
  readonly unmapped: Readonly<Partial<Record<Direction, Unmapped>>>
  readonly rows: readonly TableRow[]
  /** Codes that are known and have no counterpart, by decision: they are refused or held, and nobody need ask again. */
  readonly noMap?: readonly NoMap[]
  readonly note?: string
}

export interface NoMap {
  /** As the system that sends it writes it. */
  readonly code: string
  readonly direction: Direction
  /** Why it has no counterpart. */
  readonly note: string
}

/** `create`: only on a new case. `fill`: also where the field of an existing case is empty. There is no overwrite. */
export type UpdatePolicy = 'create' | 'fill'

export type Rule =
  | 'copy' // the first source that is not empty, as it is, trimmed
  | 'name' // Name of a Dynamics entity reference, or the plain text; the first that is not empty
  | 'join' // several sources, empty ones left out, joined with `separator`
  | 'date' // a calendar day; `birth_date_cutoff` applies where the row says `cutoff: true`
  | 'age' // whole years between the source day and today in `time_zone`
  | 'date-time' // full ISO date-time with seconds and Z
  | 'table' // one code through `table`
  | 'first-in-table' // the first source that has a row in `table`: levels of a place, the most exact first
  | 'tables' // several codes through `table`: a list without doubles
  | 'names' // several codes through `table`, joined with `separator` into one text
  | 'text' // HTML and JSON logs (`[{"Text":…}]`) to plain text; several sources joined with a blank line
  | 'constant' // `value` of the row
  | 'setting' // the setting at path `value` (`agencies.implementing`)

export interface FieldRow {
  /** `case.name_first`, `service.service_type`, or a key of the DTP body. */
  readonly to: string
  /** Source keys: `individuals.progres_givenname`; `case.sex`, `service.service_type`, `contact.email`, `referral.id`. */
  readonly from: readonly string[]
  readonly rule: Rule
  readonly table?: string
  readonly separator?: string
  readonly value?: string | number | boolean
  /** Used when the sources are empty. */
  readonly default?: string
  /** Empty after all that: the referral is refused (to-primero) or held (to-dtp), and the field is named. */
  readonly required?: boolean
  /** Required where this setting is true (`require_unhcr_number`). */
  readonly requiredIf?: string
  /** Required unless this other target has a value: one of two is enough (`name_last` for `name_first`). */
  readonly requiredUnless?: string
  /** Its absence alone stops nothing; it is named along when a required field is missing. */
  readonly wanted?: boolean
  /** Empty values are sent as null instead of being left out (to-dtp). */
  readonly nullIfEmpty?: boolean
  /** A birth date: `birth_date_cutoff` decides which day a stamp means. */
  readonly cutoff?: boolean
  /** A day after today is invalid. */
  readonly notFuture?: boolean
  readonly policy?: UpdatePolicy
  readonly interAgencyForm?: boolean
  readonly localisable?: boolean
  readonly note?: string
}

export interface Specification {
  readonly country: string
  readonly version: string
  /** SHA-256 of the version's files, hex. */
  readonly hash: string
  /** Not released: nobody signed it off, and its files may still change. */
  readonly draft?: true
  /** The version that takes over at the beginning of this day, `YYYY-MM-DD` by `settings.time_zone` (`specificationAt`). */
  readonly next?: { readonly from: string; readonly specification: Specification }
  readonly settings: Settings
  readonly tables: Readonly<Record<string, ValueTable>>
  readonly fields: Readonly<Record<Direction, readonly FieldRow[]>>
  /** Code → sentence for the other agency in `settings.language`; `{fields}`, `{value}` and `{accepted}` are filled in. */
  readonly sentences: Readonly<Record<string, string>>
}

/** What differs by country and is no mapping. Parsed by `settings.ts` (zod), the one place with defaults. */
export interface Settings {
  readonly country: string
  /** Version of the mapping specification in force. */
  readonly version: string
  /** A released version, and the day from whose beginning (by `time_zone`) it is in force. */
  readonly next_version?: { readonly version: string; readonly from: string }
  /** Instant from which the cron flows read on their first run; absent: from now, by Primero's clock. */
  readonly start_from?: string
  readonly module_id: string
  readonly intake_user: string
  /** Partner (proGres name) → intake user; falls back to `intake_user`. */
  readonly intake_user_by_agency: Readonly<Record<string, string>>
  /** Attribute of a message that names the partner. */
  readonly intake_agency_field: string
  /** What happens to a new case of a partner that is not listed: the intake user gets it, or a person decides. */
  readonly intake_other_agencies: 'intake_user' | 'hold'
  readonly unhcr_user: string
  readonly contact_fallback_user?: string
  /** Fields of the case that must be true before anything leaves (boolean or "true"). */
  readonly consent: {
    readonly must_be_true: readonly string[]
    readonly must_not_be_false: readonly string[]
    /** Date fields: the last day on which consent holds, where one is recorded. */
    readonly valid_until: readonly string[]
  }
  /** Whom a person tells that a consent was withdrawn after sending, and within how many hours. */
  readonly withdrawal: { readonly tell: string; readonly within_hours: number }
  readonly closed_case: 'reopen' | 'refuse' | 'hold'
  /** How many cases match a child, and what then; exactly one always gets the service. `hold`: a person decides. */
  readonly matches: { readonly none: 'create' | 'hold'; readonly many: 'refuse' | 'hold' }
  readonly dtp: { readonly repeat_is_safe: boolean }
  readonly birth_date_cutoff?: string
  readonly time_zone: string
  /** How far behind the last change seen the next poll begins, in seconds. */
  readonly overlap_seconds: number
  readonly page_size: number
  readonly require_unhcr_number: boolean
  readonly language: 'en' | 'fr'
  /** Role → name of the agency, for field rows with the rule `setting`. */
  readonly agencies: Readonly<Record<string, string>>
  readonly jobs: Readonly<Record<string, { readonly legacy?: boolean }>>
}

/** One thing wrong in a file of the mapping specification, with its place. */
export interface SpecificationProblem {
  /** Path relative to the project's root. */
  readonly file: string
  /** 1-based. */
  readonly line?: number
  readonly column?: number
  readonly message: string
  /** `Did you mean …?` or what to do. */
  readonly hint?: string
}

export type Translated =
  | { readonly found: true; readonly code: string; readonly label?: string }
  | { readonly found: false; readonly what: 'refuse' | 'hold' }

export interface FieldProblem {
  /** Target field, as in `FieldRow.to`. */
  readonly to: string
  /** Source fields concerned. */
  readonly from: readonly string[]
  readonly problem: 'missing' | 'invalid' | 'unmapped-refuse' | 'unmapped-hold'
  readonly table?: string
  /** The picklist code that has no row: may be quoted to the other agency, never logged. */
  readonly quoted?: string
}

export interface Mapped {
  /** Target key without its prefix, by prefix: `{case: {...}, service: {...}}` (to-primero) or `{dtp: {...}}` (to-dtp). */
  readonly values: Readonly<Record<string, Readonly<Record<string, unknown>>>>
  readonly problems: readonly FieldProblem[]
}
