import type { Command } from 'commander'
import { register as coverage } from './mappings/coverage.ts'
import { register as diff } from './mappings/diff.ts'
import { register as exportVersion } from './mappings/export.ts'
import { register as importVersion } from './mappings/import.ts'
import { register as list } from './mappings/list.ts'
import { register as release } from './mappings/release.ts'
import { register as show } from './mappings/show.ts'

export function register(program: Command): void {
  const mappings = program
    .command('mappings')
    .summary('the mapping specification: versions, tables, what a change means')
    .description(
      'Shows and compares the versions of the mapping specification of the country (COUNTRY, else exchange.country in ' +
        'package.json). Works on the files in mappings/ alone; needs no variables.',
    )
  for (const registerOne of [list, show, diff, exportVersion, importVersion, release, coverage]) registerOne(mappings)
}
