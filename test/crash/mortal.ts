import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Built } from './build.ts'
import type { Death, Order } from './child.ts'

/** One process of the exchange that can be told when to die. */
export interface Mortal {
  readonly address: string
  /** Milliseconds from the order to start until it listened. */
  readonly startedInMs: number
  /** Its log. */
  readonly said: () => string
  /** Moments it went through since `trace`. */
  readonly moments: readonly string[]
  trace(): Promise<void>
  /** Resolves when it knows; from then on it dies at that moment. */
  die(death: Death): Promise<void>
  /** Resolves when it was frozen. @throws when it was not within `withinMs` */
  frozen(withinMs?: number): Promise<void>
  /** SIGCONT. */
  wake(): void
  /** SIGKILL from outside, now. */
  kill(): Promise<void>
  /** Resolves when it was killed. @throws when it lives longer than `withinMs`, or ended by itself */
  death(withinMs?: number): Promise<void>
}

/** Loads processes ahead, so that the next one is there when the last one died. */
export interface Cradle {
  /** Resolves when it listens, or, with `death`, when it died before. */
  start(death?: Death): Promise<Mortal | undefined>
  close(): Promise<void>
}

/** Loading makes much garbage at once. */
const execArgv = ['--min-semi-space-size=64', '--max-semi-space-size=64']

export function createCradle({ folder, script }: Built, env: Readonly<Record<string, string>>): Cradle {
  const living = new Set<ChildProcess>()
  const load = () => {
    const child = fork(script, { cwd: folder, env: {}, execArgv, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] })
    living.add(child)
    child.once('exit', () => living.delete(child))
    const said = errorsOf(child)
    return { child, said, listens: listening(child, said), loaded: once(child, 'message') }
  }
  let next = load()

  return {
    async start(death) {
      const { child, said, loaded, listens } = next
      await Promise.race([loaded, listens])
      const begun = performance.now()
      const order: Order = { do: 'start', env, ...(death === undefined ? {} : { death }) }
      child.send(order)
      const address = await listens
      next = load()
      return address === undefined
        ? undefined
        : mortal({ child, said, address, startedInMs: performance.now() - begun })
    },
    async close() {
      const ends = [...living].map((child) => once(child, 'exit'))
      for (const child of living) child.kill('SIGKILL')
      await Promise.all(ends)
    },
  }
}

/** The address, or undefined when it was killed before it listened. */
async function listening(child: ChildProcess, said: () => string): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    child.stdout?.on('data', (chunk: Buffer) => {
      const address = /^exchange serves .* at (http\S+)$/m.exec(chunk.toString('utf8'))?.[1]
      if (address !== undefined) resolve(address)
    })
    child.once('exit', (code, signal) => {
      if (signal === 'SIGKILL') resolve(undefined)
      else reject(new Error(`The exchange ended with ${code ?? signal}.\n${said()}`))
    })
  })
}

/** What it wrote to standard error so far. */
function errorsOf(child: ChildProcess): () => string {
  let said = ''
  child.stderr?.on('data', (chunk: Buffer) => {
    said += chunk.toString('utf8')
  })
  return () => said
}

interface Born extends Pick<Mortal, 'address' | 'startedInMs' | 'said'> {
  readonly child: ChildProcess
}

function mortal({ child, said, address, startedInMs }: Born): Mortal {
  const gone = once(child, 'exit')
  const moments: string[] = []
  child.on('message', ({ moment }: { moment?: string }) => {
    if (moment !== undefined) moments.push(moment)
  })
  const tell = async (order: Order) => {
    const ready = new Promise<void>((resolve) => {
      const listen = (message: { ready?: true }) => {
        if (message.ready !== true) return
        child.off('message', listen)
        resolve()
      }
      child.on('message', listen)
    })
    child.send(order)
    await ready
  }
  return {
    address,
    startedInMs,
    said,
    moments,
    trace: () => tell({ do: 'trace' }),
    die: (death) => tell({ do: 'die', death }),
    async frozen(withinMs = 20_000) {
      const until = performance.now() + withinMs
      while (!isStopped(child)) {
        if (performance.now() > until) throw new Error('It was to be frozen, and was not.')
        await sleep(5)
      }
    },
    wake: () => void child.kill('SIGCONT'),
    async kill() {
      child.kill('SIGKILL')
      await gone
    },
    async death(withinMs = 30_000) {
      const lives = setTimeout(() => child.kill('SIGTERM'), withinMs)
      const [code, signal] = await gone
      clearTimeout(lives)
      if (signal !== 'SIGKILL') throw new Error(`It was to be killed, and ended with ${code ?? signal}.`)
    },
  }
}

/** As Linux says it: the state follows the command's name in brackets. */
function isStopped({ pid }: ChildProcess): boolean {
  return /\) T /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
}
