/**
 * Rows as Primero sends them: snake_case, custom fields kept, keys that were never set absent or null, values untrusted.
 *
 * @source docs/systems.md §Primero/lists
 */
export type Row = Readonly<Record<string, unknown>>

/** `id` is the record id, the only one that is valid in a path; it is not `case_id`. */
export type Case = Row & { readonly id: string }

/** `last_updated_at`: UTC with milliseconds; moves on every save, also on one that changes nothing. */
export type ChangedCase = Case & { readonly last_updated_at: string }

export type Referral = Row & { readonly id: string; readonly status: string }

export type User = Row & { readonly user_name: string }

/**
 * `created: false`: a case with this `id` (or `case_id`) exists already (409); read it before you believe that it is yours.
 * `case` holds what Primero showed of the new case: nothing when the `id` was ours (204).
 *
 * @source docs/systems.md §Primero/cases
 */
export type Created = { readonly created: true; readonly case?: Case } | { readonly created: false }
