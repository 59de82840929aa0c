import type { FieldRow, Settings } from '../types.ts'
import { empty, type RuleContext, type RuleResult } from './result.ts'

/** Rule `setting`: the value of the setting that the row names. */
export function setting({ specification }: RuleContext, row: FieldRow): RuleResult {
  const value = settingAt(specification.settings, String(row.value))
  return value === undefined ? empty : { is: 'value', value }
}

/** The text, number or boolean at a dotted path of the settings (`agencies.implementing`); undefined for anything else. */
export function settingAt(settings: Settings, path: string): string | number | boolean | undefined {
  let here: unknown = settings
  for (const key of path.split('.')) {
    if (typeof here !== 'object' || here === null || !Object.hasOwn(here, key)) return undefined
    here = Reflect.get(here, key)
  }
  return typeof here === 'string' || typeof here === 'number' || typeof here === 'boolean' ? here : undefined
}
