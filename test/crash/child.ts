import { type Moment, observe } from './observe.ts'

/** What the test says: with which variables to start, and when to die. */
export type Order =
  | { readonly do: 'start'; readonly env: Readonly<Record<string, string>>; readonly death?: Death }
  | { readonly do: 'die'; readonly death: Death }
  | { readonly do: 'trace' }

/** `times`: at the how manieth such moment, from now on; 1 is the next. `by` SIGSTOP: frozen, and not dead. */
export type Death = ({ readonly at: Moment; readonly times: number } | { readonly afterMoments: number }) & {
  readonly by?: 'SIGKILL' | 'SIGSTOP'
}

let death: Death | undefined
let seen = 0
let tracing = false

/** Kills this process before the moment goes by. Nothing is flushed, no handler runs. */
function pass(moment: Moment): void {
  if (tracing) process.send?.({ moment })
  if (death === undefined) return
  if ('at' in death && death.at !== moment) return
  seen++
  if (seen < ('at' in death ? death.times : death.afterMoments)) return
  const { by = 'SIGKILL' } = death
  death = undefined
  do process.kill(process.pid, by)
  while (by === 'SIGKILL')
}

function prepare(next: Death | undefined): void {
  death = next
  seen = 0
}

observe(pass)
const { register } = await import('../../src/cli/start.ts')
const { Command } = await import('commander')
await import('../../jobs/report-to-dtp.ts')
await import('../../jobs/receive-referrals.ts')

process.on('message', async (order: Order) => {
  if (order.do === 'trace') tracing = true
  else prepare(order.death)
  if (order.do !== 'start') return void process.send?.({ ready: true })
  Object.assign(process.env, order.env)
  const program = new Command()
  register(program)
  await program.parseAsync(['start'], { from: 'user' }).catch((error: unknown) => {
    process.stderr.write(`${String(error)}\n`)
    process.exit(1)
  })
})
process.send?.({ loaded: true })
