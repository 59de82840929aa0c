import { didYouMean } from '../nearest.ts'
import type { Parsed } from '../parse.ts'
import { settingAt } from '../rules/setting.ts'
import type { Direction, FieldRow, Settings, SpecificationProblem, ValueTable } from '../types.ts'

/**
 * The laws of a fields file: each target once; no target that only the exchange may set; every table, setting and other
 * target that a row names exists; every field of a case says what becomes of a value that is already there.
 */
export function fieldLaws(
  direction: Direction,
  { value, json }: Parsed<{ readonly fields: readonly FieldRow[] }>,
  tables: Readonly<Record<string, Parsed<ValueTable>>>,
  settings: Settings,
): SpecificationProblem[] {
  const targets = value.fields.map((row) => row.to)
  return value.fields.flatMap((row, index) => {
    const problems: SpecificationProblem[] = []
    const at = (key: keyof FieldRow, message: string, hint?: string) => {
      problems.push(json.problem(['fields', index, key], `${row.to}: ${message}`, hint))
    }
    const isForCase = row.to.startsWith('case.')
    if (targets.indexOf(row.to) !== index) at('to', 'this target has two rows.')
    if (reserved.includes(row.to)) at('to', 'the exchange sets this itself.', 'Remove the row.')
    if (isForCase && row.policy === undefined) at('to', 'policy is missing.', 'Add "policy": "create" or "fill".')
    if (!isForCase && row.policy !== undefined) at('policy', 'policy is for fields of a case only.')
    if (row.table !== undefined) {
      const table = Object.hasOwn(tables, row.table) ? tables[row.table] : undefined
      if (table === undefined) {
        at('table', `there is no table "${row.table}".`, didYouMean(row.table, Object.keys(tables)))
      } else if (!table.value.directions.includes(direction)) {
        at('table', `the table "${row.table}" does not go ${direction}.`)
      }
    }
    if (row.requiredUnless !== undefined && (row.requiredUnless === row.to || !targets.includes(row.requiredUnless))) {
      at('requiredUnless', `there is no other target "${row.requiredUnless}".`, didYouMean(row.requiredUnless, targets))
    }
    if (row.requiredIf !== undefined && typeof settingAt(settings, row.requiredIf) !== 'boolean') {
      at(
        'requiredIf',
        `"${row.requiredIf}" is no yes-or-no setting.`,
        didYouMean(row.requiredIf, settingPaths(settings)),
      )
    }
    if (row.rule === 'setting' && settingAt(settings, String(row.value)) === undefined) {
      at('value', `settings.json has no "${row.value}".`, didYouMean(String(row.value), settingPaths(settings)))
    }
    return problems
  })
}

/** Identity and ownership: a table that wrote these could take a case from its worker or break the way back. */
const reserved = [
  'case.id',
  'case.case_id',
  'case.owned_by',
  'case.status',
  'case.module_id',
  'case.services_section',
  'service.unique_id',
]

function settingPaths(settings: object, prefix = ''): string[] {
  return Object.entries(settings).flatMap(([key, value]) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? settingPaths(value, `${prefix}${key}.`)
      : [`${prefix}${key}`],
  )
}
