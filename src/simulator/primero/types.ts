import type { Json, JsonObject } from '../json.ts'

/**
 * What a Primero holds, in Primero's own words and keys.
 *
 * @source docs/systems.md §Primero/cases, §Primero/referrals, §Primero/users
 */
export type Profile = '2.15' | '2.6'

/** Localised text: `{en: …}`. */
export type Localised = Readonly<Record<string, string>>

export interface User {
  readonly id: number
  readonly user_name: string
  readonly full_name?: string
  readonly email?: string
  readonly phone?: string
  readonly position?: string
  readonly location?: string
  /** The number of the agency; cases hold its `unique_id`. */
  readonly agency_id?: number
  readonly disabled?: boolean
  readonly role_unique_id: string
  readonly user_group_unique_ids?: readonly string[]
  /** Without one nobody can log in as this user. */
  readonly password?: string
}

export interface Agency {
  readonly id: number
  readonly unique_id: string
  readonly name: Localised
  readonly disabled?: boolean
}

export interface Option {
  readonly id: string
  readonly disabled?: boolean
  readonly display_text: Localised
}

export interface Lookup {
  readonly id: number
  readonly unique_id: string
  readonly name: Localised
  readonly locked?: boolean
  readonly values: readonly Option[]
}

export type FieldType =
  | 'text_field'
  | 'textarea'
  | 'numeric_field'
  | 'tick_box'
  | 'date_field'
  | 'select_box'
  | 'radio_button'
  | 'subform'
  | 'separator'

export interface FormField {
  readonly id: number
  readonly name: string
  readonly type: FieldType
  readonly display_name: Localised
  readonly multi_select?: boolean
  readonly date_include_time?: boolean
  /** `lookup lookup-gender`, or the class names `Agency`, `User`, `Location`, `ReportingLocation`. */
  readonly option_strings_source?: string
  readonly option_strings_text?: readonly Option[]
  readonly subform_unique_id?: string
  readonly required?: boolean
  readonly visible?: boolean
}

export interface Form {
  readonly id: number
  readonly unique_id: string
  readonly name: Localised
  readonly parent_form: string
  readonly is_nested?: boolean
  readonly visible?: boolean
  readonly module_ids: readonly string[]
  readonly fields: readonly FormField[]
}

export interface Location {
  readonly id: number
  readonly code: string
  readonly type: string
  readonly admin_level: number
  readonly name: Localised
  readonly disabled?: boolean
  /** Codes from the country down to this one. */
  readonly hierarchy: readonly string[]
}

export type ReferralStatus = 'in_progress' | 'accepted' | 'rejected' | 'done' | 'revoked'

/** A transition of type Referral. Absent keys are not rendered, as in Primero. */
export interface Referral {
  readonly id: string
  readonly type: 'Referral'
  readonly status: ReferralStatus
  readonly record_id: string
  readonly record_type: 'case'
  readonly transitioned_by: string
  readonly transitioned_to?: string
  readonly transitioned_to_agency?: string
  readonly transitioned_to_remote?: string
  readonly remote: boolean
  readonly type_of_export?: string
  readonly service?: string
  /** May be absent, or empty, when the referral was not made from a service. */
  readonly service_record_id?: string
  readonly notes?: string
  readonly consent_overridden: boolean
  readonly consent_individual_transfer: boolean
  readonly rejected_reason?: string
  readonly rejection_note?: string
  readonly authorized_role_unique_id?: string
  readonly allow_case_creation?: boolean
  readonly record_owned_by?: string
  readonly record_owned_by_agency?: string
  readonly record_owned_by_groups?: readonly string[]
  readonly transitioned_by_user_agency?: string
  readonly transitioned_by_user_groups?: readonly string[]
  readonly transitioned_to_user_agency?: string
  readonly transitioned_to_user_groups?: readonly string[]
  readonly created_at: string
  readonly responded_at?: string
}

/** A case as Primero answers it: `id`, `enabled`-to-be `record_state`, form fields, stamps. */
export type CaseData = JsonObject & { readonly id: string; readonly last_updated_at: string }

/** A referral of a seed: what is left out is filled in. */
export type SeedReferral = Pick<Referral, 'record_id' | 'transitioned_to' | 'transitioned_by'> & Partial<Referral>

/** A user to add: only the name is needed. `agency` is an agency's unique id. */
export type SeedUser = Pick<User, 'user_name'> & Partial<User> & { readonly agency?: string }

/**
 * What a Primero starts with. A case without `id`, stamps or status gets them; an explicit `last_updated_at` or
 * `created_at` is kept. `visible_at` (not stored) hides the case until then, as an uncommitted transaction does.
 */
export interface Seed {
  readonly cases: readonly JsonObject[]
  readonly referrals: readonly SeedReferral[]
  readonly users: readonly SeedUser[]
  readonly agencies: readonly Agency[]
  readonly lookups: readonly Lookup[]
  readonly forms: readonly Form[]
  readonly locations: readonly Location[]
  readonly system_settings: JsonObject
  readonly contact_information: JsonObject
}

/** One key with its value, while a record is being built. */
export type Draft = { [key: string]: Json }
