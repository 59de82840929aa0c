import type { Command } from 'commander'
import { type Change, changes } from '../../mapping/diff/changes.ts'
import { type ExitCode, ending } from '../ending.ts'
import { type CountryOption, openCountry, openVersion, printJson } from './open.ts'

export function register(mappings: Command): void {
  mappings
    .command('diff <before> <after>')
    .description('What differs between two versions, row by row, and what each difference means for a referral.')
    .option('--country <country>', 'folder under mappings/')
    .option('--json', 'print {before, after, changes: [{part, row, kind, what: [{name, before, after}], meaning}]}')
    .action(ending(diff))
}

async function diff(before: string, after: string, options: CountryOption & { json?: true }): Promise<ExitCode> {
  const country = await openCountry(options)
  const [old, now] = [await openVersion(country, before), await openVersion(country, after)]
  const found = changes(old.content, now.content)
  if (options.json === true) printJson({ before, after, changes: found })
  else process.stdout.write(found.length === 0 ? `${before} and ${after} say the same.\n` : renderChanges(found))
  return 0
}

/** Differences by part, each with what was and what is, and its meaning on a line of its own. */
export function renderChanges(found: readonly Change[]): string {
  const parts = [...new Set(found.map(({ part }) => part))]
  return parts
    .map((part) => {
      const own = found.filter((change) => change.part === part).map(renderChange)
      return `${part}\n${own.join('')}`
    })
    .join('\n')
}

const signs = { added: '+', removed: '-', changed: '~' } as const

function renderChange({ row, kind, what, meaning }: Change): string {
  const details =
    kind === 'changed'
      ? what.map(({ name, before, after }) => `      ${name}: ${before ?? '—'} → ${after ?? '—'}\n`)
      : []
  return `  ${signs[kind]} ${row === '' ? 'the table as a whole' : row}\n${details.join('')}      ${meaning}\n`
}
