import { readFile, stat, writeFile } from 'node:fs/promises'
import { extname, join } from 'node:path'
import type { Command } from 'commander'
import { type PrimeroConfiguration, primero } from '../../adaptors/language-primero/client.ts'
import { ExchangeError } from '../../errors/ExchangeError.ts'
import { coverage, type Finding } from '../../mapping/coverage/coverage.ts'
import { type Snapshot, snapshotSchema } from '../../mapping/coverage/snapshot.ts'
import { writeCsv } from '../../mapping/sheets/csv.ts'
import { neutral, type Sheet } from '../../mapping/sheets/sheet.ts'
import type { Settings } from '../../mapping/types.ts'
import { readVariables } from '../../project/variables.ts'
import { type ExitCode, ending } from '../ending.ts'
import { usage } from '../runInput.ts'
import { renderTable } from '../textTable.ts'
import { type CountryOption, openCountry, openVersion, printJson } from './open.ts'

interface CoverageOptions extends CountryOption {
  readonly version?: string
  readonly snapshot?: string
  readonly save?: string
  readonly to?: string
  readonly json?: true
}

export function register(mappings: Command): void {
  mappings
    .command('coverage')
    .description(
      'Hold the version in force (or VERSION) and the settings against a live Primero, which is only read: options and their ' +
        'labels, fields and their types, rights of the account, required fields, agencies, users, module; and options that ' +
        'nobody mapped. --snapshot works offline. Exit code 1 when something is wrong.',
    )
    .option('--version <version>', 'which version')
    .option('--snapshot <path>', 'a file that --save wrote, or a folder with lookups.json and forms.json')
    .option('--save <file>', 'also keep what was read of Primero (no data of a child) for --snapshot')
    .option('--to <file>', 'also write a sheet: FILE.xlsx or FILE.csv')
    .option('--country <country>', 'folder under mappings/')
    .option('--json', 'print {version, counts, findings: [{level, file, line, column, message, hint}]}')
    .action(ending(cover))
}

async function cover(options: CoverageOptions): Promise<ExitCode> {
  const country = await openCountry(options)
  const { version, files } = await openVersion(country, options.version ?? country.settings.value.version)
  const snapshot =
    options.snapshot === undefined ? await readLive(country.settings.value) : await readSnapshot(options.snapshot)
  if (options.save !== undefined) await writeFile(options.save, `${JSON.stringify(snapshot, null, 2)}\n`)
  const found = coverage({ files, settings: country.settings, snapshot })
  const findings = (['wrong', 'open', 'unknown'] as const).flatMap((level) =>
    found.filter((one) => one.level === level),
  )
  if (options.to !== undefined) await writeSheet(options.to, findings)
  const counts = Object.fromEntries(levels.map((level) => [level, found.filter((one) => one.level === level).length]))
  if (options.json === true) printJson({ version, counts, findings })
  else {
    if (findings.length > 0) process.stdout.write(renderTable({ columns, rows: findings.map(cells) }))
    const counted = levels.map((level) => `${counts[level]} ${level}`).join(', ')
    process.stdout.write(
      `${findings.length === 0 ? '' : '\n'}${country.country} ${version} against Primero: ${counted}.\n`,
    )
  }
  return found.some(({ level }) => level === 'wrong') ? 1 : 0
}

const levels = ['wrong', 'open', 'unknown'] as const
const columns = ['', 'place', 'what', 'what now']

function cells({ level, file, line, column, message, hint }: Finding): string[] {
  return [level, [file, line, column].filter((part) => part !== undefined).join(':'), message, hint ?? '']
}

async function writeSheet(path: string, findings: readonly Finding[]): Promise<void> {
  const rows = [columns, ...findings.map(cells)].map((row) => row.map((text) => ({ text: neutral(text) })))
  const sheet: Sheet = { name: 'Coverage', widths: [10, 50, 90, 60], rows }
  if (extname(path) === '.csv') return writeFile(path, writeCsv(sheet))
  if (extname(path) !== '.xlsx') throw usage(`"${path}" is no .xlsx or .csv.`, 'Name a file with one of these endings.')
  const { writeXlsx } = await import('../../mapping/sheets/xlsx.ts')
  return writeFile(path, await writeXlsx([sheet]))
}

/** Only what a mapping hangs on is kept: of users their name, state and role, of nobody but those that settings name. */
export async function readLive(settings: Settings): Promise<Snapshot> {
  const account = accountFrom(process.env)
  const client = primero(account)
  const names = [
    ...new Set([
      account.user,
      settings.intake_user,
      settings.unhcr_user,
      ...(settings.contact_fallback_user === undefined ? [] : [settings.contact_fallback_user]),
      ...Object.values(settings.intake_user_by_agency),
    ]),
  ]
  const forms = await client.forms()
  const lookups = await client.lookups()
  const [agencies, roles, version] = [await seen(client.agencies()), await seen(client.roles()), await client.version()]
  const users = await seen(Promise.all(names.map((name) => client.findUser(name))))
  return snapshotSchema.parse({
    taken_at: new Date().toISOString(),
    ...(version === undefined ? {} : { version }),
    account: account.user,
    forms,
    lookups,
    ...(agencies === undefined ? {} : { agencies }),
    ...(roles === undefined ? {} : { roles: roles.filter((role) => 'form_section_read_write' in role) }),
    ...(users === undefined ? {} : { users: users.filter((user) => user !== undefined) }),
  })
}

/** The account alone: what a look needs of the variables. @throws CONFIGURATION naming all that is missing */
function accountFrom(env: NodeJS.ProcessEnv): PrimeroConfiguration {
  const names = ['PRIMERO_URL', 'PRIMERO_USERNAME', 'PRIMERO_PASSWORD'] as const
  const { texts, problems } = readVariables(env, [...names])
  const { PRIMERO_URL: url, PRIMERO_USERNAME: user, PRIMERO_PASSWORD: password } = texts
  if (problems.length === 0 && url !== undefined && user !== undefined && password !== undefined) {
    return { url, user, password, concurrency: 2 }
  }
  const missing = names.filter((name) => texts[name] === undefined)
  throw usage(`${missing.join(', ')} cannot be read or are not set.`, 'Set them, or work offline with --snapshot FILE.')
}

/** What the account may not see is unknown, not wrong. */
async function seen<T>(asked: Promise<T>): Promise<T | undefined> {
  return asked.catch((error: unknown) => {
    if (error instanceof ExchangeError && (error.code === 'ACCESS_DENIED' || error.status === 404)) return undefined
    throw error
  })
}

export async function readSnapshot(path: string): Promise<Snapshot> {
  const found = await stat(path).catch(() => undefined)
  if (found === undefined)
    throw usage(`there is no file or folder ${path}.`, 'Make one with: exchange mappings coverage --save FILE')
  const read = async (file: string): Promise<unknown> => JSON.parse(await readFile(file, 'utf8'))
  const ifThere = (name: string) => read(join(path, name)).catch(() => undefined)
  try {
    if (!found.isDirectory()) return snapshotSchema.parse(await read(path))
    const [forms, lookups] = [await read(join(path, 'forms.json')), await read(join(path, 'lookups.json'))]
    const [agencies, users] = [await ifThere('agencies.json'), await ifThere('users.json')]
    return snapshotSchema.parse({ forms, lookups, ...(agencies ? { agencies } : {}), ...(users ? { users } : {}) })
  } catch {
    throw usage(`${path} is no snapshot of a Primero.`, 'Make one with: exchange mappings coverage --save FILE')
  }
}
