import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { ExchangeError } from '../errors/ExchangeError.ts'

export interface ChildExchange {
  /** Base URL. */
  readonly address: string
  readonly process: ChildProcess
  /** What it wrote to standard output so far. */
  readonly out: () => string
  /** What it wrote to standard error so far. */
  readonly log: () => string
  /** A request to the admin API. */
  api(method: 'GET' | 'POST', path: string, body?: unknown): Promise<{ status: number; body: unknown }>
  /** SIGTERM; resolves with the exit code. */
  stop(): Promise<number | null>
}

const command = fileURLToPath(new URL('../../bin/exchange.js', import.meta.url))

/**
 * Starts `exchange start` as a process of its own, as an administrator would, and resolves when it listens.
 *
 * @param env  the variables of the contract; nothing else of this process's environment but PATH and HOME is passed on
 * @param cwd  folder of the project
 * @throws CONFIGURATION with what the process said when it ended instead of listening
 */
export async function startChildExchange(env: Readonly<Record<string, string>>, cwd: string): Promise<ChildExchange> {
  const { PATH = '', HOME = '' } = process.env
  const child = spawn(process.execPath, [command, 'start'], {
    cwd,
    env: { PATH, HOME, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  child.stderr.on('data', (chunk: Buffer) => {
    said += chunk.toString('utf8')
  })
  let printed = ''
  const listening = new Promise<string>((resolve) => {
    child.stdout.on('data', (chunk: Buffer) => {
      printed += chunk.toString('utf8')
      const address = /^exchange serves .* at (http\S+)$/m.exec(printed)?.[1]
      if (address !== undefined) resolve(address)
    })
  })
  const ended = once(child, 'exit')
  const address = await Promise.race([
    listening,
    ended.then(() => {
      throw new ExchangeError(`the exchange did not start.\n${said}`, { code: 'CONFIGURATION', retry: 'never' })
    }),
  ])
  return {
    address,
    process: child,
    out: () => printed,
    log: () => said,
    async api(method, path, body) {
      const answer = await fetch(`${address}${path}`, {
        method,
        headers: {
          authorization: `Basic ${Buffer.from(`admin:${env.ADMIN_PASSWORD}`).toString('base64')}`,
          'content-type': 'application/json',
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
      const text = await answer.text()
      return { status: answer.status, body: text === '' ? undefined : JSON.parse(text) }
    },
    async stop() {
      child.kill('SIGTERM')
      await ended
      return child.exitCode
    },
  }
}
