import { translate } from '../translate.ts'
import type { FieldRow } from '../types.ts'
import { empty, invalid, type RuleContext, type RuleResult } from './result.ts'
import { fieldOf, scalarOf, scalarsOf, unreadable } from './source.ts'

/** Rule `table`: one code. */
export function translateOne(context: RuleContext, row: FieldRow): RuleResult {
  for (const name of row.from) {
    const code = scalarOf(fieldOf(context.source, name))
    if (code === undefined) continue
    return code === unreadable ? invalid : translated(context, row, String(code))
  }
  return empty
}

/** Rule `first-in-table`: the first source with a row; where none has one, the first that is not empty is the problem. */
export function translateFirst(context: RuleContext, row: FieldRow): RuleResult {
  let problem: RuleResult | undefined
  for (const name of row.from) {
    const code = scalarOf(fieldOf(context.source, name))
    if (code === undefined) continue
    const result = code === unreadable ? invalid : translated(context, row, String(code))
    if (result.is === 'value') return result
    problem ??= result
  }
  return problem ?? empty
}

/** Rules `tables` (a list) and `names` (one text): every code, none twice; the first without a row is the problem. */
export function translateMany(context: RuleContext, row: FieldRow): RuleResult {
  const codes = row.from.flatMap((name) => scalarsOf(fieldOf(context.source, name)))
  const values = new Set<string>()
  for (const code of codes) {
    if (code === unreadable) return invalid
    const result = translated(context, row, String(code))
    if (result.is !== 'value') return result
    values.add(String(result.value))
  }
  if (values.size === 0) return empty
  return { is: 'value', value: row.rule === 'names' ? [...values].join(row.separator ?? ', ') : [...values] }
}

function translated({ specification, direction }: RuleContext, row: FieldRow, code: string): RuleResult {
  const table = row.table ?? ''
  const result = translate(specification, table, direction, code)
  if (result.found) return { is: 'value', value: result.code }
  return { is: 'problem', problem: { problem: `unmapped-${result.what}`, table, quoted: code } }
}
