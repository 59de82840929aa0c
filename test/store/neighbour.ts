import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { ClaimedEntry } from '../../src/store/types.ts'
import type { Order } from './child.ts'

export interface News {
  readonly opened?: string
  readonly accepted?: string
  readonly claim?: ClaimedEntry
  readonly settled?: boolean
  readonly worked?: readonly string[]
  readonly failed?: string
}

/** Another process on the same store. */
export interface Neighbour {
  /** Every news so far. */
  readonly news: readonly News[]
  ask(order: Order): void
  /** The first news of that kind, those that came before included. */
  hear<K extends keyof News>(kind: K): Promise<NonNullable<News[K]>>
  signal(signal: NodeJS.Signals): void
  /** SIGKILL; resolves when the process is gone. */
  kill(): Promise<void>
}

/**
 * @param shellPrefix  what the shell does before it becomes the process (`ulimit …;`)
 */
export async function startNeighbour(env: Readonly<Record<string, string>>, shellPrefix = ''): Promise<Neighbour> {
  const child = start(env, shellPrefix)
  const news: News[] = []
  const waiting = new Set<() => void>()
  child.on('message', (message: News) => {
    news.push(message)
    for (const look of waiting) look()
  })
  const gone = once(child, 'exit')

  const hear = <K extends keyof News>(kind: K) =>
    new Promise<NonNullable<News[K]>>((resolve, reject) => {
      const look = () => {
        const found = news.find((message) => message[kind] !== undefined)?.[kind]
        if (found === undefined || found === null) return
        waiting.delete(look)
        resolve(found)
      }
      waiting.add(look)
      void gone.then(([code, signal]) => reject(new Error(`The neighbour is gone (${code ?? signal}).`)))
      look()
    })
  await hear('opened')
  return {
    news,
    hear,
    ask: (order) => void child.send(order),
    signal: (signal) => void child.kill(signal),
    kill: async () => {
      child.kill('SIGKILL')
      await gone
    },
  }
}

function start(env: Readonly<Record<string, string>>, shellPrefix: string): ChildProcess {
  const script = fileURLToPath(new URL('./child.ts', import.meta.url))
  // The shell hands the channel on to the node that it becomes.
  return spawn(
    '/bin/sh',
    ['-c', `${shellPrefix} exec "$0" --import ./bin/typescript.js "$1"`, process.execPath, script],
    {
      cwd: fileURLToPath(new URL('../..', import.meta.url)),
      env: { ...process.env, NODE_OPTIONS: '', ...env },
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    },
  )
}
