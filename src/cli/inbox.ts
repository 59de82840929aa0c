import type { Command } from 'commander'
import type { EntryRow, Store } from '../store/types.ts'
import { commandActor } from './actor.ts'
import { type ExitCode, ending } from './ending.ts'
import { openEnvironment, withStore } from './open.ts'
import { usage } from './runInput.ts'

interface ListOptions {
  readonly state?: string
  readonly limit: string
  readonly json?: true
}

const states = ['waiting', 'running', 'done', 'stuck']

export function register(program: Command): void {
  const inbox = program
    .command('inbox')
    .summary('entries that wait, run or are stuck: list, show, replay, discard')
    .description('Looks at the entries of the inbox, also beside a running exchange. No payload is ever shown.')
  inbox
    .command('list')
    .description('Entries, newest first.')
    .option('--state <state>', `only those that are ${states.join(', ')}`)
    .option('--limit <count>', 'at most so many', '50')
    .option('--json', 'print JSON')
    .action(ending(list))
  inbox
    .command('show <id>')
    .description('One entry with its runs and the outcome of each record.')
    .option('--json', 'print JSON')
    .action(ending(show))
  inbox
    .command('replay <id>')
    .description('Runs a stuck entry again, with a new RETRY_FOR; what was delivered stays as it is.')
    .action(ending(replay))
  inbox
    .command('discard <id>')
    .description('Erases the payload of a stuck entry for ever. The same message counts as new afterwards.')
    .action(ending(discard))
}

async function list({ state, limit, json }: ListOptions): Promise<ExitCode> {
  if (state !== undefined && !states.includes(state))
    throw usage(`there is no state "${state}".`, `It is one of: ${states.join(', ')}.`)
  const entries = await withStore(openEnvironment('store'), (store) =>
    store.entries.list({ kind: 'webhook', limit: Number(limit) || 50, ...(state === undefined ? {} : { state }) }),
  )
  if (json === true) process.stdout.write(`${JSON.stringify({ entries }, null, 2)}\n`)
  else
    process.stdout.write(entries.length === 0 ? 'No entries.\n' : entries.map((entry) => `${line(entry)}\n`).join(''))
  return 0
}

function line({ id, workflow, state, received_at, due_at, code, attempt }: EntryRow): string {
  const due = due_at === null || state === 'done' ? '' : `  due ${due_at}`
  return `${id}  ${state.padEnd(7)}  ${workflow}  received ${received_at}  attempt ${attempt}${code === null ? '' : `  ${code}`}${due}`
}

async function show(id: string, { json }: { readonly json?: true }): Promise<ExitCode> {
  return withStore<ExitCode>(openEnvironment('store'), async (store) => {
    const entry = await store.entries.get(id)
    if (entry === undefined) throw unknown(id)
    const runs = await store.runs.ofEntry(id)
    if (json === true) {
      process.stdout.write(`${JSON.stringify({ ...entry, runs }, null, 2)}\n`)
      return 0
    }
    const lines = runs.flatMap(({ id: run, state, started_at, records }) => [
      `  run ${run}  ${state}  ${started_at ?? 'not begun'}`,
      ...records.map(({ key, outcome, code }) => `    ${outcome.padEnd(9)}  ${key}  ${code}`),
    ])
    process.stdout.write(`${[line(entry), ...lines].join('\n')}\n`)
    return 0
  })
}

function replay(id: string): Promise<ExitCode> {
  return act(id, 'replayed', 'The running exchange takes it at once; else: exchange start', (store) =>
    store.entries.replay(id, new Date(), commandActor()),
  )
}

function discard(id: string): Promise<ExitCode> {
  return act(id, 'discarded', 'Its payload is erased.', (store) =>
    store.entries.discard(id, new Date(), commandActor()),
  )
}

async function act(
  id: string,
  done: 'replayed' | 'discarded',
  then: string,
  work: (store: Store) => Promise<'replayed' | 'discarded' | 'conflict' | 'unknown'>,
): Promise<ExitCode> {
  return withStore<ExitCode>(openEnvironment('store'), async (store) => {
    const result = await work(store)
    if (result === 'unknown') throw unknown(id)
    if (result === 'conflict')
      throw usage(`entry ${id} is not stuck, or its payload is gone.`, `Look at it: exchange inbox show ${id}`)
    const at = new Date().toISOString()
    await store.activity.add({ at, level: 'info', what: done, workflow: null, entry: id, run: null, record: null })
    process.stdout.write(`${id} ${done}. ${then}\n`)
    return 0
  })
}

function unknown(id: string) {
  return usage(`there is no entry ${id}.`, 'Entries are listed by: exchange inbox list')
}
