import { readdir, readFile, stat } from 'node:fs/promises'
import { basename, extname, join } from 'node:path'
import type { Command } from 'commander'
import { ExchangeError } from '../../errors/ExchangeError.ts'
import { fromConceptMap } from '../../mapping/conceptMap.ts'
import { changes } from '../../mapping/diff/changes.ts'
import { parseJson } from '../../mapping/json.ts'
import { earlierRelease } from '../../mapping/release.ts'
import { assemble } from '../../mapping/sheets/assemble.ts'
import { readCsv } from '../../mapping/sheets/csv.ts'
import { sheetPlace } from '../../mapping/sheets/read.ts'
import type { ReadSheet } from '../../mapping/sheets/sheet.ts'
import { toSheets } from '../../mapping/sheets/write.ts'
import type { SpecificationProblem } from '../../mapping/types.ts'
import { writeVersion } from '../../mapping/writeVersion.ts'
import { type ExitCode, ending } from '../ending.ts'
import { usage } from '../runInput.ts'
import { renderChanges } from './diff.ts'
import { type CountryOption, openCountry, openVersion } from './open.ts'

interface ImportOptions extends CountryOption {
  readonly base?: string
  readonly json?: true
}

export function register(mappings: Command): void {
  mappings
    .command('import <path>')
    .description(
      'Read a spreadsheet into a new draft version: FILE.xlsx, a folder of CSV files, one FILE.csv, or a FHIR R5 ConceptMap ' +
        '(FILE.json). A book with a cover is the whole version; single tables replace theirs in the version in force. Every ' +
        'problem is named by sheet, row and column, and then nothing is written.',
    )
    .option('--base <version>', 'what single tables go on top of (default: the version in force)')
    .option('--country <country>', 'folder under mappings/')
    .option('--json', 'print {version, changes}')
    .action(ending(importVersion))
}

async function importVersion(path: string, options: ImportOptions): Promise<ExitCode> {
  const country = await openCountry(options)
  const { root, folder, settings, releases, versions } = country
  const base = await openVersion(country, options.base ?? settings.value.version)
  const version = `v${Math.max(0, ...versions.map((name) => Number(name.slice(1)))) + 1}`
  const released = Object.keys(releases.value.released)
  const assembled = assemble(await sheetsIn(path), {
    country: country.country,
    settings: settings.value,
    files: base.files,
    earlier: await earlierRelease({ root, folder, released }, version),
  })
  if ('problems' in assembled) throw wrong(path, assembled.problems)
  await writeVersion(join(root, folder), version, assembled.content, base.content.toPrimero.$schema)
  const found = changes(base.content, assembled.content)
  if (options.json === true) {
    process.stdout.write(`${JSON.stringify({ version, changes: found }, null, 2)}\n`)
    return 0
  }
  process.stdout.write(`${folder}/${version} is a new draft. Against ${base.version}:\n\n`)
  process.stdout.write(found.length === 0 ? 'Nothing differs.\n' : renderChanges(found))
  process.stdout.write(
    `\nTry it: name ${version} in ${folder}/settings.json, then exchange check --files and a dry run.\n` +
      `Release it: exchange mappings release ${version} --by WHO --agreement REFERENCE\n`,
  )
  return 0
}

async function sheetsIn(path: string): Promise<readonly ReadSheet[]> {
  const found = await stat(path).catch(() => undefined)
  if (found === undefined) throw usage(`there is no file or folder ${path}.`, 'Name what people sent back.')
  if (found.isDirectory()) {
    const names = (await readdir(path)).filter((name) => extname(name).toLowerCase() === '.csv').sort()
    if (names.length === 0) throw usage(`${path} holds no CSV file.`, 'Name the folder that export wrote.')
    return Promise.all(names.map((name) => csvSheet(join(path, name))))
  }
  switch (extname(path).toLowerCase()) {
    case '.csv':
      return [await csvSheet(path)]
    case '.xlsx':
      return xlsxSheets(path)
    case '.json':
      return [await conceptMapSheet(path)]
    default:
      throw usage(`${path} is no .xlsx, .csv or .json.`, 'Save the spreadsheet as .xlsx.')
  }
}

async function csvSheet(path: string): Promise<ReadSheet> {
  const sheet = readCsv(basename(path), await readFile(path, 'utf8'))
  if (sheet === undefined) throw usage(`${path} is no CSV.`, 'A quotation mark is not closed, or it is another format.')
  return sheet
}

async function xlsxSheets(path: string): Promise<readonly ReadSheet[]> {
  const { readXlsx } = await import('../../mapping/sheets/xlsx.ts')
  const book = await readXlsx(await readFile(path))
  if (book === undefined) throw usage(`${path} cannot be read as .xlsx.`, 'Save it anew as an Excel workbook (.xlsx).')
  if (book.problems.length > 0)
    throw wrong(
      path,
      book.problems.map(({ sheet, row = 1, column = 'A', ...said }) => ({ file: `${sheet}!${column}${row}`, ...said })),
    )
  return book.sheets
}

/** By way of a sheet, so that a ConceptMap is held to the same schemas and laws. */
async function conceptMapSheet(path: string): Promise<ReadSheet> {
  const json = parseJson(basename(path), await readFile(path, 'utf8'))
  const read = 'problems' in json ? json : fromConceptMap(json)
  if ('problems' in read) throw wrong(path, read.problems)
  const empty = { fields: [] }
  const content = { toPrimero: empty, toDtp: empty, sentences: { en: {} }, tables: { [read.table.name]: read.table } }
  const cover = { country: '', version: '', state: 'draft', hash: '', changes: [] } as const
  const sheet = toSheets(content, cover)[3]
  return { name: basename(path), rows: sheet?.rows.map((row) => row.map(({ text }) => text)) ?? [] }
}

function wrong(path: string, problems: readonly SpecificationProblem[]): ExchangeError {
  const lines = problems.map((problem) =>
    [sheetPlace(problem), ` ${problem.message}`, problem.hint].filter(Boolean).join(' '),
  )
  const count = lines.length === 1 ? 'a problem' : `${lines.length} problems`
  return new ExchangeError(`${path} has ${count}.\n${lines.join('\n')}`, {
    code: 'CONFIGURATION',
    retry: 'never',
    hint: 'Nothing was imported.',
  })
}
