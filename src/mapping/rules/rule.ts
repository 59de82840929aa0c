import type { FieldRow } from '../types.ts'
import { translateFirst, translateMany, translateOne } from './codes.ts'
import { age, date, dateTime } from './dates.ts'
import { empty, type RuleContext, type RuleResult } from './result.ts'
import { setting } from './setting.ts'
import { copy, join, text } from './text.ts'

/** The closed set of rules. A new need is a new row here, never an expression in a table. */
export function applyRule(context: RuleContext, row: FieldRow): RuleResult {
  switch (row.rule) {
    case 'copy':
    case 'name':
      return copy(context, row)
    case 'join':
      return join(context, row)
    case 'text':
      return text(context, row)
    case 'date':
      return date(context, row)
    case 'age':
      return age(context, row)
    case 'date-time':
      return dateTime(context, row)
    case 'table':
      return translateOne(context, row)
    case 'first-in-table':
      return translateFirst(context, row)
    case 'tables':
    case 'names':
      return translateMany(context, row)
    case 'constant':
      return row.value === undefined ? empty : { is: 'value', value: row.value }
    case 'setting':
      return setting(context, row)
  }
}
