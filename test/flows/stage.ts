import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import { resetPrimero } from '../../src/adaptors/language-primero/client.ts'
import { isStopped } from '../../src/cli/admissions.ts'
import { askRetries } from '../../src/cli/askRetries.ts'
import { executionOf } from '../../src/cli/exchangeProcess.ts'
import { startSimulated } from '../../src/cli/simulated.ts'
import { createLog } from '../../src/log/log.ts'
import type { Settings } from '../../src/mapping/types.ts'
import { loadProject } from '../../src/project/load.ts'
import { describeMessage } from '../../src/referral/gateway/dtp/messageFacts.ts'
import { execute, type Settled } from '../../src/run/execute.ts'
import type { DtpOptions } from '../../src/simulator/dtp/server.ts'
import type { PrimeroOptions } from '../../src/simulator/primero/server.ts'
import { openStore } from '../../src/store/open.ts'
import { workflowLock } from '../../src/store/workflowLock.ts'
import { messageEntry } from '../../src/trigger/entry.ts'

export const root = fileURLToPath(new URL('../../', import.meta.url))

interface StageOptions {
  readonly primero?: PrimeroOptions
  readonly dtp?: DtpOptions
  readonly settings?: Partial<Settings>
  readonly timeoutMs?: number
  readonly dtpConcurrency?: number
  /** Puts something between the exchange and a system: the address to use instead of the system's own. */
  readonly between?: (url: string, system: 'primero' | 'dtp') => Promise<string>
  /** What the exchange shows to a system and asks of it, as Node's connect options. */
  readonly tls?: { readonly primero?: Tls; readonly dtp?: Tls }
}

type Tls = Readonly<Record<string, unknown>>

/**
 * The exchange without its process: real jobs, real store on disk, real adaptors, over loopback to both simulators. Its clock
 * is moved by the test; one pass of work is one call. `TEST_COUNTRY` names another country than Gambella: the same scenarios
 * hold there.
 */
export async function setStage({
  primero: primeroOptions,
  dtp: dtpOptions,
  settings,
  timeoutMs = 5_000,
  dtpConcurrency = 8,
  between = async (url) => url,
  tls = {},
}: StageOptions = {}) {
  const loaded = await loadProject(root, { country: process.env.TEST_COUNTRY ?? 'gambella', env: {} })
  if ('problems' in loaded) throw new Error(JSON.stringify(loaded.problems))
  const specification = {
    ...loaded.project.specification,
    settings: { ...loaded.project.specification.settings, ...settings },
  }
  const project = { ...loaded.project, specification }
  const { primero, dtp } = await startSimulated({
    settings: loaded.project.specification.settings,
    fixtures: join(root, 'fixtures'),
    primero: { seed: { cases: [], referrals: [] }, ...primeroOptions },
    dtp: dtpOptions ?? {},
  })
  const folder = await mkdtemp(join(tmpdir(), 'exchange-test-'))
  const clock = { aheadMs: 0 }
  const now = () => new Date(Date.now() + clock.aheadMs)
  const store = await openStore({ dataDir: folder, dataKeys: [{ id: 'test', key: randomBytes(32) }] })
  const [primeroUrl, dtpUrl] = await Promise.all([between(primero.url, 'primero'), between(dtp.url, 'dtp')])
  const environment = {
    remoteTimeoutMs: timeoutMs,
    retry: { waitsMs: [5_000, 30_000], forMs: 72 * 3_600_000 },
    primero: { url: primeroUrl, ...primero.account, concurrency: 4, ...tlsOf(tls.primero) },
    dtp: { url: dtpUrl, subscriptionKey: dtp.subscriptionKey, concurrency: dtpConcurrency, ...tlsOf(tls.dtp) },
  }
  const log: string[] = []
  const execution = {
    ...executionOf({
      project,
      environment,
      store,
      log: createLog({ level: 'debug', write: (line) => log.push(line) }),
      now,
    }),
    random: () => 0,
  }
  onTestFinished(async () => {
    await resetPrimero({ ...environment.primero, basicAuth: true, timeoutMs })
    await Promise.all([store.close(), primero.close(), dtp.close()])
    await rm(folder, { recursive: true, force: true })
  })

  /** Everything that is due now, one entry after another or some at once. */
  async function work(atOnce = 1): Promise<readonly Settled[]> {
    const done: Settled[] = []
    await askRetries(store, now())
    const worker = async () => {
      for (;;) {
        if (await isStopped(store, environment)) return
        const claim = await store.entries.claim({ owner: store.owner, now: now(), leaseMs: 10_000 })
        if (claim === undefined) return
        const settled = await execute(execution, claim, new AbortController().signal)
        if (settled !== undefined) done.push(settled)
      }
    }
    await Promise.all(Array.from({ length: atOnce }, worker))
    return done
  }

  const ask = (workflow: string) =>
    store.entries.accept({ workflow, kind: 'manual', locks: [workflowLock(store, workflow)], now: now() })

  return {
    primero,
    dtp,
    store,
    folder,
    project,
    settings: specification.settings,
    environment,
    log,
    now,
    work,
    later: (ms: number) => {
      clock.aheadMs += ms
    },
    /** Accepts a message as the inbox does. */
    accept: (body: unknown, workflow = 'dtp-inbox') => {
      const text = JSON.stringify(body)
      return store.entries.accept(
        messageEntry(store, describeMessage, { workflow, text, body: JSON.parse(text), now: now() }),
      )
    },
    ask,
    /** Asks for a run of a cron workflow and does all that is due. */
    async run(workflow: string): Promise<readonly Settled[]> {
      await ask(workflow)
      return work()
    },
    async entry(id: string) {
      const found = await store.entries.get(id)
      if (found === undefined) throw new Error(`No entry ${id}.`)
      return found
    },
  }
}

function tlsOf(options: Tls | undefined): { tls?: Tls } {
  return options === undefined ? {} : { tls: options }
}

export type Stage = Awaited<ReturnType<typeof setStage>>

/** Outcomes of all runs together, the last one of a key. */
export function outcomesOf(runs: readonly Settled[]): Record<string, string> {
  return Object.fromEntries(
    runs.flatMap(({ outcomes }) => outcomes.map(({ key, outcome, code }) => [key, `${outcome} ${code}`])),
  )
}

type Row = Record<string, unknown>

/** What Primero of this country calls a code of proGres. */
export function option({ project }: Pick<Stage, 'project'>, table: string, progres: string): string {
  const row = project.specification.tables[table]?.rows.find((one) => one.progres === progres)
  if (row === undefined) throw new Error(`${table} has no row for ${progres}.`)
  return row.primero
}

/** What UNHCR is told that an option is. */
export function nameOut({ project }: Pick<Stage, 'project'>, table: string, primero: string): string | undefined {
  const rows = project.specification.tables[table]?.rows ?? []
  return rows.find((row) => row.primero === primero && (row.directions?.includes('to-dtp') ?? true))?.progres
}

/** One invented intervention as DTP sends it today. */
export function intervention(number: number, changes: Row = {}): Row {
  const digits = String(number).padStart(7, '0')
  return {
    progres_interventionnumber: `990-26-PRTITV-${digits}`,
    'interventiontype.progres_description': 'Alternative Care',
    progres_interventionstartdate: '2026-05-04T00:00:00Z',
    progres_interventiondescription: '<p>Needs placement</p>',
    'user.title': 'Protection Associate',
    'user.internalemailaddress': 'officer.one@example.org',
    'user.mobilephone': '+251900000001',
    'individuals.progres_id': `990-${String(number).padStart(8, '0')}`,
    'individuals.progres_registrationgroupid': {
      LogicalName: 'progres_registrationgroup',
      Name: `990-26-${String(number).padStart(5, '0')}`,
    },
    'individuals.progres_givenname': 'Nyamal',
    'individuals.progres_familyname': `Invented ${number}`,
    'individuals.progres_dateofbirth': '2016-02-29T00:00:00Z',
    'individuals.progres_sex': '125080000',
    'languages.progres_languagecodeid': { LogicalName: 'progres_languagecode', Name: 'Nuer' },
    ...changes,
  }
}

export function referralMessage(...interventions: readonly Row[]): Row {
  return { interventions, request_type: 'PrimeroOutgoingReferral' }
}

/** Bodies that DTP received for one intervention, oldest first. */
export function toldDtp({ dtp }: Pick<Stage, 'dtp'>, number: string): readonly Row[] {
  return dtp.received.map(({ body }) => body as Row).filter((body) => body.progres_interventionnumber === number)
}

/** The service rows of Primero with this intervention number. */
export function serviceRows({ primero }: Pick<Stage, 'primero'>, number: string): readonly Row[] {
  return [...primero.content.cases()]
    .flatMap(({ services_section }) => (Array.isArray(services_section) ? (services_section as readonly Row[]) : []))
    .filter((row) => row.progres_interventionnumber === number)
}
