import type { RuleResult } from './rules/result.ts'
import { applyRule } from './rules/rule.ts'
import { settingAt } from './rules/setting.ts'
import type { Direction, FieldProblem, FieldRow, Mapped, Specification } from './types.ts'

interface Moment {
  /** Today in `settings.time_zone`, `YYYY-MM-DD` (`today()` of calendar.ts). */
  readonly today: string
}

/**
 * Applies every field row of a direction to one record: the values for the other system and, all at once, what is wrong.
 *
 * Never throws on what a record holds. `''`, null, a blank and an entity reference without a name are empty. A row whose
 * source cannot be right leaves its target out and says so; what is optional and empty is left out in silence.
 *
 * @param source  flat (`{'case.sex': …}`, as DTP writes its keys) or nested (`{case: {sex: …}}`); a list stands for the
 *                values of joined rows. Untrusted.
 * @throws NO_MAPPING_ON_OUR_SIDE (never) when the specification itself has a gap that the loader would have refused
 * @source docs/systems.md §DTP/referral-in, §DTP/referral-out
 */
export function mapFields(
  specification: Specification,
  direction: Direction,
  source: Readonly<Record<string, unknown>>,
  { today }: Moment,
): Mapped {
  const rows = specification.fields[direction]
  const results = rows.map((row) => withDefault(row, applyRule({ specification, direction, source, today }, row)))

  const values: Record<string, Record<string, unknown>> = {}
  rows.forEach((row, index) => {
    const result = results[index]
    const value = result?.is === 'value' ? result.value : row.nullIfEmpty === true ? null : undefined
    if (value === undefined) return
    const [prefix, key] = split(row.to)
    const part = values[prefix] ?? {}
    values[prefix] = part
    part[key] = value
  })
  return { values, problems: problems(specification, rows, results) }
}

function withDefault(row: FieldRow, result: RuleResult): RuleResult {
  return result.is === 'empty' && row.default !== undefined ? { is: 'value', value: row.default } : result
}

function split(to: string): [prefix: string, key: string] {
  const dot = to.indexOf('.')
  return dot < 0 ? ['dtp', to] : [to.slice(0, dot), to.slice(dot + 1)]
}

function problems(
  specification: Specification,
  rows: readonly FieldRow[],
  results: readonly RuleResult[],
): readonly FieldProblem[] {
  const filled = new Set(rows.filter((_, index) => results[index]?.is === 'value').map((row) => row.to))
  const isMissing = rows.map((row, index) => results[index]?.is === 'empty' && isRequired(specification, row, filled))
  const anyMissing = isMissing.includes(true)

  const found = new Map<string, FieldProblem>()
  rows.forEach((row, index) => {
    const result = results[index]
    const { to, from } = row
    if (result?.is === 'problem') keep(found, { to, from, ...result.problem })
    else if (isMissing[index] || (anyMissing && row.wanted === true && result?.is === 'empty')) {
      keep(found, { to, from, problem: 'missing' })
    }
  })
  return [...found.values()]
}

/** Two targets fed by the same source (birth date and age) have one problem, told of the first. */
function keep(found: Map<string, FieldProblem>, problem: FieldProblem) {
  const key = JSON.stringify([problem.problem, problem.from])
  if (!found.has(key)) found.set(key, problem)
}

function isRequired(specification: Specification, row: FieldRow, filled: ReadonlySet<string>): boolean {
  if (row.required === true) return true
  if (row.requiredIf !== undefined) return settingAt(specification.settings, row.requiredIf) === true
  return row.requiredUnless !== undefined && !filled.has(row.requiredUnless)
}
