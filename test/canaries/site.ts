import { execFileSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { PlantedFault } from '../../src/simulator/faults.ts'
import { projectWith, readSettings } from '../contract/project.ts'
import { repository, type Site, startSite } from '../contract/site.ts'
import { type PlantedFixtures, plantFixtures } from './fixtures.ts'

/** Something that came out of the exchange where anybody may read it. */
export interface Place {
  readonly name: string
  readonly bytes: string | Uint8Array
}

export interface CanarySite {
  readonly site: Site
  readonly planted: PlantedFixtures
  /** Holds everything that this exchange may write: store, users, witness, temporary files, reports, its project. */
  readonly folder: string
  readonly project: string
  /** What a person hands to commands, and asked them to write: the only files with personal data. */
  readonly inputs: string
  /** What was seen so far; the tests search it in the end. */
  readonly places: Place[]
  /** What went wrong in the two systems. */
  readonly faults: PlantedFault[]
  close(): Promise<void>
}

interface Options {
  readonly env?: Readonly<Record<string, string>>
  /** Changes the copy of the project before the exchange starts: path in the project → text. */
  readonly files?: Readonly<Record<string, string>>
}

/**
 * The exchange as a process between two systems that hold the fixtures of both sides with a canary in each personal field.
 * It logs all it can, writes temporary files into a folder of its own, and is asked for a report of every crash.
 */
export async function startCanarySite({ env = {}, files = {} }: Options = {}): Promise<CanarySite> {
  const folder = mkdtempSync(join(tmpdir(), 'exchange-canaries-'))
  const inputs = mkdtempSync(join(tmpdir(), 'exchange-inputs-'))
  const [temporary = '', reports = ''] = ['tmp', 'reports'].map((name) => join(folder, name))
  for (const path of [temporary, reports]) mkdirSync(path)
  const project = projectWith({ start_from: '2020-01-01T00:00:00Z' })
  for (const [path, text] of Object.entries(files)) writeFileSync(join(project, path), text)
  const planted = plantFixtures(readSettings(repository))
  const site = await startSite({
    cwd: project,
    primero: { seed: planted.primero, account: { password: randomUUID() } },
    dtp: { subscriptionKey: randomUUID() },
    env: {
      RETRY_WAITS: '100ms',
      REMOTE_TIMEOUT: '1s',
      LOG_LEVEL: 'debug',
      TMPDIR: temporary,
      HOME: folder,
      NODE_OPTIONS: `--report-uncaught-exception --report-on-fatalerror --report-directory=${reports}`,
      ...env,
    },
  })
  return {
    site,
    planted,
    folder,
    project,
    inputs,
    places: [],
    faults: [],
    close: async () => {
      await site.close()
      for (const path of [folder, project, inputs]) rmSync(path, { recursive: true, force: true })
    },
  }
}

/** Variables that are secret, as canaries. */
export function secretsOf({ env }: Site): Readonly<Record<string, string>> {
  const names = ['PRIMERO_PASSWORD', 'DTP_SUBSCRIPTION_KEY', 'INBOX_TOKENS', 'ADMIN_PASSWORD', 'DATA_KEYS']
  return Object.fromEntries(names.map((name) => [name, String(env[name]).replace(/^test:/, '')]))
}

/** What the operating system shows of the process to others while it runs. */
export function readProcess({ site, places }: CanarySite): void {
  const { pid } = site.exchange.process
  for (const name of ['cmdline', 'environ', 'comm', 'status'])
    places.push({ name: `/proc/PID/${name}`, bytes: readFileSync(`/proc/${pid}/${name}`) })
}

/** Store and files beside it as they are while the exchange runs. Copied by another process: closing a file that SQLite holds open in this one would drop its locks. */
export function readStoreWhileItRuns({ site, folder, places }: CanarySite): void {
  const copy = join(folder, 'copy')
  execFileSync('cp', ['-r', dirname(site.dataDir), copy])
  places.push(...filesIn(copy, 'running'))
  rmSync(copy, { recursive: true })
}

/** Both outputs and all files, when the exchange has ended. */
export function readWhatIsLeft({ site, folder, project, places }: CanarySite): void {
  places.push({ name: 'standard output', bytes: site.out() }, { name: 'standard error', bytes: site.log() })
  places.push(
    ...filesIn(dirname(site.dataDir), 'left'),
    ...filesIn(folder, 'left'),
    ...filesIn(project, 'project', isNew),
  )
}

/** Not what the project brings along. */
const isNew = (path: string) => !/^(src|node_modules|fixtures|mappings|jobs)\//.test(path)

export function filesIn(root: string, name: string, wanted = (_path: string) => true): readonly Place[] {
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((path) => wanted(path) && statSync(join(root, path)).isFile())
    .map((path) => ({ name: `${name}: ${path}`, bytes: readFileSync(join(root, path)) }))
}
