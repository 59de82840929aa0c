import { ageOn, dayMeant, instantOf, readStamp, type Stamp } from '../calendar.ts'
import type { FieldRow } from '../types.ts'
import { empty, invalid, type RuleContext, type RuleResult } from './result.ts'
import { fieldOf, scalarOf } from './source.ts'

/** Rule `date`: a calendar day, `YYYY-MM-DD`. */
export function date(context: RuleContext, row: FieldRow): RuleResult {
  return withDay(context, row, (day) => day)
}

/** Rule `age`: whole years from the source day until today. */
export function age(context: RuleContext, row: FieldRow): RuleResult {
  return withDay(context, row, (day) => ageOn(day, context.today))
}

/** Rule `date-time`: `YYYY-MM-DDTHH:MM:SS.mmmZ`, which is how Primero writes it and the only form it takes with a time. */
export function dateTime(context: RuleContext, row: FieldRow): RuleResult {
  const stamp = firstStamp(context, row)
  if (stamp === undefined || stamp === 'invalid') return stamp === undefined ? empty : invalid
  return { is: 'value', value: new Date(instantOf(stamp)).toISOString() }
}

function withDay(context: RuleContext, row: FieldRow, value: (day: string) => unknown): RuleResult {
  const stamp = firstStamp(context, row)
  if (stamp === undefined || stamp === 'invalid') return stamp === undefined ? empty : invalid
  const day = dayMeant(stamp, row.cutoff === true ? context.specification.settings.birth_date_cutoff : undefined)
  return row.notFuture === true && day > context.today ? invalid : { is: 'value', value: value(day) }
}

function firstStamp({ source }: RuleContext, row: FieldRow): Stamp | 'invalid' | undefined {
  for (const name of row.from) {
    const value = scalarOf(fieldOf(source, name))
    if (value === undefined) continue
    return (typeof value === 'string' ? readStamp(value) : undefined) ?? 'invalid'
  }
  return undefined
}
