import { z } from 'zod'

const text = z.record(z.string(), z.string().nullish()).optional()

const option = z.looseObject({ id: z.string(), display_text: text, disabled: z.boolean().nullish() })

const field = z.looseObject({
  name: z.string(),
  type: z.string(),
  multi_select: z.boolean().nullish(),
  date_include_time: z.boolean().nullish(),
  option_strings_source: z.string().nullish(),
  option_strings_text: z.array(option).nullish().catch(null),
  subform_section_id: z.union([z.string(), z.number()]).nullish(),
  subform_unique_id: z.string().nullish(),
  required: z.boolean().nullish(),
  visible: z.boolean().nullish(),
  disabled: z.boolean().nullish(),
})

const form = z.looseObject({
  id: z.union([z.string(), z.number()]).nullish(),
  unique_id: z.string(),
  is_nested: z.boolean().nullish(),
  module_ids: z.array(z.string()).nullish(),
  visible: z.boolean().nullish(),
  fields: z.array(field),
})

/**
 * What of a live Primero a mapping hangs on, and nothing about a child: forms, lookups, agencies, the users that settings
 * name, and, where the account may see them, roles.
 *
 * @source docs/systems.md §Primero/lists, §Primero/users
 */
export const snapshotSchema = z.object({
  taken_at: z.string().optional(),
  version: z.string().optional(),
  /** User name of the account of the exchange. */
  account: z.string().optional(),
  forms: z.array(form),
  lookups: z.array(z.looseObject({ unique_id: z.string(), values: z.array(option) })),
  agencies: z.array(z.looseObject({ unique_id: z.string(), disabled: z.boolean().nullish() })).optional(),
  users: z
    .array(z.object({ user_name: z.string(), disabled: z.boolean().nullish(), role_unique_id: z.string().nullish() }))
    .optional(),
  roles: z
    .array(z.object({ unique_id: z.string(), form_section_read_write: z.record(z.string(), z.string()) }))
    .optional(),
})

export type Snapshot = z.infer<typeof snapshotSchema>
export type SnapshotField = z.infer<typeof field>
export type SnapshotOption = z.infer<typeof option>
