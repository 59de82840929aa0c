import type { Command } from 'commander'
import type { NoticeRow } from '../store/types.ts'
import { commandActor } from './actor.ts'
import { type ExitCode, ending } from './ending.ts'
import { openEnvironment, withStore } from './open.ts'
import { usage } from './runInput.ts'

interface ListOptions {
  readonly all?: true
  readonly limit: string
  readonly json?: true
}

export function register(program: Command): void {
  const notices = program
    .command('notices')
    .summary('what a person has to tell UNHCR: list, done')
    .description(
      'Consent that was withdrawn, or a referral that was revoked, after it had been sent. The exchange tells UNHCR ' +
        'nothing of it: a person calls, and says case number, date of withdrawal and services, no more.',
    )
  notices
    .command('list')
    .description('Notices that nobody has acted on, newest first.')
    .option('--all', 'those that are done as well')
    .option('--limit <count>', 'at most so many', '50')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExit codes: 0 none is past its hour, 1 wrong use or configuration, 2 a call is overdue.\n')
    .action(ending(list))
  notices
    .command('done <id>')
    .description('Says that the call was made.')
    .addHelpText('after', '\nExit codes: 0 noted, 1 there is no such notice, or it was done before.\n')
    .action(ending(done))
}

async function list({ all, limit, json }: ListOptions): Promise<ExitCode> {
  const now = new Date().toISOString()
  const notices = await withStore(openEnvironment('store'), (store) =>
    store.notices.list({ limit: Number(limit) || 50, ...(all === true ? {} : { state: 'open' as const }) }),
  )
  if (json === true) process.stdout.write(`${JSON.stringify({ notices }, null, 2)}\n`)
  else process.stdout.write(notices.length === 0 ? 'No notices.\n' : notices.map((one) => lines(one, now)).join(''))
  return notices.some((notice) => isOverdue(notice, now)) ? 2 : 0
}

function lines(notice: NoticeRow, now: string): string {
  const { id, case_number, withdrawn_on, services, tell, due_at, done_at } = notice
  const until = done_at === null ? `until ${due_at}${isOverdue(notice, now) ? ', OVERDUE' : ''}` : `done ${done_at}`
  return `${id}  tell ${tell}  ${until}\n  case ${case_number}  withdrawn ${withdrawn_on}  ${services.join(', ')}\n`
}

function isOverdue({ done_at, due_at }: NoticeRow, now: string): boolean {
  return done_at === null && due_at <= now
}

async function done(id: string): Promise<ExitCode> {
  return withStore<ExitCode>(openEnvironment('store'), async (store) => {
    const at = new Date()
    const result = await store.notices.done(id, at, commandActor())
    if (result === 'unknown') throw usage(`there is no notice ${id}.`, 'They are listed by: exchange notices list')
    if (result === 'conflict') throw usage(`notice ${id} was done before.`, 'See: exchange notices list --all')
    const nowhere = { workflow: null, entry: null, run: null }
    await store.activity.add({ ...nowhere, at: at.toISOString(), level: 'info', what: 'notice done', record: id })
    process.stdout.write(`${id} done.\n`)
    return 0
  })
}
