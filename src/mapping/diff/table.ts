import { comparable, isActive, source, target } from '../translate.ts'
import type { Direction, TableRow, ValueTable } from '../types.ts'
import type { Change } from './changes.ts'
import { differences } from './differences.ts'

/** Differences of one value table. A row is known by the code it translates; what it becomes is its meaning. */
export function tableChanges(part: string, before: ValueTable | undefined, after: ValueTable | undefined): Change[] {
  if (before === undefined && after === undefined) return []
  if (before === undefined) return [whole(part, 'added', 'A new table; see which fields use it.')]
  if (after === undefined) return [whole(part, 'removed', 'No code is translated by this table any more.')]
  return [...headChanges(part, before, after), ...rowChanges(part, before, after), ...noMapChanges(part, before, after)]
}

function whole(part: string, kind: 'added' | 'removed', meaning: string): Change {
  return { part, row: '', kind, what: [], meaning }
}

function headChanges(part: string, before: ValueTable, after: ValueTable): Change[] {
  const what = differences(before, after, ['rows', 'noMap', '$schema'])
  const byUnmapped = before.directions
    .filter((direction) => shownUnmapped(before, direction) !== shownUnmapped(after, direction))
    .map((direction) => `A code without a row ${direction} ${shownUnmapped(after, direction)}.`)
  const orderBefore = before.rows.map(keyOf)
  const orderAfter = after.rows.map(keyOf)
  const isSameSet = orderBefore.toSorted().join() === orderAfter.toSorted().join()
  const isMoved = isSameSet && orderBefore.join() !== orderAfter.join()
  const moved = isMoved ? [{ name: 'rows', before: 'in their order', after: 'in another order' }] : []
  if (what.length + moved.length === 0) return []
  const meaning = byUnmapped.length > 0 ? byUnmapped.join(' ') : nothing
  return [{ part, row: '', kind: 'changed', what: [...what, ...moved], meaning }]
}

function rowChanges(part: string, before: ValueTable, after: ValueTable): Change[] {
  const old = new Map(before.rows.map((row) => [keyOf(row), row]))
  const now = new Map(after.rows.map((row) => [keyOf(row), row]))
  return [...new Set([...now.keys(), ...old.keys()])].flatMap((key): Change[] => {
    const [was, is] = [old.get(key), now.get(key)]
    const what = differences(was, is)
    if (what.length === 0) return []
    const kind = was === undefined ? 'added' : is === undefined ? 'removed' : 'changed'
    return [{ part, row: nameOf(is ?? was), kind, what, meaning: rowMeaning(before, after, [was, is]) }]
  })
}

function noMapChanges(part: string, before: ValueTable, after: ValueTable): Change[] {
  const said = ({ noMap = [] }: ValueTable) => new Map(noMap.map((one) => [`${one.direction} ${one.code}`, one]))
  const [old, now] = [said(before), said(after)]
  return [...new Set([...now.keys(), ...old.keys()])].flatMap((key): Change[] => {
    const [was, is] = [old.get(key), now.get(key)]
    const what = differences(was, is)
    if (what.length === 0) return []
    const kind = was === undefined ? 'added' : is === undefined ? 'removed' : 'changed'
    return [
      { part, row: (is ?? was)?.code ?? '', kind, what, meaning: 'A decision that this code has no counterpart.' },
    ]
  })
}

/** Codes of one direction that become something else, said one by one. */
function rowMeaning(before: ValueTable, after: ValueTable, rows: readonly (TableRow | undefined)[]): string {
  const said = directions.flatMap((direction) => {
    const codes = rows
      .filter((row) => row !== undefined)
      .filter((row, index) => isActive(index === 0 && rows[0] !== undefined ? before : after, row, direction))
      .map((row) => comparable(source(row, direction)))
    return [...new Set(codes)].flatMap((code) => {
      const [was, is] = [becomes(before, direction, code), becomes(after, direction, code)]
      if (was === is) return []
      const from = direction === 'to-primero' ? 'From proGres' : 'From Primero'
      return [`${from}: "${code}" ${is} (before: ${was}).`]
    })
  })
  return said.length === 0 ? nothing : said.join(' ')
}

const directions: readonly Direction[] = ['to-primero', 'to-dtp']

const nothing = 'Every referral is translated as before.'

/** What becomes of a code: `becomes "food" (Family Reunification Service)`, `is refused`, `is held`. */
function becomes(table: ValueTable, direction: Direction, code: string): string {
  if (!table.directions.includes(direction)) return 'is not translated'
  const row = table.rows.find((one) => isActive(table, one, direction) && comparable(source(one, direction)) === code)
  if (row === undefined) return shownUnmapped(table, direction)
  const label = direction === 'to-primero' && row.label !== undefined ? ` (${row.label})` : ''
  return `becomes "${target(row, direction)}"${label}`
}

function shownUnmapped(table: ValueTable, direction: Direction): string {
  const unmapped = table.unmapped[direction]
  if (unmapped === undefined) return 'is not translated'
  if (typeof unmapped === 'object') return `becomes "${unmapped.use}", like every other`
  return unmapped === 'refuse' ? 'is refused' : 'is held for a person'
}

function keyOf(row: TableRow): string {
  const isWayOutOnly = row.directions !== undefined && !row.directions.includes('to-primero')
  return isWayOutOnly ? `out ${comparable(row.primero)}` : `in ${comparable(row.progres)}`
}

function nameOf(row: TableRow | undefined): string {
  return row === undefined ? '' : `${row.progres} / ${row.primero}`
}
