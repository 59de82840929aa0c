import type { Command } from 'commander'
import { inventory, renderInventory } from '../log/inventory.ts'
import { counted, type Row, type State } from './doctor/row.ts'
import type { DrillOptions } from './drill/play.ts'
import { type ExitCode, ending } from './ending.ts'
import { createProgress } from './progress.ts'

interface DoctorOptions {
  readonly json?: true
  readonly logInventory?: true
}

export function register(program: Command): void {
  const doctor = program
    .command('doctor')
    .summary('the go-live checklist, each row checked against the real configuration and systems')
    .description(
      'Looks at everything that has to be right before data of children passes, and prints a row each with what was ' +
        'looked at and what was found. Reads only: no case is opened, no message is sent. A store is made where there is none.',
    )
    .option('--log-inventory', 'print the sheet that partners sign: every line and field that the log can hold')
    .option('--json', 'print {ok, rows: [{id, about, state, found, hint}]}; state is ok, fail or sign')
    .addHelpText('after', details)
    .action(ending(async (options: DoctorOptions) => diagnose(options)))

  doctor
    .command('drill')
    .description(
      'Rehearse six incidents on simulated systems, with a real exchange in a folder of its own: what is seen is told, ' +
        'you act with the commands, and what you did is judged. Ends with a score sheet. Nothing real is touched.',
    )
    .option('--only <number>', 'play one of the six')
    .option('--auto', 'let the program do the right acts: shows how, and that it can be done')
    .action(ending(async (options: DrillOptions) => (await import('./drill/play.ts')).playDrill(options)))
}

const details = `
Rows: ok; FAIL, to be mended before go-live; sign, which only a person can
confirm. C1 to C9 are the rows of the pilot's security checklist.

The account in Primero is asked what its role may; nobody's data is read. The
gateway of DTP is reached by a TLS handshake, over which nothing is sent: the
subscription key shows with the first message.

Exit codes: 0 no row fails, 2 a row fails.
`

async function diagnose({ json, logInventory }: DoctorOptions): Promise<ExitCode> {
  if (logInventory === true) {
    process.stdout.write(json === true ? `${JSON.stringify(inventory(), null, 2)}\n` : renderInventory())
    return 0
  }
  const { examine } = await import('./doctor/examine.ts')
  const progress = createProgress()
  const rows = await examine({ root: process.cwd(), env: process.env, now: new Date(), progress: progress.say })
  progress.end()
  const failed = rows.filter(({ state }) => state === 'fail')
  process.stdout.write(
    json === true ? `${JSON.stringify({ ok: failed.length === 0, rows }, null, 2)}\n` : renderRows(rows),
  )
  return failed.length === 0 ? 0 : 2
}

const words: Readonly<Record<State, string>> = { ok: 'ok', fail: 'FAIL', sign: 'sign' }

/** A line each; below one that is not ok, what to do. */
export function renderRows(rows: readonly Row[]): string {
  const widest = Math.max(...rows.map(({ id }) => id.length))
  const lines = rows.flatMap(({ id, about, state, found, hint }) => {
    const line = `${words[state].padEnd(4)}  ${id.padEnd(widest)}  ${about}: ${found}`
    return hint === undefined ? [line] : [line, `${' '.repeat(widest + 8)}→ ${hint}`]
  })
  const count = (state: State) => rows.filter((row) => row.state === state).length
  return `${lines.join('\n')}\n\n${counted(rows.length, 'row')}: ${count('ok')} ok, ${count('fail')} failed, ${count('sign')} to be signed by a person.\n`
}
