import { randomBytes } from 'node:crypto'
import { answers, freePort, type Started, startNode } from './processes.ts'

export interface Exchange extends Started {
  readonly url: string
  /** Hands a message to the workflow's webhook; resolves when it was acknowledged. */
  post(workflow: string, message: string): Promise<void>
  /** Runs a cron workflow now and waits for the run's end. */
  run(workflow: string): Promise<void>
}

/** Between two looks whether a run has ended: each costs the exchange a request. */
const askEveryMs = 25

export const inboxToken = 'benchmark-benchmark-benchmark-benchmark'

/**
 * The exchange as its users start it, in a process of its own, over a new data folder.
 *
 * @param systems  addresses and secrets of the two systems, as environment variables
 */
export async function startExchange(dataDir: string, systems: Readonly<Record<string, string>>): Promise<Exchange> {
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const password = randomBytes(16).toString('hex')
  const admin = { authorization: `Basic ${Buffer.from(`admin:${password}`).toString('base64')}` }
  const env = {
    PORT: String(port),
    DATA_DIR: dataDir,
    INBOX_TOKENS: inboxToken,
    ADMIN_PASSWORD: password,
    DATA_KEYS: `bench:${randomBytes(32).toString('base64')}`,
    LOG_LEVEL: 'warn',
    ...systems,
  }
  const started = await startNode({
    args: ['bin/exchange.js', 'start'],
    env,
    isReady: () => answers(`${url}/ready`, (status) => status === 204),
  })

  const get = async (path: string): Promise<Record<string, unknown>> => {
    const response = await fetch(`${url}${path}`, { headers: admin })
    return asObject(await response.json())
  }
  return {
    ...started,
    url,
    async post(workflow, message) {
      const headers = { 'content-type': 'application/json', 'x-api-key': inboxToken }
      const response = await fetch(`${url}/i/${workflow}`, { method: 'POST', headers, body: message })
      if (response.status !== 200) throw new Error(`The inbox answered ${response.status}.`)
      await response.arrayBuffer()
    },
    async run(workflow) {
      const response = await fetch(`${url}/api/workflows/${workflow}/runs`, { method: 'POST', headers: admin })
      if (response.status !== 202) throw new Error(`${workflow} could not be run: ${response.status}.`)
      const { run_id: id } = asObject(await response.json())
      for (let state: unknown = 'available'; state === 'available' || state === 'started'; ) {
        await new Promise((resolve) => setTimeout(resolve, askEveryMs))
        state = (await get(`/api/runs/${String(id)}`)).state
      }
    },
  }
}

function asObject(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {}
}
