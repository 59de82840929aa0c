import type { Parsed } from '../parse.ts'
import type { Direction, FieldRow, SpecificationProblem, ValueTable } from '../types.ts'

/** Tables that decisions and their answers go through; no field row names them. */
export const decisionTables: Readonly<Record<string, Direction>> = {
  'review-decision': 'to-primero',
  'rejection-reason': 'to-primero',
  'decision-status': 'to-dtp',
}

/** Every table is used, and every table that decisions need is there. (That a field row's table exists is a field law.) */
export function usageLaws(
  folder: string,
  fields: readonly FieldRow[],
  tables: Readonly<Record<string, Parsed<ValueTable>>>,
): SpecificationProblem[] {
  const used = new Set([...Object.keys(decisionTables), ...fields.map((row) => row.table)])
  const unused = Object.entries(tables)
    .filter(([name]) => !used.has(name))
    .map(([name, { json }]) =>
      json.problem(['name'], `No field uses the table "${name}".`, 'Name it in a fields file, or remove it.'),
    )
  const missing = Object.entries(decisionTables).flatMap(([name, direction]) => {
    const table = Object.hasOwn(tables, name) ? tables[name] : undefined
    if (table === undefined) {
      return [{ file: `${folder}/${name}.json`, message: 'This table is missing: decisions go through it.' }]
    }
    if (table.value.directions.includes(direction)) return []
    return [table.json.problem(['directions'], `directions must hold ${direction}: decisions go that way.`)]
  })
  return [...unused, ...missing]
}
