import type { Parsed } from '../parse.ts'
import { comparable, isActive, source, target } from '../translate.ts'
import type { Direction, SpecificationProblem, ValueTable } from '../types.ts'

/** The release before a version. */
export interface Earlier {
  readonly version: string
  readonly tables: Readonly<Record<string, Parsed<ValueTable>>>
}

/**
 * A code that both agencies have used keeps its meaning: where a version translates a code of the release before it into
 * something else, the row says in its note why, in words that were not there before. An old message may come again, and
 * whoever reads it must be able to find out what it meant.
 */
export function meaningLaws(
  tables: Readonly<Record<string, Parsed<ValueTable>>>,
  earlier: Earlier | undefined,
): SpecificationProblem[] {
  if (earlier === undefined) return []
  return Object.entries(tables).flatMap(([name, table]) => {
    const before = Object.hasOwn(earlier.tables, name) ? earlier.tables[name] : undefined
    return before === undefined ? [] : rowProblems(table, before.value, earlier.version)
  })
}

function rowProblems({ value: table, json }: Parsed<ValueTable>, before: ValueTable, version: string) {
  return table.rows.flatMap((row, index) =>
    directions
      .filter((direction) => isActive(table, row, direction))
      .flatMap((direction) => {
        const code = comparable(source(row, direction))
        const was = before.rows.find(
          (one) => isActive(before, one, direction) && comparable(source(one, direction)) === code,
        )
        const [old, now] = [was && comparable(target(was, direction)), comparable(target(row, direction))]
        if (was === undefined || old === now || (row.note !== undefined && row.note !== was.note)) return []
        const message = `"${code}" ${direction} was "${old}" in ${version} and is "${now}" here, and no new note says why.`
        return [json.problem(['rows', index], message, 'Put the old one back, or give the row a note with the reason.')]
      }),
  )
}

const directions: readonly Direction[] = ['to-primero', 'to-dtp']
