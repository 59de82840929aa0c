import { idOf, isEmpty, isRow, type Row, textOf } from './untrusted.ts'

export interface Intervention {
  readonly number: string
  readonly individualNo?: string
  /** The rows as one, for the mapping: one value, or the sorted list of different values where rows differ. */
  readonly source: Readonly<Record<string, PlainValue | readonly PlainValue[]>>
  /** Attributes by which a child is known and on which the rows disagree. Names, no values. */
  readonly conflicts: readonly string[]
  /** The same text for the same content, however rows and keys are ordered or wrapped: what a fingerprint is made of. */
  readonly canonical: string
}

type PlainValue = string | boolean

/** Which child: a guess here would be a wrong child. */
const identifying = [
  'individuals.progres_id',
  'individuals.progres_givenname',
  'individuals.progres_middlename',
  'individuals.progres_familyname',
  'individuals.progres_dateofbirth',
  'individuals.progres_sex',
  'individuals.progres_registrationgroupid',
  'progres_primeroid',
]

/**
 * Rows by intervention number, each group as one, in the order of their numbers' first appearance.
 *
 * proGres joins languages and needs to the intervention, so that one intervention comes as languages × needs rows.
 * Nothing is chosen among different values: the mapping gets them all, and knows which fields may have several.
 * A Dynamics reference is its `Name`; a number its digits.
 *
 * @param rows  readable rows; one without a number is left out
 * @source docs/systems.md §DTP/referral-in, §DTP/variants
 */
export function groupInterventions(rows: readonly Row[]): readonly Intervention[] {
  const groups = new Map<string, Row[]>()
  for (const row of rows) {
    const number = idOf(row.progres_interventionnumber)
    if (number === undefined) continue
    const group = groups.get(number)
    if (group === undefined) groups.set(number, [row])
    else group.push(row)
  }
  return [...groups].map(([number, group]) => merge(number, group))
}

function merge(number: string, rows: readonly Row[]): Intervention {
  const values = valuesByKey(rows)
  const source = Object.fromEntries(
    [...values].flatMap(([key, found]) => {
      const [first] = found
      return first === undefined ? [] : [[key, found.length === 1 ? first : found]]
    }),
  )
  const individualNo = textOf(source['individuals.progres_id'])
  return {
    number,
    ...(individualNo === undefined ? {} : { individualNo }),
    source,
    conflicts: identifying.filter((key) => (values.get(key)?.length ?? 0) > 1),
    canonical: JSON.stringify([...values].filter(([, found]) => found.length > 0)),
  }
}

/** Every key with its different values, both sorted. */
function valuesByKey(rows: readonly Row[]): ReadonlyMap<string, readonly PlainValue[]> {
  const keys = [...new Set(rows.flatMap((row) => Object.keys(row)))].sort()
  return new Map(
    keys.map((key) => {
      const found = new Set(rows.flatMap((row) => plainValues(Object.hasOwn(row, key) ? row[key] : undefined)))
      return [key, [...found].sort()]
    }),
  )
}

function plainValues(value: unknown): readonly PlainValue[] {
  if (isEmpty(value)) return []
  if (typeof value === 'boolean') return [value]
  if (Array.isArray(value)) return value.flatMap(plainValues)
  const text = textOf(isRow(value) ? value.Name : value)
  return text === undefined ? [] : [text]
}
