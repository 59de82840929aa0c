import { z } from 'zod'
import { settingsSchema } from '../../mapping/settings.ts'
import type { Settings } from '../../mapping/types.ts'
import { usage } from '../runInput.ts'

/** The command line as it came in, or with what was asked for put in. */
export interface CloneOptions {
  readonly country: string
  readonly from: string
  readonly yes?: true
  readonly primeroUrl?: string
  readonly dtpUrl?: string
  readonly intakeUser?: string
  readonly intakeUserByAgency: readonly string[]
  readonly unhcrUser?: string
  readonly contactFallbackUser?: string
  readonly module?: string
  readonly agency?: string
  readonly agencyName?: string
  readonly timeZone?: string
  readonly birthDateCutoff?: string
  readonly closedCase?: string
  readonly language?: string
  readonly requireUnhcrNumber?: true
  readonly consent: readonly string[]
  readonly service: readonly string[]
  readonly requiredField: readonly string[]
  readonly requiredFieldFrom: readonly string[]
  readonly schedule?: string
  readonly readPrimero?: true
  readonly snapshot?: string
  readonly accept?: true
}

export interface Service {
  readonly progres: string
  readonly primero: string
  readonly label: string
}

/** `value`: a constant. `from`: an attribute of proGres. */
export type RequiredField = { readonly field: string } & ({ readonly value: string } | { readonly from: string })

export interface Answers {
  readonly country: string
  readonly from: string
  readonly settings: Settings
  readonly primeroUrl: string
  readonly dtpUrl: string
  /** Empty: those of `from`. */
  readonly services: readonly Service[]
  readonly requiredFields: readonly RequiredField[]
  readonly schedule: string
  /** Names of the settings that nobody gave and that differ between countries. */
  readonly takenOver: readonly string[]
}

/**
 * What the new country is like, from what was given and, for the rest, from the settings of the starting point.
 *
 * @throws CONFIGURATION with everything that is missing or wrong
 */
export function answersOf(options: CloneOptions, from: Settings): Answers {
  const problems: string[] = []
  const host = urlHost(options.primeroUrl)
  if (host === undefined) problems.push('--primero-url is needed: base URL of Primero, https://…, without /api/v2')
  if (urlHost(options.dtpUrl) === undefined) problems.push('--dtp-url is needed: base URL of DTP, https://…')
  if (options.agency === undefined) problems.push('--agency is needed: id of the implementing agency in Primero')
  if (options.timeZone === undefined) problems.push('--time-zone is needed, such as Africa/Nairobi')
  if (options.schedule !== undefined && options.schedule.trim().split(/\s+/).length !== 5) {
    problems.push('--schedule has five fields, such as "0 * * * *"')
  }
  const services = options.service.map((text) => serviceOf(text, problems))
  const requiredFields = [
    ...options.requiredField.map((text) => {
      const [field, value] = pair('--required-field', text, problems)
      return { field, value }
    }),
    ...options.requiredFieldFrom.map((text) => {
      const [field, source] = pair('--required-field-from', text, problems)
      return { field, from: source }
    }),
  ]
  for (const { field } of requiredFields) {
    if (!/^[a-z][a-z0-9_]*$/.test(field))
      problems.push(`"${field}" is no name of a field in Primero: it reads like_this`)
  }
  if (!/^[a-z0-9-]+$/.test(options.country)) {
    problems.push(`--country "${options.country}" has to be small letters, digits and hyphens`)
  }
  const given = givenSettings(options, host ?? 'primero.example.org', problems)
  const parsed = settingsSchema.safeParse(merged(from, given))
  if (!parsed.success) {
    problems.push(
      ...parsed.error.issues
        .filter(({ path }) => path[0] !== 'country')
        .map(({ path, message }) => `${optionOf(path)} ${message}`),
    )
  }
  if (problems.length > 0 || !parsed.success) {
    const lines = [...new Set(problems)].map((problem) => `  ${problem}`)
    throw usage(`the project was not written.\n${lines.join('\n')}`, 'See: exchange clone --help')
  }
  return {
    country: options.country,
    from: options.from,
    settings: parsed.data,
    primeroUrl: options.primeroUrl ?? '',
    dtpUrl: options.dtpUrl ?? '',
    services,
    requiredFields,
    schedule: options.schedule ?? '0 * * * *',
    takenOver: national.filter((name) => !(name in given)),
  }
}

/** Settings that a country decides; the others are seldom touched. */
const national = [
  'module_id',
  'birth_date_cutoff',
  'closed_case',
  'language',
  'require_unhcr_number',
  'consent',
] as const

function givenSettings(options: CloneOptions, host: string, problems: string[]): Record<string, unknown> {
  const byAgency = options.intakeUserByAgency.map((text) => pair('--intake-user-by-agency', text, problems))
  const { agency } = options
  const fallback = options.contactFallbackUser ?? `cpims_admin@${host}`
  return {
    country: options.country,
    version: 'v1',
    intake_user: options.intakeUser ?? `progresv4_primero_intake@${host}`,
    intake_user_by_agency: Object.fromEntries(byAgency),
    unhcr_user: options.unhcrUser ?? `unhcr_cw@${host}`,
    contact_fallback_user: fallback === 'none' ? undefined : fallback,
    ...(options.timeZone === undefined ? {} : { time_zone: options.timeZone }),
    ...(agency === undefined ? {} : { agencies: agenciesOf(agency, options.agencyName ?? agency) }),
    ...(options.module === undefined ? {} : { module_id: options.module }),
    ...(options.birthDateCutoff === undefined
      ? {}
      : { birth_date_cutoff: options.birthDateCutoff === 'none' ? undefined : options.birthDateCutoff }),
    ...(options.closedCase === undefined ? {} : { closed_case: options.closedCase }),
    ...(options.language === undefined ? {} : { language: options.language }),
    ...(options.requireUnhcrNumber === undefined ? {} : { require_unhcr_number: true }),
    ...(options.consent.length === 0
      ? {}
      : { consent: { must_be_true: options.consent, must_not_be_false: ['unhcr_export_opt_in'] } }),
  }
}

/** The roles that field rows with the rule `setting` know. */
function agenciesOf(id: string, name: string): Settings['agencies'] {
  return { implementing_in_primero: id, referring_to_unhcr: name, named_to_unhcr: name }
}

/** `start_from` is a place in the time of one site: no other begins there. Undefined in `given`: none. */
function merged({ start_from: _, ...from }: Settings, given: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries({ ...from, ...given }).filter(([, value]) => value !== undefined))
}

function serviceOf(text: string, problems: string[]): Service {
  const [progres, rest] = pair('--service', text, problems)
  const [primero = '', label = progres] = rest.split(/:(.*)/s)
  return { progres, primero, label }
}

function pair(option: string, text: string, problems: string[]): readonly [string, string] {
  const at = text.indexOf('=')
  const [name, value] = [text.slice(0, Math.max(at, 0)).trim(), text.slice(at + 1).trim()]
  if (at < 1 || value === '') problems.push(`${option} "${text}" has no form of A=B`)
  return [name, value]
}

function urlHost(text: string | undefined): string | undefined {
  const url = z.url({ protocol: /^https?$/ }).safeParse(text)
  return url.success ? new URL(url.data).hostname : undefined
}

const options: Readonly<Record<string, string>> = { module_id: '--module' }

function optionOf([name]: readonly PropertyKey[]): string {
  const key = String(name)
  return options[key] ?? `--${key.replaceAll('_', '-')}`
}
