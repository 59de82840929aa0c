import type { Command } from 'commander'
import type { AuditHead, AuditRow, AuditVerdict } from '../store/types.ts'
import { type ExitCode, ending } from './ending.ts'
import { openEnvironment, withStore } from './open.ts'
import { usage } from './runInput.ts'

export function register(program: Command): void {
  const audit = program
    .command('audit')
    .summary('the log of acts and effects: list, head, verify')
    .description(
      'Who did what, and what was done to other systems: a log that is only added to, each entry sealed together with ' +
        'the one before. It holds user names, system ids, codes and times.',
    )
  audit
    .command('list')
    .description('Entries, newest first.')
    .option('--limit <count>', 'at most so many', '50')
    .option('--json', 'print JSON')
    .action(ending(list))
  audit
    .command('head')
    .description(
      'Print number and seal of the last entry, as NUMBER:SEAL. Keep it where those who can write the store cannot: ' +
        'the running exchange also logs it every day.',
    )
    .action(ending(head))
  audit
    .command('verify')
    .description(
      'Look for entries that were altered, dropped, moved or cut off. What was cut off at the end shows only against a ' +
        'head that was printed before. Exit code 2 when the log does not hold.',
    )
    .option('--head <number:seal>', 'a head that was printed before; may be given several times', heads, [])
    .option('--json', 'print JSON')
    .action(ending(verify))
}

async function list({ limit, json }: { readonly limit: string; readonly json?: true }): Promise<ExitCode> {
  const entries = await withStore(openEnvironment('store'), ({ audit }) => audit.list({ limit: Number(limit) || 50 }))
  if (json === true) process.stdout.write(`${JSON.stringify({ entries }, null, 2)}\n`)
  else process.stdout.write(entries.length === 0 ? 'No entries.\n' : entries.map(line).join(''))
  return 0
}

function line({ n, at, actor, act, object, code }: AuditRow): string {
  return `${String(n).padStart(6)}  ${at}  ${actor}  ${[act, object, code].filter((part) => part !== null).join('  ')}\n`
}

async function head(): Promise<ExitCode> {
  const last = await withStore(openEnvironment('store'), ({ audit }) => audit.head())
  process.stdout.write(`${last.n}:${last.hash}\n`)
  return 0
}

interface VerifyOptions {
  readonly head: readonly AuditHead[]
  readonly json?: true
}

async function verify({ head: printed, json }: VerifyOptions): Promise<ExitCode> {
  const verdict = await withStore(openEnvironment('store'), ({ audit }) => audit.verify(printed))
  if (json === true) process.stdout.write(`${JSON.stringify(verdict, null, 2)}\n`)
  else process.stdout.write(`${sentence(verdict, printed.length > 0)}\n`)
  return verdict.intact ? 0 : 2
}

function sentence(verdict: AuditVerdict, comparedWithHead: boolean): string {
  if (verdict.intact) {
    const how = comparedWithHead
      ? 'and hold the printed head'
      : 'in themselves; whether later ones were cut off shows --head'
    return `The ${verdict.head.n} entries are intact ${how}.`
  }
  const found = {
    missing: `Entry ${verdict.n} is missing.`,
    altered: `Entry ${verdict.n} was altered, moved, or put in.`,
    'cut off': `The log ends before entry ${verdict.n}, but a later one was printed: it was cut off.`,
    'not the printed head': `Entry ${verdict.n} is not the one whose seal was printed: the log was written anew.`,
  }[verdict.what]
  return `${found}\n  Compare with a backup of the store, and with the heads in the log, before anything else is done.`
}

function heads(text: string, before: readonly AuditHead[]): readonly AuditHead[] {
  const found = /^(\d{1,15}):([0-9a-f]{64})?$/.exec(text.trim())
  if (found === null) throw usage('--head is not NUMBER:SEAL.', 'Give it as it was printed: exchange audit head')
  return [...before, { n: Number(found[1]), hash: found[2] ?? '' }]
}
