import { readFile } from 'node:fs/promises'
import type { Command } from 'commander'
import type { EffectRow, Store } from '../store/types.ts'
import { commandActor } from './actor.ts'
import { type ExitCode, ending } from './ending.ts'
import { openEnvironment, withStore } from './open.ts'
import { usage } from './runInput.ts'

interface SettleOptions {
  readonly arrived?: true
  readonly notArrived?: true
  readonly from?: string
  readonly forgotten?: true
}

const states = ['intent', 'done', 'in_doubt', 'refused', 'not_reached'] as const

export function register(program: Command): void {
  const ledger = program
    .command('ledger')
    .summary('effects on other systems: list, settle')
    .description('Looks at what was done to other systems, and settles what nobody knows the outcome of.')
  ledger
    .command('list')
    .description('Effects, newest first.')
    .option('--state <state>', `only those that are ${states.join(', ')}`)
    .option('--limit <count>', 'at most so many', '50')
    .option('--json', 'print JSON')
    .action(ending(list))
  ledger
    .command('settle [key]')
    .description(
      'Says whether an effect in doubt arrived over there. Not arrived: it is made again with the next look. ' +
        'With --forgotten: all that a restored store had forgotten. With --from FILE: records referrals that another exchange sent before, one Primero referral id a line.',
    )
    .option('--arrived', 'it is there')
    .option('--not-arrived', 'it is not there')
    .option('--from <file>', 'a text file of Primero referral ids, one a line')
    .option('--forgotten', 'every effect in doubt that the store only knows of from its witness')
    .action(ending(settle))
}

async function list({ state, limit, json }: { state?: string; limit: string; json?: true }): Promise<ExitCode> {
  const known = states.find((one) => one === state)
  if (state !== undefined && known === undefined)
    throw usage(`there is no state "${state}".`, `It is one of: ${states.join(', ')}.`)
  const effects = await withStore(openEnvironment('store'), (store) =>
    store.ledger.list({ limit: Number(limit) || 50, ...(known === undefined ? {} : { state: known }) }),
  )
  const shown = effects.map(({ key, state: reached, updated_at }) => ({ key, state: reached, updated_at }))
  if (json === true) process.stdout.write(`${JSON.stringify({ effects: shown }, null, 2)}\n`)
  else process.stdout.write(shown.length === 0 ? 'No effects.\n' : shown.map(line).join(''))
  return 0
}

function line({ key, state, updated_at }: Pick<EffectRow, 'key' | 'state' | 'updated_at'>): string {
  return `${state.padEnd(11)}  ${updated_at}  ${key}\n`
}

async function settle(key: string | undefined, options: SettleOptions): Promise<ExitCode> {
  const { arrived, notArrived, from, forgotten } = options
  if (key !== undefined && (from !== undefined || forgotten === true))
    throw usage('--from and --forgotten take no key.', 'Leave the key out.')
  if (from !== undefined) return takeOver(from)
  if ((key === undefined && forgotten !== true) || arrived === notArrived) {
    throw usage('say which effect, and whether it arrived.', 'exchange ledger settle KEY --arrived (or --not-arrived)')
  }
  return withStore<ExitCode>(openEnvironment('store'), async (store) => {
    const keys = key === undefined ? await store.sent.unsettled() : [key]
    for (const one of keys) await settleOne(store, one, arrived === true)
    if (key === undefined) process.stdout.write(`${keys.length} forgotten effects are settled.\n`)
    return 0
  })
}

async function settleOne(store: Store, key: string, arrived: boolean): Promise<void> {
  const at = new Date()
  if (!(await store.ledger.settle(key, arrived, at, commandActor()))) {
    throw usage(`no effect in doubt has the key ${key}.`, 'They are listed by: exchange ledger list --state in_doubt')
  }
  const what = arrived ? 'settled: arrived' : 'settled: not arrived'
  const nowhere = { workflow: null, entry: null, run: null }
  await store.activity.add({ ...nowhere, at: at.toISOString(), level: 'info', what, record: key })
  process.stdout.write(`${key} ${what}.\n`)
}

/** What another exchange sent is done for this one too; a line that is no Primero referral id stops before anything is written. */
async function takeOver(path: string): Promise<ExitCode> {
  const text = await readFile(path, 'utf8').catch(() => {
    throw usage(`there is no readable file ${path}.`, 'Name a text file of Primero referral ids, one a line.')
  })
  const ids = text.split(/\r?\n/).map((found) => found.trim().toLowerCase())
  const wrong = ids.findIndex((id) => id !== '' && !/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id))
  if (wrong >= 0)
    throw usage(
      `${path}:${wrong + 1} is no Primero referral id.`,
      'Each line holds one id, a UUID. Nothing was recorded.',
    )
  const given = [...new Set(ids.filter((id) => id !== ''))]
  const updated_at = new Date().toISOString()
  await withStore(openEnvironment('store'), async (store) => {
    const done = await store.ledger.done(given.map((id) => `dtp/referral/${id}`))
    for (const id of given) {
      const key = `dtp/referral/${id}`
      if (done.has(key)) continue
      await store.ledger.write({ key, state: 'done', fingerprint: null, detail: null, updated_at }, commandActor())
    }
  })
  process.stdout.write(`${given.length} referrals are recorded as sent.\n`)
  return 0
}
