import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { vi } from 'vitest'
import { type ChildExchange, startChildExchange } from '../../src/cli/childExchange.ts'
import { startSimulated } from '../../src/cli/simulated.ts'
import type { Settings } from '../../src/mapping/types.ts'
import { makeCertificates } from '../../src/simulator/certificates.ts'
import type { DtpOptions, DtpSimulator } from '../../src/simulator/dtp/server.ts'
import type { PrimeroOptions, PrimeroSimulator } from '../../src/simulator/primero/server.ts'
import { readSettings } from './project.ts'
import { until } from './until.ts'

export const repository = fileURLToPath(new URL('../../', import.meta.url))

// Other work may go on on the same machine; a test that passes does not take this long.
vi.setConfig({ testTimeout: 90_000, hookTimeout: 90_000 })

type Variables = Readonly<Record<string, string>>

export interface SiteOptions {
  readonly primero?: PrimeroOptions
  readonly dtp?: DtpOptions
  /** Variables that differ from `variables`. */
  readonly env?: Variables
  /** Folder of the project. */
  readonly cwd?: string
  /** DTP speaks https and wants a client certificate. */
  readonly https?: boolean
}

export interface RecordRow {
  readonly key: string
  readonly outcome: string
  readonly code: string
}

export interface RunRow {
  readonly id: string
  readonly workflow: string
  readonly state: string
  readonly started_at: string | null
  readonly finished_at: string | null
  readonly mapping_version: string | null
  readonly records: readonly RecordRow[]
}

export interface EntryRow {
  readonly id: string
  readonly workflow: string
  readonly state: string
  readonly received_at: string
  readonly code: string | null
}

export interface Site {
  readonly primero: PrimeroSimulator
  readonly dtp: DtpSimulator
  readonly settings: Settings
  /** Everything that `exchange …` needs in its environment. */
  readonly env: Variables
  readonly dataDir: string
  readonly token: string
  /** The process that runs now. */
  readonly exchange: ChildExchange
  /** What all processes of this site wrote to standard output. */
  readonly out: () => string
  /** What all processes of this site wrote to standard error. */
  readonly log: () => string
  /** Ends the process (SIGTERM), starts it anew, perhaps with other variables. */
  restart(env?: Variables): Promise<void>
  kill(): Promise<void>
  stop(): Promise<number | null>
  start(env?: Variables): Promise<void>
  get<T = Row>(path: string): Promise<T>
  api(method: 'GET' | 'POST', path: string, body?: unknown): Promise<{ status: number; body: unknown }>
  /** Posts a message; the id it was answered. */
  post(message: unknown): Promise<string>
  entry(id: string): Promise<EntryRow>
  /** Waits until an entry is in one of these states. */
  settled(id: string, ...states: readonly string[]): Promise<EntryRow>
  /** Posts a message, waits until it is done or stuck, and gives the records of its last run. */
  deliver(message: unknown): Promise<{ id: string; state: string; code: string | null; records: Outcomes }>
  /** Records of all runs of the site, the last outcome of each key. */
  outcomes(): Promise<Outcomes>
  /** Asks for a run over the admin API and waits for its end. */
  run(workflow: string): Promise<RunRow & { readonly outcomes: Outcomes }>
  alerts(): readonly string[]
  close(): Promise<void>
}

/** Key → `outcome CODE`. */
export type Outcomes = Readonly<Record<string, string>>
export type Row = Readonly<Record<string, unknown>>

/**
 * The real exchange as a process of its own between both simulated systems, reached as the contract says and no other way.
 * Waits are short: an outage is over within seconds.
 */
export async function startSite(options: SiteOptions = {}): Promise<Site> {
  const cwd = options.cwd ?? repository
  const settings = readSettings(cwd)
  const certificates = options.https === true ? await makeCertificates() : undefined
  const { primero, dtp } = await startSimulated({
    settings,
    fixtures: join(repository, 'fixtures'),
    primero: { seed: { cases: [], referrals: [] }, ...options.primero },
    dtp: {
      ...(certificates === undefined ? {} : { tls: { ...certificates.server, ca: certificates.ca } }),
      ...options.dtp,
    },
  })
  const folder = await mkdtemp(join(tmpdir(), 'exchange-contract-'))
  const dataDir = join(folder, 'data')
  const token = options.env?.INBOX_TOKENS?.split(',')[0] ?? randomBytes(24).toString('base64url')
  const env: Record<string, string> = {
    PRIMERO_URL: primero.url,
    PRIMERO_USERNAME: primero.account.user,
    PRIMERO_PASSWORD: primero.account.password,
    DTP_URL: dtp.url,
    DTP_SUBSCRIPTION_KEY: dtp.subscriptionKey,
    ...(certificates === undefined
      ? {}
      : {
          DTP_CLIENT_CERT: certificates.client.cert,
          DTP_CLIENT_KEY: certificates.client.key,
          DTP_CA: certificates.ca,
        }),
    INBOX_TOKENS: token,
    ADMIN_PASSWORD: randomBytes(24).toString('base64url'),
    DATA_KEYS: newDataKey(),
    DATA_DIR: dataDir,
    PORT: '0',
    RETRY_WAITS: '200ms',
    REMOTE_TIMEOUT: '2s',
    LOG_LEVEL: 'debug',
    ...options.env,
  }
  let exchange = await startChildExchange(env, cwd)
  let earlier = ''
  let printedEarlier = ''

  const api: Site['api'] = (method, path, body) => exchange.api(method, path, body)
  async function get<T>(path: string): Promise<T> {
    const { status, body } = await api('GET', path)
    if (status !== 200) throw new Error(`GET ${path} was answered ${status}.`)
    return body as T
  }
  async function post(message: unknown): Promise<string> {
    const { status, body } = await dtp.officer.sendReferral(
      { url: `${exchange.address}/i/dtp-inbox`, token },
      JSON.parse(JSON.stringify(message)),
    )
    if (status !== 200) throw new Error(`The inbox answered ${status}: ${JSON.stringify(body)}`)
    return (body as { work_order_id: string }).work_order_id
  }
  const entry = (id: string) => get<EntryRow>(`/api/entries/${id}`)
  const settled = (id: string, ...states: readonly string[]) =>
    until(`entry ${states.join(' or ')}`, async () => {
      const found = await entry(id)
      return states.includes(found.state) ? found : undefined
    })

  const site: Site = {
    primero,
    dtp,
    settings,
    env,
    dataDir,
    token,
    get exchange() {
      return exchange
    },
    out: () => printedEarlier + exchange.out(),
    log: () => earlier + exchange.log(),
    async restart(changed = {}) {
      await site.stop()
      await site.start(changed)
    },
    async kill() {
      exchange.process.kill('SIGKILL')
      await until('end of the process', () => (exchange.process.signalCode === null ? undefined : true))
    },
    stop: () => exchange.stop(),
    async start(changed = {}) {
      earlier += exchange.log()
      printedEarlier += exchange.out()
      Object.assign(env, changed)
      exchange = await startChildExchange(env, cwd)
    },
    get,
    api,
    post,
    entry,
    settled,
    async deliver(message) {
      const id = await post(message)
      const { state, code } = await settled(id, 'done', 'stuck')
      return { id, state, code, records: await site.outcomes() }
    },
    async outcomes() {
      const { runs } = await get<{ runs: RunRow[] }>('/api/runs?limit=500')
      return outcomesOf(runs.toReversed())
    },
    async run(workflow) {
      const asked = await api('POST', `/api/workflows/${workflow}/runs`)
      if (asked.status !== 202) throw new Error(`A run was answered ${asked.status}.`)
      const { run_id } = asked.body as { run_id: string }
      const run = await until('end of the run', async () => {
        const found = await get<RunRow>(`/api/runs/${run_id}`)
        return found.finished_at === null ? undefined : found
      })
      return { ...run, outcomes: outcomesOf([run]) }
    },
    alerts: () => [...site.log().matchAll(/"fact":"alert"[^\n]*?"code":"(\w+)"/g)].map(([, code]) => code ?? ''),
    async close() {
      if (exchange.process.exitCode === null && exchange.process.signalCode === null) await exchange.stop()
      await Promise.all([primero.close(), dtp.close()])
      await rm(folder, { recursive: true, force: true })
    },
  }
  return site
}

export function newDataKey(id = 'test'): string {
  return `${id}:${randomBytes(32).toString('base64')}`
}

function outcomesOf(runs: readonly RunRow[]): Outcomes {
  return Object.fromEntries(
    runs.flatMap(({ records }) => records.map(({ key, outcome, code }) => [key, `${outcome} ${code}`])),
  )
}
