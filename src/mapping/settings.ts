import { z } from 'zod'

const fieldNames = z.array(z.string().min(1))

/** `mappings/COUNTRY/settings.json`: the one place with defaults. */
export const settingsSchema = z.strictObject({
  $schema: z.string().exactOptional().describe('Path of the JSON Schema, for editors.'),
  note: z.string().exactOptional(),
  country: z.string().regex(/^[a-z0-9-]+$/, 'must be the name of this folder'),
  version: z
    .string()
    .regex(/^v[1-9][0-9]*$/, 'must be v1, v2, …')
    .describe('Mapping version in force.'),
  next_version: z
    .strictObject({
      version: z.string().regex(/^v[1-9][0-9]*$/, 'must be v1, v2, …'),
      from: z.iso.date({ error: 'must be a day such as 2027-01-01' }),
    })
    .exactOptional()
    .describe(
      'A released version that comes into force at the beginning of this day, by time_zone, without a restart.',
    ),
  start_from: z.iso
    .datetime({ offset: true, error: 'must be an instant such as 2026-05-04T00:00:00Z' })
    .exactOptional()
    .describe('Instant from which the first cron run reads; absent: from now.'),
  module_id: z.string().min(1).describe('Primero module of new cases.'),
  intake_user: z.string().min(1).describe('Primero user who owns new cases.'),
  intake_user_by_agency: z
    .record(z.string(), z.string().min(1))
    .default({})
    .describe('proGres partner → Primero user; others go to intake_user.'),
  intake_agency_field: z
    .string()
    .min(1)
    .default('user.progres_partner')
    .describe('Attribute of a message by whose value intake_user_by_agency is asked.'),
  intake_other_agencies: z
    .enum(['intake_user', 'hold'])
    .default('intake_user')
    .describe('A partner that is not listed: intake_user owns its new cases, or a person decides.'),
  unhcr_user: z.string().min(1).describe('Primero user to whom case workers refer what goes to UNHCR.'),
  contact_fallback_user: z
    .string()
    .min(1)
    .exactOptional()
    .describe('Contact where the owner of a case lacks e-mail, phone or position; absent: held.'),
  consent: z
    .strictObject({
      must_be_true: fieldNames.min(1),
      must_not_be_false: fieldNames,
      valid_until: fieldNames.default([]).describe('Date fields: last day of consent, where one is recorded.'),
    })
    .describe('Fields of the case without which nothing leaves.'),
  withdrawal: z
    .strictObject({
      tell: z.string().min(1).default('the UNHCR focal point').describe('A role, never the name of a person.'),
      within_hours: z.int().min(1).max(168).default(24).describe('Hours until the call must be made.'),
    })
    .default({ tell: 'the UNHCR focal point', within_hours: 24 })
    .describe('Whom a person tells that a consent was withdrawn after sending.'),
  closed_case: z
    .enum(['reopen', 'refuse', 'hold'])
    .default('reopen')
    .describe('Primero re-opens it, UNHCR is told that it is closed, or a person decides and replays.'),
  matches: z
    .strictObject({
      none: z.enum(['create', 'hold']).default('create'),
      many: z.enum(['refuse', 'hold']).default('refuse'),
    })
    .default({ none: 'create', many: 'refuse' })
    .describe('No case matches the child, or several do; one gets the service. hold: a person decides and replays.'),
  dtp: z
    .strictObject({ repeat_is_safe: z.boolean().describe('proGres recognises a referral id that it has seen.') })
    .default({ repeat_is_safe: false }),
  birth_date_cutoff: z
    .string()
    .regex(/^([01][0-9]|2[0-3]):[0-5][0-9]Z$/, 'must be a UTC time such as 12:00Z')
    .exactOptional()
    .describe('A birth date stamped at or after this time means the following day; absent: the day as written.'),
  time_zone: z
    .string()
    .refine(isTimeZone, 'must be an IANA time zone such as Africa/Addis_Ababa')
    .describe('Where today is, for ages and future dates.'),
  // Primero stamps last_updated_at before it commits: under a minute is too short to see every change.
  overlap_seconds: z.int().min(60).max(86_400).default(120),
  // Primero cuts `per` at 1000 without a word.
  page_size: z.int().min(1).max(1000).default(1000),
  require_unhcr_number: z.boolean().default(false),
  language: z.enum(['en', 'fr']).default('en').describe('Language of the sentences for UNHCR.'),
  agencies: z.record(z.string(), z.string().min(1)).default({}).describe('Role → name, for the rule setting.'),
  jobs: z.record(z.string(), z.strictObject({ legacy: z.boolean().exactOptional() })).default({}),
})

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return true
  } catch {
    return false
  }
}
