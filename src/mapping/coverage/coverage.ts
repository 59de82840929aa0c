import { didYouMean } from '../nearest.ts'
import type { Parsed } from '../parse.ts'
import { settingAt } from '../rules/setting.ts'
import { isActive } from '../translate.ts'
import type { FieldRow, Rule, Settings, SpecificationProblem } from '../types.ts'
import type { FieldsFile, VersionFiles } from '../version.ts'
import { type LiveField, liveFields, optionsOf } from './fields.ts'
import type { Snapshot } from './snapshot.ts'

/** Something that the mapping and a live Primero do not agree on, with its place in the mapping. */
export interface Finding extends SpecificationProblem {
  /** `wrong`: referrals will be damaged or refused. `open`: somebody has to decide. `unknown`: the account may not see it. */
  readonly level: 'wrong' | 'open' | 'unknown'
}

interface Compared {
  readonly files: VersionFiles
  readonly settings: Parsed<Settings>
  readonly snapshot: Snapshot
}

/** Holds a version of the mapping and the settings against what a live Primero has. Reads and decides; changes nothing. */
export function coverage({ files, settings, snapshot }: Compared): Finding[] {
  const { toPrimero, toDtp } = files
  const live = liveFields(snapshot, settings.value.module_id)
  if (toPrimero === undefined || toDtp === undefined) return []
  return [
    ...moduleAndUsers(settings, snapshot),
    ...consentFields(settings, live),
    ...toPrimero.value.fields.flatMap((row, index) => targetFindings({ files, settings, snapshot }, live, row, index)),
    ...toDtp.value.fields.flatMap((row, index) => sourceFindings({ files, settings, snapshot }, live, row, index)),
    ...requiredFields(toPrimero, live),
  ]
}

type Live = ReadonlyMap<string, LiveField>

function moduleAndUsers({ value, json }: Parsed<Settings>, { forms, users }: Snapshot): Finding[] {
  const modules = [...new Set(forms.flatMap(({ module_ids: ids }) => ids ?? []))]
  const findings: Finding[] = []
  if (!modules.includes(value.module_id)) {
    const message = `Primero has no module "${value.module_id}".`
    findings.push({ level: 'wrong', ...json.problem(['module_id'], message, didYouMean(value.module_id, modules)) })
  }
  const named: [path: (string | number)[], name: string | undefined][] = [
    [['intake_user'], value.intake_user],
    [['unhcr_user'], value.unhcr_user],
    [['contact_fallback_user'], value.contact_fallback_user],
    ...Object.entries(value.intake_user_by_agency).map(([agency, name]): [string[], string] => [
      ['intake_user_by_agency', agency],
      name,
    ]),
  ]
  for (const [path, name] of named) {
    if (name === undefined) continue
    const user = users?.find(({ user_name: known }) => known.toLowerCase() === name.toLowerCase())
    const at = (level: Finding['level'], message: string, hint?: string) =>
      findings.push({ level, ...json.problem(path, message, hint) })
    if (users === undefined)
      at('unknown', `Whether the user of ${path.join('.')} exists: the account may not read users.`)
    else if (user === undefined) at('wrong', `Primero has no user "${name}".`, 'Make the user, or correct the name.')
    else if (user.disabled === true) at('wrong', `The user "${name}" is disabled in Primero.`)
  }
  return findings
}

function consentFields({ value: { consent }, json }: Parsed<Settings>, live: Live): Finding[] {
  return (['must_be_true', 'must_not_be_false'] as const).flatMap((list) =>
    consent[list].flatMap((name, index): Finding[] => {
      if (live.has(`case.${name}`)) return []
      const message = `No form has the consent field "${name}": nothing would ever be found to be withheld or given.`
      return [
        { level: 'wrong', ...json.problem(['consent', list, index], message, nearestField(`case.${name}`, live)) },
      ]
    }),
  )
}

function targetFindings(compared: Compared, live: Live, row: FieldRow, index: number): Finding[] {
  const { files, settings, snapshot } = compared
  const { toPrimero: file } = files
  if (file === undefined) return []
  const at = (level: Finding['level'], message: string, hint?: string, key = 'to'): Finding => ({
    level,
    ...file.json.problem(['fields', index, key], `${row.to}: ${message}`, hint),
  })
  const found = live.get(row.to)
  if (found === undefined) return [at('wrong', 'no form of this module has this field.', nearestField(row.to, live))]
  const { field } = found
  const findings: Finding[] = []
  const kind = kindOf(field.type, field.multi_select === true)
  if (!fitting[row.rule].includes(kind)) {
    findings.push(
      at(
        'wrong',
        `the rule ${row.rule} does not fit a field of type ${field.type}${field.multi_select === true ? ' (several)' : ''}.`,
        undefined,
        'rule',
      ),
    )
  }
  if (row.rule === 'date-time' && field.date_include_time !== true && kind === 'date') {
    findings.push(at('open', 'Primero holds a day without time here; the time is lost.', undefined, 'rule'))
  }
  const right = rightTo(snapshot, found.form)
  if (right === 'unknown') {
    if (index === 0)
      findings.push(at('unknown', "whether the account may write it and the others: it may not read its role's forms."))
  } else if (right !== 'rw') {
    findings.push(
      at(
        'wrong',
        `the account may not write the form "${found.form}" that holds it.`,
        'Give its role "rw" on that form.',
      ),
    )
  }
  const options = optionsOf(snapshot, found)
  if (options === undefined) return findings
  const fixed =
    row.rule === 'constant'
      ? row.value
      : row.rule === 'setting'
        ? settingAt(settings.value, String(row.value))
        : undefined
  if (typeof fixed === 'string' && !options.some(({ id }) => id === fixed)) {
    findings.push(
      at(
        'wrong',
        `"${fixed}" is no option of this field.`,
        didYouMean(
          fixed,
          options.map(({ id }) => id),
        ),
        'value',
      ),
    )
  }
  return [...findings, ...optionFindings(compared, row, options)]
}

type Options = NonNullable<ReturnType<typeof optionsOf>>

/** Every code that the table gives this field is an option of it, in use, and called as the row says. */
function optionFindings({ files }: Compared, row: FieldRow, options: Options): Finding[] {
  const table = row.table === undefined ? undefined : files.tables[row.table]
  if (table === undefined) return []
  const byId = new Map(options.map((option) => [option.id, option]))
  const rows = table.value.rows.flatMap(({ primero, label }, index): Finding[] => {
    const of = (level: Finding['level'], key: string, message: string, hint?: string): Finding[] => [
      { level, ...table.json.problem(['rows', index, key], message, hint) },
    ]
    const option = byId.get(primero)
    if (option === undefined)
      return of(
        'wrong',
        'primero',
        `Primero has no option "${primero}" for ${row.to}.`,
        didYouMean(primero, byId.keys()),
      )
    if (option.disabled === true)
      return of('wrong', 'primero', `The option "${primero}" of ${row.to} is disabled in Primero.`)
    const shown = option.display_text?.en
    if (label === undefined || shown === undefined || shown === null || shown === label) return []
    return of(
      'wrong',
      'label',
      `Primero calls "${primero}" "${shown}", and this row "${label}".`,
      'Find out which of the two the option means.',
    )
  })
  const used = table.value.unmapped['to-primero']
  if (typeof used !== 'object' || byId.has(used.use)) return rows
  const message = `Primero has no option "${used.use}" for ${row.to}.`
  return [
    ...rows,
    { level: 'wrong', ...table.json.problem(['unmapped', 'to-primero'], message, didYouMean(used.use, byId.keys())) },
  ]
}

/** Fields that are read of a case, and options of theirs for which nobody has decided what they become. */
function sourceFindings({ files, snapshot }: Compared, live: Live, row: FieldRow, index: number): Finding[] {
  const { toDtp: file, tables } = files
  if (file === undefined) return []
  return row.from
    .filter((name) => name.startsWith('case.') || name.startsWith('service.'))
    .filter((name) => !ofEveryCase.has(name))
    .flatMap((name): Finding[] => {
      const found = live.get(name)
      if (found === undefined) {
        const message = `${row.to}: no form of this module has the field ${name}.`
        return [{ level: 'wrong', ...file.json.problem(['fields', index, 'from'], message, nearestField(name, live)) }]
      }
      const table = row.table === undefined ? undefined : tables[row.table]
      const options = optionsOf(snapshot, found)
      if (table === undefined || options === undefined) return []
      const decided = new Set([
        ...table.value.rows.filter((one) => isActive(table.value, one, 'to-dtp')).map(({ primero }) => primero),
        ...(table.value.noMap ?? []).filter(({ direction }) => direction === 'to-dtp').map(({ code }) => code),
      ])
      const otherwise = table.value.unmapped['to-dtp']
      const what =
        typeof otherwise === 'object' ? `becomes "${otherwise.use}"` : otherwise === 'refuse' ? 'is refused' : 'is held'
      return options
        .filter(({ id, disabled }) => disabled !== true && !decided.has(id))
        .map(({ id, display_text: shown }): Finding => {
          const message = `${name} may be "${id}"${shown?.en ? ` (${shown.en})` : ''}, which has no row to-dtp: it ${what}.`
          return { level: 'open', ...table.json.problem(['rows'], message, 'Add a row, or name it under "noMap".') }
        })
    })
}

/** What Primero sets on every case, whether or not a form shows it. @source docs/systems.md §Primero/cases */
const ofEveryCase = new Set(['case.owned_by', 'case.case_id', 'case.status', 'case.id'])

/** A field that people must fill in at registration, and the mapping leaves empty: the pilot's question of required fields. */
function requiredFields({ value, json }: Parsed<FieldsFile>, live: Live): Finding[] {
  const filled = new Map(value.fields.map((row) => [row.to, row]))
  return [...live].flatMap(([name, { field, form }]): Finding[] => {
    if (field.required !== true || field.visible === false || field.disabled === true || ofEveryCase.has(name))
      return []
    const row = filled.get(name)
    if (row === undefined) {
      const message = `${name} is required on the form "${form}", and nothing fills it.`
      return [
        { level: 'open', ...json.problem(['fields'], message, 'Add a row with a source, a default or a constant.') },
      ]
    }
    const isSure =
      row.required === true || row.default !== undefined || row.rule === 'constant' || row.rule === 'setting'
    if (isSure || row.requiredUnless !== undefined) return []
    const message = `${name} is required on the form "${form}", and a referral may come without it.`
    return [
      {
        level: 'open',
        ...json.problem(['fields', value.fields.indexOf(row)], message, 'Make it required, or give a default.'),
      },
    ]
  })
}

function rightTo({ account, users, roles }: Snapshot, form: string): string | undefined {
  const role = users?.find(({ user_name: name }) => name === account)?.role_unique_id
  const found = roles?.find(({ unique_id: id }) => id === role)
  return found === undefined ? 'unknown' : found.form_section_read_write[form]
}

function nearestField(name: string, live: Live): string | undefined {
  const part = name.slice(0, name.indexOf('.') + 1)
  return didYouMean(
    name,
    [...live.keys()].filter((known) => known.startsWith(part)),
  )
}

type FieldKind = 'text' | 'number' | 'date' | 'tick' | 'one' | 'several' | 'other'

function kindOf(type: string, isMulti: boolean): FieldKind {
  if (type === 'select_box') return isMulti ? 'several' : 'one'
  if (type === 'radio_button') return 'one'
  if (type === 'text_field' || type === 'textarea') return 'text'
  if (type === 'numeric_field') return 'number'
  if (type === 'date_field') return 'date'
  return type === 'tick_box' ? 'tick' : 'other'
}

const fitting: Readonly<Record<Rule, readonly FieldKind[]>> = {
  copy: ['text', 'number', 'one'],
  name: ['text', 'one'],
  join: ['text'],
  text: ['text'],
  date: ['date'],
  'date-time': ['date'],
  age: ['number'],
  table: ['one', 'text'],
  'first-in-table': ['one', 'text'],
  tables: ['several'],
  names: ['text'],
  constant: ['text', 'number', 'tick', 'one'],
  setting: ['text', 'one'],
}
