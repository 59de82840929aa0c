import { cp, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { VersionContent } from '../../mapping/diff/changes.ts'
import type { TableRow } from '../../mapping/types.ts'
import { withOwnUsers } from '../simulated.ts'
import type { Answers } from './answers.ts'
import { serviceTable } from './mappings.ts'
import type { Template } from './template.ts'
import { json, write } from './write.ts'

type Row = Record<string, unknown>

/**
 * The invented messages and Primero content of the starting point, made to fit: agreed services under their new names, the
 * options of the new tables, the agency, users and custom fields that the settings name. What is wrong on purpose stays wrong.
 */
export async function writeFixtures(
  folder: string,
  { settings, requiredFields }: Answers,
  template: Template,
  content: VersionContent,
): Promise<void> {
  await cp(join(template.root, 'fixtures'), join(folder, 'fixtures'), { recursive: true })
  const change = async (name: string, edit: (value: unknown) => unknown) => {
    const text = await readFile(join(folder, 'fixtures', name), 'utf8')
    await write(folder, `fixtures/${name}`, json(edit(JSON.parse(withOwnUsers(text, settings)))))
  }
  const forms = JSON.parse(await readFile(join(folder, 'fixtures/primero/forms.json'), 'utf8')) as Row[]
  const lookups = optionsByLookup(forms, content)
  await change('primero/lookups.json', (all) =>
    (all as Row[]).map((lookup) => ({ ...lookup, values: lookups.get(String(lookup.unique_id)) ?? lookup.values })),
  )
  await change('primero/forms.json', (all) =>
    withFields(
      all as Row[],
      requiredFields.map(({ field }) => field),
    ),
  )
  await change('primero/agencies.json', (agencies) =>
    withAgency(agencies as Row[], settings.agencies.implementing_in_primero),
  )
  await change('primero/users.json', (users) =>
    withUsers(users as Row[], Object.values(settings.intake_user_by_agency)),
  )

  const [before, after] = [serviceRows(template.content), serviceRows(content)]
  const options = inTurn(before, after, ({ primero }) => primero)
  const names = inTurn(before, after, ({ progres }) => progres)
  await change('primero/referrals.json', (referrals) => referrals)
  await change('primero/cases.json', (cases) => replaced(cases, 'service_type', options))
  const sources = requiredFields.flatMap((field) => ('from' in field ? [field.from] : []))
  const messages = (await readdir(join(folder, 'fixtures/progres'))).filter((name) => name.endsWith('.json'))
  for (const name of messages) {
    await change(`progres/${name}`, (message) =>
      withAttributes(replaced(message, 'interventiontype.progres_description', names), sources),
    )
  }
}

/** Lookup → its options, for every field of a form that a value table fills. */
function optionsByLookup(
  forms: readonly Row[],
  { tables, toPrimero }: VersionContent,
): ReadonlyMap<string, readonly Row[]> {
  const tableOfField = new Map(toPrimero.fields.map(({ to, table }) => [to.replace(/^\w+\./, ''), table]))
  const found = new Map<string, readonly Row[]>()
  for (const field of forms.flatMap((form) => form.fields as Row[])) {
    const lookup = /^lookup (\S+)$/.exec(String(field.option_strings_source))?.[1]
    const rows = tables[tableOfField.get(String(field.name)) ?? '']?.rows
    if (lookup === undefined || rows === undefined) continue
    const labels = new Map(rows.map(({ primero, label }) => [primero, label ?? primero]))
    found.set(
      lookup,
      [...labels].map(([id, label]) => ({ id, display_text: { en: label } })),
    )
  }
  return found
}

function withFields(forms: readonly Row[], names: readonly string[]): readonly Row[] {
  const [first, ...rest] = forms
  if (first === undefined || names.length === 0) return forms
  const added = names.map((name, index) => ({
    id: 900_000 + index,
    name,
    type: 'text_field',
    display_name: { en: name },
    required: true,
  }))
  return [{ ...first, fields: [...(first.fields as Row[]), ...added] }, ...rest]
}

function withAgency(agencies: readonly Row[], id: string | undefined): readonly Row[] {
  if (id === undefined || agencies.some(({ unique_id }) => unique_id === id)) return agencies
  return [...agencies, { id: agencies.length + 1, unique_id: id, name: { en: id }, disabled: false }]
}

function withUsers(users: readonly Row[], names: readonly string[]): readonly Row[] {
  const [like] = users
  const added = names.map((user_name, index) => ({
    ...like,
    id: users.length + 1 + index,
    user_name,
    full_name: `Intake ${index + 1}`,
    email: `intake${index + 1}@example.org`,
  }))
  return [...users, ...added]
}

function serviceRows({ tables, toPrimero }: VersionContent): readonly TableRow[] {
  return tables[serviceTable(toPrimero)]?.rows ?? []
}

/** Old name → new name of the agreed services, taken in turn where there are fewer or more. */
function inTurn(
  before: readonly TableRow[],
  after: readonly TableRow[],
  nameOf: (row: TableRow) => string,
): ReadonlyMap<string, string> {
  const names = [...new Set(after.map(nameOf))]
  return new Map([...new Set(before.map(nameOf))].map((name, index) => [name, names[index % names.length] ?? name]))
}

/** The same message with these attributes in every row that is about a child. */
function withAttributes(message: unknown, names: readonly string[]): unknown {
  if (Array.isArray(message)) return message.map((one) => withAttributes(one, names))
  if (typeof message !== 'object' || message === null) return message
  if ('individuals.progres_id' in message) {
    return { ...message, ...Object.fromEntries(names.map((name) => [name, 'Invented'])) }
  }
  return Object.fromEntries(Object.entries(message).map(([key, held]) => [key, withAttributes(held, names)]))
}

/** The same value with every text under `key` replaced, however deep. */
function replaced(value: unknown, key: string, names: ReadonlyMap<string, string>): unknown {
  if (Array.isArray(value)) return value.map((one) => replaced(one, key, names))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, held]) => [
      name,
      name === key && typeof held === 'string' ? (names.get(held) ?? held) : replaced(held, key, names),
    ]),
  )
}
