import { randomBytes } from 'node:crypto'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type ChildExchange, startChildExchange } from '../../src/cli/childExchange.ts'
import { startSimulated } from '../../src/cli/simulated.ts'
import type { Settings } from '../../src/mapping/types.ts'
import type { DtpOptions, DtpSimulator } from '../../src/simulator/dtp/server.ts'
import type { PrimeroOptions, PrimeroSimulator } from '../../src/simulator/primero/server.ts'
import { startTurnstile, type Turnstile } from './turnstile.ts'

const repository = fileURLToPath(new URL('../../', import.meta.url))

interface FleetOptions {
  /** Where the store is: DATA_DIR or DATABASE_URL. */
  readonly store: Readonly<Record<string, string>>
  readonly env?: Readonly<Record<string, string>>
  readonly primero?: PrimeroOptions
  readonly dtp?: DtpOptions
  /** Pattern of every cron trigger in place of the project's own. */
  readonly cron?: string
}

export interface Fleet {
  readonly primero: PrimeroSimulator
  readonly dtp: DtpSimulator
  /** What stands before the two systems. */
  readonly doors: { readonly primero: Turnstile; readonly dtp: Turnstile }
  readonly env: Readonly<Record<string, string>>
  readonly processes: readonly ChildExchange[]
  /** Starts that many processes at the same moment. */
  start(count: number, env?: Readonly<Record<string, string>>): Promise<readonly ChildExchange[]>
  /** Posts a message to a process; the id it was answered. */
  post(process: ChildExchange, message: unknown): Promise<string>
  entry(id: string): Promise<{ readonly state: string; readonly code: string | null }>
  close(): Promise<void>
}

/** `exchange start`, several times, on one store, between both simulated systems. */
export async function startFleet({ store, env: more = {}, cron, ...options }: FleetOptions): Promise<Fleet> {
  const project = cron === undefined ? undefined : projectTickingAt(cron)
  const settings = JSON.parse(readFileSync(join(repository, 'mappings/gambella/settings.json'), 'utf8')) as Settings
  const { primero, dtp } = await startSimulated({
    settings,
    fixtures: join(repository, 'fixtures'),
    primero: { seed: { cases: [], referrals: [] }, ...options.primero },
    dtp: options.dtp ?? {},
  })
  const doors = { primero: await startTurnstile(primero.url), dtp: await startTurnstile(dtp.url) }
  const token = randomBytes(24).toString('base64url')
  const env = {
    PRIMERO_URL: doors.primero.url,
    PRIMERO_USERNAME: primero.account.user,
    PRIMERO_PASSWORD: primero.account.password,
    DTP_URL: doors.dtp.url,
    DTP_SUBSCRIPTION_KEY: dtp.subscriptionKey,
    INBOX_TOKENS: token,
    ADMIN_PASSWORD: randomBytes(24).toString('base64url'),
    DATA_KEYS: `test:${randomBytes(32).toString('base64')}`,
    PORT: '0',
    ...store,
    ...more,
  }
  const processes: ChildExchange[] = []
  const isAlive = ({ process }: ChildExchange) => process.exitCode === null && process.signalCode === null

  return {
    primero,
    dtp,
    doors,
    env,
    processes,
    async start(count, changed = {}) {
      const starting = Array.from({ length: count }, () =>
        startChildExchange({ ...env, ...changed }, project ?? repository),
      )
      const started = await Promise.all(starting)
      processes.push(...started)
      return started
    },
    async post({ address }, message) {
      const { status, body } = await dtp.officer.sendReferral(
        { url: `${address}/i/dtp-inbox`, token },
        JSON.parse(JSON.stringify(message)),
      )
      if (status !== 200) throw new Error(`The inbox answered ${status}: ${JSON.stringify(body)}`)
      return (body as { work_order_id: string }).work_order_id
    },
    async entry(id) {
      const asked = processes.find(isAlive)
      if (asked === undefined) throw new Error('No process is left.')
      const { status, body } = await asked.api('GET', `/api/entries/${id}`)
      if (status !== 200) throw new Error(`The entry was answered ${status}.`)
      return body as { state: string; code: string | null }
    },
    async close() {
      await Promise.all(processes.filter(isAlive).map((one) => one.stop()))
      await Promise.all([doors.primero.close(), doors.dtp.close()])
      await Promise.all([primero.close(), dtp.close()])
      if (project !== undefined) rmSync(project, { recursive: true })
    },
  }
}

function projectTickingAt(cron: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'exchange-project-'))
  for (const part of ['package.json', 'jobs', 'mappings', 'fixtures']) {
    cpSync(join(repository, part), join(folder, part), { recursive: true })
  }
  for (const part of ['src', 'node_modules']) symlinkSync(join(repository, part), join(folder, part))
  const text = readFileSync(join(repository, 'project.yaml'), 'utf8')
  writeFileSync(join(folder, 'project.yaml'), text.replaceAll(/cron_expression: .*/g, `cron_expression: '${cron}'`))
  return folder
}

/** Times at which a process wrote a fact into its log, with the fact's fields. */
export function said({ log }: ChildExchange, fact: string): readonly Readonly<Record<string, unknown>>[] {
  return log()
    .split('\n')
    .filter((line) => line.includes(`"fact":"${fact}"`))
    .map((line) => JSON.parse(line))
}
