import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../', import.meta.url))

export interface Started {
  readonly pid: number
  stop(): Promise<void>
}

interface Process {
  readonly args: readonly string[]
  /** Beside PATH and HOME; nothing else of this process's environment is handed on. */
  readonly env?: Readonly<Record<string, string>>
  /** Asked again and again, with what the process has printed so far. */
  readonly isReady: (printed: string) => Promise<boolean> | boolean
}

/**
 * A Node process of its own in the project's folder; resolves when it is ready.
 *
 * @throws with the end of its standard error when it ends before, or takes over 30 s
 */
export async function startNode({ args, env = {}, isReady }: Process): Promise<Started> {
  const child = spawn(process.execPath, args, {
    cwd: root,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let printed = ''
  let complaints = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    printed = (printed + text).slice(0, 4000)
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaints = (complaints + text).slice(-4000)
  })
  for (const until = Date.now() + 30_000; !(await isReady(printed)); await sleep(50)) {
    if (child.exitCode === null && Date.now() < until) continue
    child.kill('SIGKILL')
    throw new Error(`${args.join(' ')} did not become ready:\n${complaints}`)
  }
  return { pid: child.pid ?? 0, stop: () => stop(child) }
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  const giveUp = setTimeout(() => child.kill('SIGKILL'), 30_000)
  await ended
  clearTimeout(giveUp)
}

/** A port of loopback that nobody listens on now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('No port could be had.')
  return address.port
}

/** Whether somebody answers at `url` with a status that is good. */
export async function answers(url: string, isGood = (status: number) => status > 0): Promise<boolean> {
  try {
    return isGood((await fetch(url)).status)
  } catch {
    return false
  }
}
