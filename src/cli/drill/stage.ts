import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { cpSync, existsSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { ExchangeError } from '../../errors/ExchangeError.ts'
import type { Specification } from '../../mapping/types.ts'
import { loadProject } from '../../project/load.ts'
import type { DtpSimulator } from '../../simulator/dtp/server.ts'
import { leastPermissions } from '../../simulator/primero/role.ts'
import type { PrimeroSimulator } from '../../simulator/primero/server.ts'
import { type ChildExchange, startChildExchange } from '../childExchange.ts'
import { startSimulated } from '../simulated.ts'

/** A real exchange between simulated systems, for one incident. All of it is in one temporary folder. */
export interface DrillStage {
  readonly primero: PrimeroSimulator
  readonly dtp: DtpSimulator
  readonly specification: Specification
  /** A copy of the project, which may be edited. */
  readonly project: string
  readonly dataDir: string
  /** Holds the password that the exchange signs in to Primero with. */
  readonly passwordFile: string
  readonly address: () => string
  readonly env: Readonly<Record<string, string>>
  /** The command, as a person types it; what it printed. */
  command(...args: readonly string[]): Promise<{ readonly code: number; readonly out: string }>
  /** Rows of a list of the admin API, by the key they have in its answer. */
  list<T>(key: string, path: string): Promise<readonly T[]>
  /** What the process that runs wrote to its log. */
  log(): string
  isRunning(): boolean
  /** Posts a message to the inbox; the id of its entry. */
  post(message: unknown): Promise<string>
  /** Asks for a run and waits for its end. */
  run(workflow: string): Promise<void>
  stop(): Promise<void>
  start(): Promise<void>
  close(): Promise<void>
}

export const exchangeCommand = fileURLToPath(new URL('../../../bin/exchange.js', import.meta.url))

const patienceMs = 30_000

/** @param prepare  changes the copy of the project before the exchange starts */
export async function setStage(root: string, prepare: (project: string, country: string) => void): Promise<DrillStage> {
  const loaded = await loadProject(root, { env: process.env })
  if ('problems' in loaded) throw unready('The project does not load.', 'See: exchange check --files')
  const { specification } = loaded.project
  const folder = mkdtempSync(join(tmpdir(), 'exchange-drill-'))
  const project = copyProject(root, join(folder, 'project'))
  prepare(project, specification.country)
  const { primero, dtp } = await startSimulated({
    settings: specification.settings,
    fixtures: join(root, 'fixtures'),
    primero: { seed: { cases: [], referrals: [] }, account: { permissions: leastPermissions } },
    dtp: {},
  })
  const passwordFile = join(folder, 'primero-password')
  writeFileSync(passwordFile, primero.account.password, { mode: 0o600 })
  const dataDir = join(folder, 'data')
  const token = randomBytes(24).toString('base64url')
  const env = {
    PRIMERO_URL: primero.url,
    PRIMERO_USERNAME: primero.account.user,
    PRIMERO_PASSWORD_FILE: passwordFile,
    DTP_URL: dtp.url,
    DTP_SUBSCRIPTION_KEY: dtp.subscriptionKey,
    INBOX_TOKENS: token,
    ADMIN_PASSWORD: randomBytes(12).toString('base64url'),
    DATA_KEYS: `drill:${randomBytes(32).toString('base64')}`,
    DATA_DIR: dataDir,
    PORT: '0',
    COUNTRY: specification.country,
    RETRY_WAITS: '500ms',
    RETRY_FOR: '2s',
    REMOTE_TIMEOUT: '5s',
  }
  let exchange: ChildExchange | undefined

  const running = (): ChildExchange => {
    if (exchange === undefined) throw unready('The exchange does not run.', 'Type: restart')
    return exchange
  }
  const command: DrillStage['command'] = (...args) =>
    new Promise((resolve) => {
      const options = { cwd: project, env: { PATH: process.env.PATH, ...env } }
      execFile(process.execPath, [exchangeCommand, ...args], options, (error, out) =>
        resolve({ code: typeof error?.code === 'number' ? error.code : 0, out }),
      )
    })

  return {
    primero,
    dtp,
    specification,
    project,
    dataDir,
    passwordFile,
    env,
    address: () => running().address,
    command,
    list: async <T>(key: string, path: string) =>
      ((await running().api('GET', path)).body as Readonly<Record<string, readonly T[]>>)[key] ?? [],
    log: () => running().log(),
    isRunning: () => exchange?.process.exitCode === null && exchange.process.signalCode === null,
    async post(message) {
      const inbox = { url: `${running().address}/i/dtp-inbox`, token }
      const { body } = await dtp.officer.sendReferral(inbox, JSON.parse(JSON.stringify(message)))
      return String((body as { work_order_id?: string }).work_order_id)
    },
    async run(workflow) {
      const { body } = await running().api('POST', `/api/workflows/${workflow}/runs`)
      const { run_id } = body as { run_id: string }
      await until(`the end of ${workflow}`, async () => {
        const run = (await running().api('GET', `/api/runs/${run_id}`)).body as { finished_at: string | null }
        return run.finished_at !== null
      })
    },
    async stop() {
      await exchange?.stop()
      exchange = undefined
    },
    async start() {
      exchange = await startChildExchange(env, project)
    },
    async close() {
      await exchange?.stop()
      await Promise.all([primero.close(), dtp.close()])
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Waits until something holds. @throws when it does not within half a minute */
export async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const end = performance.now() + patienceMs
  while (performance.now() < end) {
    if (await holds()) return
    await sleep(100)
  }
  throw unready(`The drill waited in vain for ${what}.`, 'Try again; if it stays so, report it.')
}

/** Whether something holds within a few seconds: work that was begun may need a moment. */
export async function soon(holds: () => boolean | Promise<boolean>): Promise<boolean> {
  const end = performance.now() + 6_000
  while (performance.now() < end) {
    if (await holds()) return true
    await sleep(200)
  }
  return false
}

function copyProject(root: string, project: string): string {
  for (const part of ['project.yaml', 'package.json', 'tsconfig.json', 'jobs', 'mappings', 'fixtures'])
    if (existsSync(join(root, part))) cpSync(join(root, part), join(project, part), { recursive: true })
  for (const part of ['src', 'bin', 'node_modules'])
    if (existsSync(join(root, part))) symlinkSync(join(root, part), join(project, part))
  return project
}

function unready(message: string, hint: string): ExchangeError {
  return new ExchangeError(message, { code: 'CONFIGURATION', retry: 'never', hint })
}
