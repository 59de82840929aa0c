import type { Command } from 'commander'
import type { VersionContent } from '../../mapping/diff/changes.ts'
import { didYouMean } from '../../mapping/nearest.ts'
import type { FieldRow, ValueTable } from '../../mapping/types.ts'
import { type ExitCode, ending } from '../ending.ts'
import { usage } from '../runInput.ts'
import { renderTable } from '../textTable.ts'
import { type CountryOption, openCountry, openVersion, printJson } from './open.ts'

export function register(mappings: Command): void {
  mappings
    .command('show <table>')
    .description(
      'One table of the version in force (or of VERSION): a value table, fields.to-primero, fields.to-dtp or sentences.',
    )
    .option('--version <version>', 'which version')
    .option('--country <country>', 'folder under mappings/')
    .option('--json', 'print the table as it stands in its file')
    .action(ending(show))
}

async function show(name: string, options: CountryOption & { version?: string; json?: true }): Promise<ExitCode> {
  const country = await openCountry(options)
  const { content } = await openVersion(country, options.version ?? country.settings.value.version)
  const part = partOf(content, name)
  if (options.json === true) printJson(part.value)
  else process.stdout.write(part.text)
  return 0
}

function partOf(content: VersionContent, name: string): { readonly value: object; readonly text: string } {
  const { toPrimero, toDtp, sentences, tables } = content
  if (name === 'fields.to-primero') return { value: toPrimero, text: headed(toPrimero.note, fields(toPrimero.fields)) }
  if (name === 'fields.to-dtp') return { value: toDtp, text: headed(toDtp.note, fields(toDtp.fields)) }
  if (name === 'sentences') {
    const rows = Object.entries(sentences.en).map(
      ([code, en]) => `${code}\n  en  ${en}\n  fr  ${sentences.fr?.[code] ?? '—'}\n`,
    )
    return { value: sentences, text: headed(sentences.note, rows.join('')) }
  }
  const table = Object.hasOwn(tables, name) ? tables[name] : undefined
  if (table !== undefined) return { value: table, text: valueTable(table) }
  const known = ['fields.to-primero', 'fields.to-dtp', 'sentences', ...Object.keys(tables)]
  throw usage(`there is no table "${name}".`, didYouMean(name, known) ?? `There is ${known.join(', ')}.`)
}

function headed(note: string | undefined, text: string): string {
  return note === undefined ? text : `${note}\n\n${text}`
}

function valueTable({ name, owner, directions, unmapped, rows, noMap = [], note }: ValueTable): string {
  const without = directions.map((direction) => {
    const what = unmapped[direction]
    return `${direction}: ${typeof what === 'object' ? `use ${what.use}` : what}`
  })
  const table = renderTable({
    columns: ['proGres', '', 'Primero', 'label', 'note'],
    rows: rows.map((row) => [
      row.progres,
      arrow(row.directions ?? directions, row.relationship),
      row.primero,
      row.label ?? '',
      row.note ?? '',
    ]),
  })
  const none = noMap.map(({ code, direction, note: why }) => `"${code}" has no counterpart ${direction}: ${why}\n`)
  return headed(note, `${name}, kept by ${owner}. Without a row: ${without.join('; ')}.\n\n${table}${none.join('')}`)
}

/** `⇄ =`: both ways, equivalent. `→ ⊂`: to Primero, proGres' word is the narrower one. */
function arrow(directions: readonly string[], relationship: string): string {
  const way = directions.length > 1 ? '<->' : directions[0] === 'to-primero' ? '-->' : '<--'
  const sign = relationship === 'equivalent' ? '=' : relationship.includes('narrower') ? 'narrower' : 'broader'
  return `${way} ${sign}`
}

function fields(rows: readonly FieldRow[]): string {
  return renderTable({
    columns: ['to', 'from', 'rule', 'required', 'existing case', 'inter-agency form', 'may be localised', 'note'],
    rows: rows.map((row) => [
      row.to,
      row.from.join(', '),
      [row.rule, row.table ?? (row.value === undefined ? undefined : JSON.stringify(row.value))]
        .filter(Boolean)
        .join(' '),
      required(row),
      row.policy ?? '',
      row.interAgencyForm === true ? 'yes' : '',
      row.localisable === true ? 'yes' : '',
      row.note ?? '',
    ]),
  })
}

function required({ required: always, requiredIf, requiredUnless, wanted, default: otherwise }: FieldRow): string {
  if (always === true) return 'yes'
  if (requiredIf !== undefined) return `if ${requiredIf}`
  if (requiredUnless !== undefined) return `unless ${requiredUnless}`
  if (otherwise !== undefined) return `else "${otherwise}"`
  return wanted === true ? 'wanted' : ''
}
