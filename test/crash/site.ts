import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { request as httpRequest } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { startSimulated } from '../../src/cli/simulated.ts'
import type { Settings } from '../../src/mapping/types.ts'
import { loadProject } from '../../src/project/load.ts'
import type { DtpSimulator } from '../../src/simulator/dtp/server.ts'
import type { Json } from '../../src/simulator/json.ts'
import type { PrimeroSimulator } from '../../src/simulator/primero/server.ts'
import { buildExchange } from './build.ts'
import type { Death } from './child.ts'
import { createCradle, type Mortal } from './mortal.ts'
import { postgresRows, type ReadRows, type Row, sqliteRows } from './rows.ts'

/** Both systems, which outlive every process of the exchange, and one store that its processes inherit from each other. */
export interface Site {
  readonly primero: PrimeroSimulator
  readonly dtp: DtpSimulator
  readonly settings: Settings
  /** The process that lives now. */
  exchange(): Mortal
  /** A new process on the store. False: it died at its `death` before it listened. */
  start(death?: Death): Promise<boolean>
  /** Delivers a message as DTP does; undefined when no answer came. */
  post(message: Json): Promise<string | undefined>
  /** Asks for a run as an administrator does; undefined when no answer came. */
  ask(workflow: string): Promise<string | undefined>
  settle(effect: string, arrived: boolean): Promise<void>
  readonly rows: ReadRows
  /** Resolves when nothing waits, runs or is due. */
  quiet(): Promise<void>
  close(): Promise<void>
}

const root = fileURLToPath(new URL('../../', import.meta.url))
const token = 'an-invented-token-of-the-crash-suite'
const password = 'an-invented-password-of-the-crash-suite'
const admin = { authorization: `Basic ${Buffer.from(`admin:${password}`).toString('base64')}` }
const patienceMs = 40_000

/** @param databaseUrl  a PostgreSQL in place of the folder of its own */
export async function openSite(databaseUrl?: string): Promise<Site> {
  const loaded = await loadProject(root, { country: 'gambella', env: {} })
  if ('problems' in loaded) throw new Error('The project does not load.')
  const { settings } = loaded.project.specification
  const { primero, dtp } = await startSimulated({
    settings,
    fixtures: join(root, 'fixtures'),
    primero: { seed: { cases: [], referrals: [] } },
    dtp: {},
  })
  const dataDir = await mkdtemp(join(tmpdir(), 'exchange-crash-'))
  const built = await buildExchange()
  const cradle = createCradle(built, {
    PRIMERO_URL: primero.url,
    PRIMERO_USERNAME: primero.account.user,
    PRIMERO_PASSWORD: primero.account.password,
    DTP_URL: dtp.url,
    DTP_SUBSCRIPTION_KEY: dtp.subscriptionKey,
    INBOX_TOKENS: token,
    ADMIN_PASSWORD: password,
    DATA_KEYS: `crash:${randomBytes(32).toString('base64')}`,
    DATA_DIR: dataDir,
    ...(databaseUrl === undefined ? {} : { DATABASE_URL: databaseUrl }),
    PORT: '0',
    RETRY_WAITS: '1s',
    LOG_LEVEL: 'warn',
  })
  let living: Mortal | undefined
  const exchange = () => {
    if (living === undefined) throw new Error('No process of the exchange lives.')
    return living
  }
  const rows = databaseUrl === undefined ? await sqliteRows(dataDir) : postgresRows(databaseUrl)
  /** Over a connection of its own. */
  const send = (path: string, headers: Readonly<Record<string, string>>, body?: unknown): Promise<Row> =>
    new Promise((resolve, reject) => {
      const options = { method: 'POST', agent: false, headers: { 'content-type': 'application/json', ...headers } }
      const request = httpRequest(`${exchange().address}${path}`, options, (response) => {
        text(response).then((answer) => {
          if (response.statusCode === 200 || response.statusCode === 202) resolve(Object(JSON.parse(answer)))
          else reject(new Error(`${path} was answered with ${response.statusCode}.`))
        }, reject)
      })
      request.on('error', reject)
      request.end(body === undefined ? undefined : JSON.stringify(body))
    })

  return {
    primero,
    dtp,
    settings,
    exchange,
    rows,
    async start(death) {
      living = await cradle.start(death)
      return living !== undefined
    },
    post: async (message) =>
      (await answered(send('/i/dtp-inbox', { 'x-api-key': token }, message)))?.work_order_id?.toString(),
    ask: async (workflow) => (await answered(send(`/api/workflows/${workflow}/runs`, admin)))?.run_id?.toString(),
    settle: async (effect, arrived) => {
      await send(`/api/effects/${encodeURIComponent(effect)}/settle`, admin, { arrived })
    },
    async quiet() {
      const until = performance.now() + patienceMs
      while (Number(rows(open)[0]?.n) > 0) {
        if (performance.now() > until)
          throw new Error(`The exchange does not come to an end: ${JSON.stringify(whatIsOpen.map(rows))}`)
        await sleep(10)
      }
    },
    async close() {
      await cradle.close()
      await Promise.all([primero.close(), dtp.close()])
      built.remove()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}

/** Undefined where the connection broke before the answer was whole. */
async function answered(answer: Promise<Row>): Promise<Row | undefined> {
  try {
    return await answer
  } catch (error) {
    if (error instanceof Error && 'code' in error) return undefined
    throw error
  }
}

const whatIsOpen = [
  `select workflow, kind, state, due_at, attempt, code, lease_until from entries where state in ('waiting', 'running')`,
  'select workflow, outcome, code, due_at, attempt from records where due_at is not null',
  'select name, held, wanted, until from permits',
]
const open = `select (select count(*) from entries where state in ('waiting', 'running'))
  + (select count(*) from records where due_at is not null) as n`
