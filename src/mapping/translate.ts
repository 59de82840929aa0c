import { ExchangeError } from '../errors/ExchangeError.ts'
import type { Direction, Specification, TableRow, Translated, ValueTable } from './types.ts'

/**
 * What a code of one system is called in the other.
 *
 * Codes are compared after trimming and Unicode normalisation (NFC), and nothing else: `male` and `Male` are two rows
 * or one of them has none. A number counts as its digits: DTP writes option codes both ways.
 * A table with `unmapped: {use}` always finds.
 *
 * @throws NO_MAPPING_ON_OUR_SIDE (never) when the specification has no such table, or not in this direction
 * @source docs/systems.md §DTP/variants
 */
export function translate(
  specification: Specification,
  table: string,
  direction: Direction,
  code: string | number,
): Translated {
  const { rows, unmapped } = directed(specification, table, direction)
  const row = rows.get(comparable(String(code)))
  if (row !== undefined) return found(target(row, direction), row.label)
  return typeof unmapped === 'object' ? found(unmapped.use) : { found: false, what: unmapped }
}

/** The codes that have a row in this direction, in the order of the table: what the other agency may send. */
export function acceptedNames(specification: Specification, table: string, direction: Direction): string[] {
  return [...directed(specification, table, direction).rows.keys()]
}

/** How codes are compared. */
export function comparable(code: string): string {
  return code.trim().normalize('NFC')
}

/** Does this row translate in this direction? */
export function isActive(table: ValueTable, row: TableRow, direction: Direction): boolean {
  return (row.directions ?? table.directions).includes(direction)
}

export function source(row: TableRow, direction: Direction): string {
  return direction === 'to-primero' ? row.progres : row.primero
}

export function target(row: TableRow, direction: Direction): string {
  return direction === 'to-primero' ? row.primero : row.progres
}

interface Directed {
  readonly rows: ReadonlyMap<string, TableRow>
  readonly unmapped: NonNullable<ValueTable['unmapped'][Direction]>
}

/** A specification is frozen, so a table is indexed once for as long as it lives. */
const indexed = new WeakMap<ValueTable, Partial<Record<Direction, Directed>>>()

function directed(specification: Specification, name: string, direction: Direction): Directed {
  const table = Object.hasOwn(specification.tables, name) ? specification.tables[name] : undefined
  const unmapped = table?.unmapped[direction]
  if (table === undefined || unmapped === undefined) {
    throw new ExchangeError(
      `The mapping specification ${specification.country} ${specification.version} has no table ${name} ${direction}.`,
      {
        code: 'NO_MAPPING_ON_OUR_SIDE',
        retry: 'never',
        hint: `Add mappings/${specification.country}/${specification.version}/${name}.json with this direction.`,
      },
    )
  }
  const known = indexed.get(table) ?? {}
  const index = known[direction] ?? { rows: indexRows(table, direction), unmapped }
  indexed.set(table, { ...known, [direction]: index })
  return index
}

function indexRows(table: ValueTable, direction: Direction): ReadonlyMap<string, TableRow> {
  const active = table.rows.filter((row) => isActive(table, row, direction))
  return new Map(active.map((row) => [comparable(source(row, direction)), row]))
}

function found(code: string, label?: string): Translated {
  return label === undefined ? { found: true, code } : { found: true, code, label }
}
