import { existsSync, readFileSync } from 'node:fs'
import { Command, CommanderError } from 'commander'
import { nearest } from '../mapping/nearest.ts'
import { renderFailure } from './failure.ts'
import { guardLastWords } from './lastWords.ts'

interface CommandFile {
  readonly register: (program: Command) => void
}

/** One line a command, in the order in which help lists them. A file is imported when its command, or help, is asked for. */
const commands: ReadonlyMap<string, () => Promise<CommandFile>> = new Map(
  Object.entries({
    check: () => import('./check.ts'),
    start: () => import('./start.ts'),
    run: () => import('./run.ts'),
    inbox: () => import('./inbox.ts'),
    ledger: () => import('./ledger.ts'),
    notices: () => import('./notices.ts'),
    users: () => import('./users.ts'),
    audit: () => import('./audit.ts'),
    keys: () => import('./keys.ts'),
    mappings: () => import('./mappings.ts'),
    clone: () => import('./clone.ts'),
    export: () => import('./export.ts'),
    import: () => import('./import.ts'),
    doctor: () => import('./doctor.ts'),
  }),
)

/**
 * The command `exchange`. Standard output is for what was asked, standard error for everything else.
 * A `.env` in the current folder is read first; variables that are set already win.
 */
export async function main(argv: readonly string[]): Promise<void> {
  guardLastWords()
  endQuietlyWhenPiped()
  try {
    if (existsSync('.env')) process.loadEnvFile('.env')
    await run(argv)
  } catch (error) {
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode
      return
    }
    process.stderr.write(renderFailure(error))
    process.exitCode = 1
  }
}

async function run(argv: readonly string[]): Promise<void> {
  const asked = argv[2]
  const program = newProgram()
  if (asked !== undefined && !asked.startsWith('-') && asked !== 'help' && !commands.has(asked)) {
    const near = nearest(asked, commands.keys())
    const now = near === undefined ? 'See: exchange --help' : `Did you mean: exchange ${near}`
    process.stderr.write(`exchange: there is no command "${asked}".\n  ${now}\n`)
    process.exitCode = 1
    return
  }
  const one = asked === undefined ? undefined : commands.get(asked)
  const files = await Promise.all((one === undefined ? [...commands.values()] : [one]).map((load) => load()))
  for (const { register } of files) register(program)
  if (asked === undefined) {
    program.outputHelp()
    return
  }
  await program.parseAsync(argv)
}

function newProgram(): Command {
  return new Command('exchange')
    .description(
      "Hands a child's referral over between Primero (CPIMS+) and UNHCR proGres v4, both ways, once each, or says why not.",
    )
    .version(version(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this, or the help of a command')
    .helpCommand('help [command]', 'print the help of a command')
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'exchange: ')) })
    .showHelpAfterError('  What it takes: add --help')
    .exitOverride()
    .addHelpText('after', outro)
}

const outro = `
Start here:
  exchange check   everything that is wrong with the project and its variables
  exchange run dtp-inbox --dry-run --input MESSAGE.json
                   what would happen, without anything leaving this machine
  exchange start   serve, until SIGTERM

It works on the project in the current folder (project.yaml). Variables come
from the environment or from a file .env; NAME_FILE with a path serves each.

Exit codes: 0 done, 1 wrong use or configuration, 2 something waits, is in
doubt or was refused.
`

function version(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
  const isManifest = typeof manifest === 'object' && manifest !== null && 'version' in manifest
  return isManifest ? String(manifest.version) : 'unknown'
}

/** `exchange … | head` closes our output; that is no error. */
function endQuietlyWhenPiped(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
    process.exitCode ??= 0
  })
}
