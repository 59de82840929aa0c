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

/**
 * A Node process of its own in the project's folder, with `env` and nothing of ours but PATH and HOME.
 *
 * Waits until `isReady` says so.
 *
 * @throws with the end of its standard error when it ends before it is ready or takes over 30 s
 */
export async function startNode(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  isReady: () => Promise<boolean>,
): Promise<Started> {
  const child = spawn(process.execPath, args, {
    cwd: root,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-4000)
  })
  for (const until = Date.now() + 30_000; !(await isReady()); await sleep(50)) {
    if (child.exitCode !== null || Date.now() > until) {
      child.kill('SIGKILL')
      throw new Error(`${args.join(' ')} did not become ready:\n${said}`)
    }
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

/** Whether anybody answers at `url`, whatever the status. */
export async function answers(url: string, isGood = (status: number) => status > 0): Promise<boolean> {
  try {
    return isGood((await fetch(url)).status)
  } catch {
    return false
  }
}
