import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, extname, join } from 'node:path'
import type { Command } from 'commander'
import { toConceptMap } from '../../mapping/conceptMap.ts'
import { changes } from '../../mapping/diff/changes.ts'
import { didYouMean } from '../../mapping/nearest.ts'
import { writeCsv } from '../../mapping/sheets/csv.ts'
import { toSheets } from '../../mapping/sheets/write.ts'
import { type ExitCode, ending } from '../ending.ts'
import { usage } from '../runInput.ts'
import { type CountryOption, type OpenCountry, type OpenVersion, openCountry, openVersion } from './open.ts'

interface ExportOptions extends CountryOption {
  readonly to: string
  readonly version?: string
  readonly table?: string
}

export function register(mappings: Command): void {
  mappings
    .command('export')
    .description(
      'Write the version in force (or VERSION) as a spreadsheet: a cover, a sheet a table, what changed against the version ' +
        'before marked. --to FILE.xlsx: one book; --to DIR: a CSV file a sheet; --to FILE.json with --table: that table as a ' +
        'FHIR R5 ConceptMap.',
    )
    .requiredOption('--to <path>', 'FILE.xlsx, a folder for CSV files, or FILE.json')
    .option('--version <version>', 'which version')
    .option('--table <table>', 'with FILE.json: which value table')
    .option('--country <country>', 'folder under mappings/')
    .action(ending(exportVersion))
}

async function exportVersion(options: ExportOptions): Promise<ExitCode> {
  const country = await openCountry(options)
  const version = await openVersion(country, options.version ?? country.settings.value.version)
  const written = await write(country, version, options)
  process.stdout.write(`${country.country} ${version.version} is in ${written}\n`)
  return 0
}

async function write(country: OpenCountry, version: OpenVersion, { to, table }: ExportOptions): Promise<string> {
  if (extname(to) === '.json') {
    await mkdir(dirname(to), { recursive: true })
    await writeFile(to, `${JSON.stringify(conceptMapOf(country, version, table), null, 2)}\n`)
    return to
  }
  const sheets = toSheets(version.content, await coverOf(country, version))
  if (extname(to) === '.xlsx') {
    // The libraries are large, and no other command needs them.
    const { writeXlsx } = await import('../../mapping/sheets/xlsx.ts')
    await mkdir(dirname(to), { recursive: true })
    await writeFile(to, await writeXlsx(sheets))
    return to
  }
  if (extname(to) !== '') throw usage(`"${to}" is no .xlsx, .json or folder.`, 'For CSV name a folder.')
  await mkdir(to, { recursive: true })
  for (const sheet of sheets) await writeFile(join(to, `${sheet.name}.csv`), writeCsv(sheet))
  return `${to} (${sheets.length} files)`
}

async function coverOf(country: OpenCountry, { version, hash, content }: OpenVersion) {
  const { versions, releases } = country
  const previous = versions[versions.indexOf(version) - 1]
  const before = previous === undefined ? undefined : await openVersion(country, previous)
  const release = Object.hasOwn(releases.value.released, version) ? releases.value.released[version] : undefined
  return {
    country: country.country,
    version,
    hash,
    state: release === undefined ? ('draft' as const) : ('released' as const),
    release,
    previous,
    changes: before === undefined ? [] : changes(before.content, content),
  }
}

function conceptMapOf({ country, releases }: OpenCountry, { version, content }: OpenVersion, name: string | undefined) {
  const tables = Object.keys(content.tables)
  if (name === undefined) throw usage('a ConceptMap holds one table.', `Name it with --table: ${tables.join(', ')}.`)
  const table = Object.hasOwn(content.tables, name) ? content.tables[name] : undefined
  if (table === undefined) {
    throw usage(`there is no table "${name}".`, didYouMean(name, tables) ?? `There is ${tables.join(', ')}.`)
  }
  const release = Object.hasOwn(releases.value.released, version) ? releases.value.released[version] : undefined
  return toConceptMap(table, { country, version, releasedOn: release?.on })
}
