import type { Finding } from '../../mapping/coverage/coverage.ts'
import type { Settings, Specification } from '../../mapping/types.ts'
import { type Check, counted, fail, ok, sign } from './row.ts'

export interface FormsEvidence {
  /** Names of fields of the case that are read or searched by. */
  readonly read: readonly string[]
  /** Form → fields, of the forms of the country's module. */
  readonly forms: Readonly<Record<string, readonly string[]>>
  /** Form → `rw` or `r`; undefined: this release of Primero does not say. */
  readonly permitted: Readonly<Record<string, string>> | undefined
}

export interface MappingEvidence {
  readonly name: string
  /** What `exchange mappings coverage` finds. */
  readonly findings: readonly Finding[]
}

/** Fields that Primero keeps on no form and shows to everybody who may read the case. */
const onNoForm = ['id', 'case_id', 'owned_by', 'status', 'module_id', 'record_state', 'created_at', 'last_updated_at']

/** What a country reads of a case: sources of the mapping, its consent rule, and the number by which a case is found. */
export function readFields({
  fields,
  settings,
}: Pick<Specification, 'fields'> & { readonly settings: Pick<Settings, 'consent'> }) {
  const sources = fields['to-dtp'].flatMap(({ from }) => from).filter((name) => name.startsWith('case.'))
  const { must_be_true, must_not_be_false, valid_until } = settings.consent
  const names = [
    ...sources.map((name) => name.slice('case.'.length)),
    ...must_be_true,
    ...must_not_be_false,
    ...valid_until,
  ]
  return [...new Set([...names, 'unhcr_individual_no', 'services_section'])].filter((name) => !onNoForm.includes(name))
}

export const formsChecks: readonly Check<FormsEvidence>[] = [
  {
    id: 'C8',
    about: 'fields that are read',
    hint: 'Let the administrator of Primero assign the form to the role, at least for reading: what it may not read looks empty.',
    judge: ({ read, forms, permitted }) => {
      if (permitted === undefined) return fail('this release of Primero does not tell which forms the role holds')
      const holding = (field: string) => Object.keys(forms).filter((form) => forms[form]?.includes(field))
      const hidden = read.filter(
        (field) => holding(field).length > 0 && !holding(field).some((form) => permitted[form]),
      )
      if (hidden.length === 0) return ok(`${counted(read.length, 'field')}, each on a form of the role`)
      return fail(hidden.map((field) => `${field} (form ${holding(field).join(', ')})`).join(', '))
    },
  },
]

export const mappingChecks: readonly Check<MappingEvidence>[] = [
  {
    id: 'C8',
    about: 'mapping against Primero: users, fields, rights, codes',
    hint: 'exchange mappings coverage prints every finding with its place and what to do.',
    judge: ({ name, findings }) => {
      const of = (level: Finding['level']) => findings.filter((one) => one.level === level)
      const [wrong, open, unknown] = [of('wrong'), of('open'), of('unknown')]
      if (wrong.length > 0)
        return fail(
          `${wrong.length} wrong: ${wrong
            .slice(0, 3)
            .map(({ message }) => message)
            .join(' ')}`,
        )
      if (unknown.length > 0) return fail(`${unknown.length} not visible: ${unknown[0]?.message ?? ''}`)
      return open.length > 0
        ? sign(`${name}: nothing wrong, ${counted(open.length, 'open question')}`)
        : ok(`${name}: nothing wrong`)
    },
  },
]
