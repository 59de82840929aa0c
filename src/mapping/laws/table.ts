import type { Parsed } from '../parse.ts'
import { comparable, isActive, source, target } from '../translate.ts'
import type { Direction, SpecificationProblem, TableRow, ValueTable } from '../types.ts'

/**
 * The laws of a value table: no code twice in a direction; every direction says what becomes of other codes; what is
 * called equivalent comes back as itself or as another name of itself; what is narrower or broader lands on the way back;
 * a row that says more than was said gives its reason; one option has one label; and what is said to have no counterpart
 * has none.
 */
export function tableLaws(name: string, { value: table, json }: Parsed<ValueTable>): SpecificationProblem[] {
  const problems: SpecificationProblem[] = []
  if (table.name !== name) problems.push(json.problem(['name'], `name must be "${name}", as the file.`))

  for (const direction of directions) {
    const has = table.directions.includes(direction)
    if (has === (table.unmapped[direction] !== undefined)) continue
    const message = has
      ? `unmapped does not say what becomes of a code without a row ${direction}.`
      : `unmapped speaks of ${direction}, which is no direction of this table.`
    problems.push(json.problem(['unmapped'], message, 'Give "refuse", "hold" or {"use": "CODE"} for each direction.'))
  }

  table.noMap?.forEach(({ code, direction }, index) => {
    const at = (message: string, hint: string) => problems.push(json.problem(['noMap', index], message, hint))
    if (!table.directions.includes(direction)) at(`noMap goes ${direction}, the table does not.`, 'Remove it.')
    if (findSource(table, direction, comparable(code)) >= 0) {
      at(`"${comparable(code)}" has a row ${direction} and is said to have no counterpart.`, 'Keep one of the two.')
    }
    if (typeof table.unmapped[direction] === 'object') {
      at(`Every code without a row has one ${direction}: unmapped uses a code.`, 'Give this code a row of its own.')
    }
  })

  table.rows.forEach((row, index) => {
    const at = (message: string, hint?: string) => problems.push(json.problem(['rows', index], message, hint))
    const labelled = table.rows.find(({ primero, label }) => primero === row.primero && label !== undefined)
    if (row.label !== undefined && labelled?.label !== undefined && labelled.label !== row.label) {
      at(
        `"${row.primero}" is called "${labelled.label}" in another row.`,
        'One option has one label: one row is wrong.',
      )
    }
    for (const direction of row.directions ?? []) {
      if (!table.directions.includes(direction)) at(`This row goes ${direction}, the table does not.`)
    }
    for (const direction of directions.filter((one) => isActive(table, row, one))) {
      const code = comparable(source(row, direction))
      const first = findSource(table, direction, code)
      if (first !== index) {
        at(`"${code}" has two rows ${direction}.`, `The other one is row ${first + 1}: keep one of them.`)
      } else {
        const problem = wayBack(table, row, direction)
        if (problem !== undefined) at(...problem)
      }
    }
  })
  return problems
}

const directions: readonly Direction[] = ['to-primero', 'to-dtp']

type Broken = [message: string, hint: string]

function wayBack(table: ValueTable, row: TableRow, direction: Direction): Broken | undefined {
  const opposite = direction === 'to-primero' ? 'to-dtp' : 'to-primero'
  if (saysMore(row, direction) && row.note === undefined) {
    return ['This row says more than was said and gives no reason.', 'Add a note, or choose another row.']
  }
  if (!table.directions.includes(opposite)) return undefined

  if (isActive(table, row, opposite)) {
    if (row.relationship === 'equivalent') return undefined
    return [
      `"${row.progres}" goes both ways but is not equivalent to "${row.primero}": on its way back it would be another.`,
      'Give the row one direction and add one for the way back.',
    ]
  }
  const back = table.rows[findSource(table, opposite, comparable(target(row, direction)))]
  if (row.relationship === 'equivalent') {
    if (back === undefined && row.note === undefined) {
      return [`"${target(row, direction)}" has no way back.`, 'Add a row, or a note that says why there is none.']
    }
    if (back === undefined || back.relationship === 'equivalent') return undefined
    return [
      `This row is called equivalent, but "${target(row, direction)}" comes back as something else.`,
      `Row "${target(back, opposite)}" is ${back.relationship}: one of the two is wrong.`,
    ]
  }
  if (back !== undefined) return undefined
  return [`"${target(row, direction)}" lands nowhere on its way back.`, `Add a row ${opposite} for it.`]
}

/** proGres' code is broader than Primero's, or the other way round: the receiver reads more than the sender knew. */
function saysMore(row: TableRow, direction: Direction): boolean {
  return direction === 'to-primero'
    ? row.relationship === 'source-is-broader-than-target'
    : row.relationship === 'source-is-narrower-than-target'
}

function findSource(table: ValueTable, direction: Direction, code: string): number {
  return table.rows.findIndex((row) => isActive(table, row, direction) && comparable(source(row, direction)) === code)
}
