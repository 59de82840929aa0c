import { z } from 'zod'

const direction = z.enum(['to-primero', 'to-dtp'])
const relationship = z.enum(['equivalent', 'source-is-narrower-than-target', 'source-is-broader-than-target'])
const schemaName = z.string().exactOptional().describe('Path of the JSON Schema, for editors.')
const note = z.string().min(1).exactOptional().describe('For the people who keep this table: why the row is as it is.')

const unmapped = z
  .union([z.literal('refuse'), z.literal('hold'), z.strictObject({ use: z.string().min(1) })], {
    error: 'must be "refuse", "hold" or {"use": "CODE"}',
  })
  .describe('What happens to a code without a row: UNHCR mends it, a person here decides, or this code is used.')

/** One value table (`mappings/COUNTRY/vN/<name>.json`). */
export const valueTableSchema = z.strictObject({
  $schema: schemaName,
  name: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]*$/, 'must be of small letters, digits and hyphens')
    .describe('The same as the name of the file.'),
  directions: z.array(direction).min(1),
  owner: z.string().min(1).describe('Who decides about this table.'),
  unmapped: z.strictObject({ 'to-primero': unmapped.exactOptional(), 'to-dtp': unmapped.exactOptional() }),
  note,
  rows: z.array(
    z.strictObject({
      progres: z.string().min(1).describe('Code or name as proGres or DTP writes it.'),
      primero: z.string().min(1).describe('Option id as Primero writes it.'),
      label: z.string().min(1).exactOptional().describe('Label of the Primero option.'),
      relationship: relationship.describe('Read from the proGres side to the Primero side.'),
      directions: z.array(direction).min(1).exactOptional().describe('Absent: every direction of the table.'),
      note,
    }),
  ),
  noMap: z
    .array(
      z.strictObject({
        code: z.string().min(1).describe('As the system that sends it writes it.'),
        direction,
        note: z.string().min(1).describe('Why it has no counterpart.'),
      }),
    )
    .exactOptional()
    .describe('Codes that have no counterpart, by decision.'),
})

const from = z
  .array(z.string().regex(/^[^\s,;]+$/, 'must be a name without blank, comma or semicolon'))
  .min(1)
  .describe('Source fields.')
const separator = z.string().min(1)
const table = z.string().min(1).describe('Name of a value table of this version.')

/** What every field row may say, whatever its rule. `direction` decides how a target is written. */
function common(side: z.infer<typeof direction>) {
  const target =
    side === 'to-primero'
      ? z.string().regex(/^(case|service)\._?[a-z0-9][a-z0-9_]*$/, 'must be case.FIELD or service.FIELD')
      : z.string().regex(/^_?[a-z0-9][a-z0-9_]*$/, 'must be a key of the DTP message')
  return {
    to: target.describe('Target field.'),
    default: z.string().min(1).exactOptional().describe('Used when the sources are empty.'),
    required: z.boolean().exactOptional().describe('Empty: refused (to Primero) or held (to DTP).'),
    requiredIf: z.string().min(1).exactOptional().describe('Required where this setting is true.'),
    requiredUnless: z.string().min(1).exactOptional().describe('Required unless this other target has a value.'),
    wanted: z.boolean().exactOptional().describe('Named along when a required field is missing.'),
    nullIfEmpty: z.boolean().exactOptional().describe('Sent as null instead of being left out.'),
    policy: z.enum(['create', 'fill']).exactOptional().describe('Existing case: untouched, or filled where empty.'),
    interAgencyForm: z.boolean().exactOptional().describe('On the inter-agency form.'),
    localisable: z.boolean().exactOptional().describe('Likely to differ in another country.'),
    note,
  }
}

/** A rule brings exactly what it needs: a row that has too little or too much is refused with its place. */
function fieldRow(side: z.infer<typeof direction>) {
  const shared = common(side)
  return z.discriminatedUnion('rule', [
    z.strictObject({ ...shared, from, rule: z.enum(['copy', 'name', 'text', 'date-time']) }),
    z.strictObject({ ...shared, from, rule: z.literal('join'), separator }),
    z.strictObject({
      ...shared,
      from,
      rule: z.enum(['date', 'age']),
      cutoff: z.boolean().exactOptional().describe('A birth date: the setting birth_date_cutoff applies.'),
      notFuture: z.boolean().exactOptional().describe('A day after today is invalid.'),
    }),
    z.strictObject({ ...shared, from, rule: z.enum(['table', 'first-in-table', 'tables']), table }),
    z.strictObject({ ...shared, from, rule: z.literal('names'), table, separator }),
    z.strictObject({
      ...shared,
      from: z.array(z.string()).max(0).default([]),
      rule: z.literal('constant'),
      value: z.union([z.string(), z.number(), z.boolean()]),
    }),
    z.strictObject({
      ...shared,
      from: z.array(z.string()).max(0).default([]),
      rule: z.literal('setting'),
      value: z.string().min(1).describe('Path of the setting, as agencies.implementing.'),
    }),
  ])
}

const fieldsFile = (side: z.infer<typeof direction>) =>
  z.strictObject({ $schema: schemaName, note, fields: z.array(fieldRow(side)).min(1) })

export const fieldsToPrimeroSchema = fieldsFile('to-primero')
export const fieldsToDtpSchema = fieldsFile('to-dtp')

const sentence = z.string().min(1).describe('{fields}, {value} and {accepted} are filled in.')

/** Code → sentence for the other agency, by language. */
export const sentencesSchema = z.strictObject({
  $schema: schemaName,
  note,
  en: z.record(z.string(), sentence),
  fr: z.record(z.string(), sentence).exactOptional(),
})

/** Which versions are released, with the hash of what was released. */
export const versionsSchema = z.strictObject({
  $schema: schemaName,
  note,
  released: z.record(
    z.string().regex(/^v[1-9][0-9]*$/, 'must be v1, v2, …'),
    z.strictObject({
      hash: z.string().regex(/^[0-9a-f]{64}$/, 'must be a SHA-256 in hexadecimal'),
      on: z.iso.date().describe('Day of the release.'),
      signed_off: z
        .strictObject({
          by: z.string().min(1).describe('Who agreed, for whom.'),
          on: z.iso.date().describe('Day of the signature.'),
          agreement: z.string().min(1).describe('Reference of the data sharing agreement or minutes.'),
        })
        .exactOptional()
        .describe('Who agreed to it, when, and by which agreement.'),
      note,
    }),
  ),
})
