import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import type { Command } from 'commander'
import { exportProject } from '../lightning/exportProject.ts'
import { renderProblem } from '../project/problem.ts'
import { ending } from './ending.ts'

interface ExportOptions {
  readonly to: string
  readonly out: string
  readonly json?: true
}

export function register(program: Command): void {
  program
    .command('export')
    .summary('this project for OpenFn Lightning')
    .description(
      'Writes the project for OpenFn Lightning and for the command line of OpenFn: project.yaml with a script for each job, ' +
        'for `openfn deploy`; and lightning.yaml, one file with the code in it, for import by hand. Jobs are bundled into ' +
        'plain JavaScript, mapping tables included; ledger, cursors and records that wait are kept in a collection. ' +
        'docs/openfn.md says what is weaker there.',
    )
    .requiredOption('--to <platform>', 'lightning')
    .option('--out <dir>', 'folder to write to', 'lightning')
    .option('--json', 'print {ok, files, problems}')
    .addHelpText('after', '\nExit codes: 0 written, 1 not written; every problem is printed.\n')
    .action(ending(write))
}

async function write({ to, out, json }: ExportOptions): Promise<0 | 1> {
  if (to !== 'lightning') {
    process.stderr.write(`exchange: there is no platform "${to}".\n  Did you mean: --to lightning\n`)
    return 1
  }
  const made = await exportProject(process.cwd(), process.env)
  if ('problems' in made) {
    if (json === true) print({ ok: false, files: [], problems: made.problems })
    else process.stderr.write(`${made.problems.map(renderProblem).join('\n')}\n\nNothing was written.\n`)
    return 1
  }
  const { files, exported } = made
  const folder = resolve(out)
  for (const { path, text } of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  if (json === true) print({ ok: true, files: files.map(({ path }) => path), problems: [] })
  else process.stdout.write(next(folder, files.length, exported))
  return 0
}

function print(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`)
}

function next(
  folder: string,
  count: number,
  {
    credentials,
    collections,
  }: {
    readonly credentials: readonly { readonly name: { readonly value: string } }[]
    readonly collections: readonly string[]
  },
): string {
  return `${count} files are in ${folder}.

On Lightning, before the first run:
  credentials  ${credentials.map(({ name }) => name.value).join(', ')}: make them, with a fingerprintKey in each (docs/openfn.md)
  collections  ${collections.join(', ') || 'none'}
  concurrency  1 for every workflow
Then: openfn deploy, in that folder; or import lightning.yaml by hand.
`
}
