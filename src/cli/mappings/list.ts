import type { Command } from 'commander'
import { type ExitCode, ending } from '../ending.ts'
import { renderTable } from '../textTable.ts'
import { type CountryOption, openCountry, openVersion, printJson } from './open.ts'

export function register(mappings: Command): void {
  mappings
    .command('list')
    .description('The versions of the specification, and the tables of the one in force (or of VERSION).')
    .option('--version <version>', 'whose tables')
    .option('--country <country>', 'folder under mappings/')
    .option('--json', 'print {country, in_force, versions, tables}')
    .action(ending(list))
}

async function list(options: CountryOption & { version?: string; json?: true }): Promise<ExitCode> {
  const country = await openCountry(options)
  const { settings, releases, versions } = country
  const listed = await Promise.all(versions.map(async (version) => describe(await openVersion(country, version))))
  const chosen = options.version ?? settings.value.version
  const { content } = await openVersion(country, chosen)
  const tables = Object.values(content.tables).map(({ name, directions, owner, unmapped, rows }) => ({
    name,
    directions,
    owner,
    unmapped,
    rows: rows.length,
  }))
  if (options.json === true) {
    printJson({ country: country.country, in_force: settings.value.version, versions: listed, tables })
    return 0
  }
  process.stdout.write(
    renderTable({
      columns: ['version', 'state', 'released', 'signed off by', 'agreement', 'hash'],
      rows: listed.map((one) => [
        one.version,
        `${one.state}${one.in_force ? ', in force' : ''}`,
        one.on ?? '',
        one.signed_off?.by ?? '',
        one.signed_off?.agreement ?? '',
        one.hash.slice(0, 12),
      ]),
    }),
  )
  process.stdout.write(`\nTables of ${chosen}:\n\n`)
  process.stdout.write(
    renderTable({
      columns: ['table', 'rows', 'to Primero: without a row', 'to DTP: without a row', 'owner'],
      rows: tables.map(({ name, rows, unmapped, owner }) => [
        name,
        String(rows),
        shown(unmapped['to-primero']),
        shown(unmapped['to-dtp']),
        owner,
      ]),
    }),
  )
  const { toPrimero, toDtp, sentences } = content
  const languages = ['en', ...(sentences.fr === undefined ? [] : ['fr'])].join(', ')
  process.stdout.write(
    `\nBeside them: fields.to-primero (${toPrimero.fields.length} rows), fields.to-dtp (${toDtp.fields.length} rows), ` +
      `sentences (${languages}).\nSee one with: exchange mappings show TABLE\n`,
  )
  return 0

  function describe({ version, hash }: { version: string; hash: string }) {
    const release = Object.hasOwn(releases.value.released, version) ? releases.value.released[version] : undefined
    return {
      version,
      state: release === undefined ? 'draft' : release.hash === hash ? 'released' : 'released and edited since',
      in_force: version === settings.value.version,
      hash,
      ...(release === undefined ? {} : { on: release.on }),
      ...(release?.signed_off === undefined ? {} : { signed_off: release.signed_off }),
    }
  }
}

function shown(unmapped: 'refuse' | 'hold' | { readonly use: string } | undefined): string {
  if (unmapped === undefined) return 'not this way'
  return typeof unmapped === 'object' ? `use ${unmapped.use}` : unmapped
}
