import { isEmpty, isRow, type Row, textOf } from '../../untrusted.ts'

/** Attribute prefixes of 2021 and of plain Dynamics queries → those of today. */
const oldAliases: Readonly<Record<string, string>> = {
  progres_individual: 'individuals',
  systemuser: 'user',
  progres_individualid: 'specificneeds',
}

/** Names that moved with the aliases. */
const oldNames: Readonly<Record<string, string>> = {
  'individuals.progres_id_registrationgroupid': 'individuals.progres_registrationgroupid',
  'individuals.progres_id_commonyusedname': 'individuals.progres_commonyusedname',
}

/** Look-ups of the base entity whose label is a field of its own since DTP. */
const labels: Readonly<Record<string, string>> = {
  progres_individual: 'individuals.progres_id',
  progres_interventiontype2: 'interventiontype.progres_description',
  progres_interventionsubtype2: 'interventionsubtype.progres_description',
}

/**
 * One row with the attribute names of today, blanks round them taken off, and plain values: of a Dynamics query's
 * `{"@name", "@type", "#text"}` a look-up gives its entity reference, an option set its code, the rest its text.
 * Empty where a value is there under two spellings of its name, the fuller one wins. `undefined`: no object.
 *
 * @source docs/systems.md §DTP/variants
 */
export function plainRow(value: unknown): Row | undefined {
  if (!isRow(value)) return undefined
  const plain = new Map<string, unknown>()
  const put = (name: string, found: unknown) => {
    if (isEmpty(plain.get(name))) plain.set(name, found)
  }
  for (const key of Object.keys(value).sort()) {
    const name = key.trim()
    const found = plainValue(value[key])
    const label = labels[name]
    if (label !== undefined && isRow(found) && Object.hasOwn(labels, name)) put(label, found.Name)
    put(nameOfToday(name), found)
  }
  return Object.fromEntries(plain)
}

function nameOfToday(name: string): string {
  const dot = name.indexOf('.')
  const alias = name.slice(0, dot)
  const today = dot > 0 && Object.hasOwn(oldAliases, alias) ? `${oldAliases[alias]}${name.slice(dot)}` : name
  return Object.hasOwn(oldNames, today) ? (oldNames[today] ?? today) : today
}

function plainValue(value: unknown): unknown {
  if (typeof value === 'string') return withoutBraces(value)
  if (!isRow(value) || !('#text' in value || '@name' in value)) return value
  const text = textOf(value['#text'])
  if (!('@type' in value)) return text ?? textOf(value['@name'])
  return { Id: text === undefined ? null : withoutBraces(text), Name: textOf(value['@name']) ?? null }
}

/** `{GUID}` → `GUID`. */
function withoutBraces(text: string): string {
  return text.replace(/^\{([0-9A-Fa-f-]{36})\}$/, '$1')
}
