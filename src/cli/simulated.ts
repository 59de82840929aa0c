import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ExchangeError } from '../errors/ExchangeError.ts'
import type { Settings } from '../mapping/types.ts'
import type { DtpOptions, DtpSimulator } from '../simulator/dtp/server.ts'
import type { PrimeroOptions, PrimeroSimulator } from '../simulator/primero/server.ts'

interface Systems {
  readonly settings: Settings
  /** Folder with `primero/*.json`. */
  readonly fixtures: string
  readonly primero: PrimeroOptions
  readonly dtp: DtpOptions
}

/** Names in the fixtures of users whom a country's settings name otherwise. */
const fixtureUsers = {
  intake_user: 'progresv4_primero_intake@cpims.example.org',
  unhcr_user: 'unhcr_cw@cpims.example.org',
  contact_fallback_user: 'cpims_admin@cpims.example.org',
} as const

const parts = [
  'cases',
  'referrals',
  'users',
  'agencies',
  'lookups',
  'forms',
  'locations',
  'system_settings',
  'contact_information',
]

/**
 * Starts the two simulated systems with a project's fixtures; for dry runs and the demo, never for `exchange start`.
 * They are imported when asked for only: what they need (msw) is a development dependency.
 *
 * @throws CONFIGURATION when msw is not installed or a fixture cannot be read
 */
export async function startSimulated({
  settings,
  fixtures,
  primero,
  dtp,
}: Systems): Promise<{ primero: PrimeroSimulator; dtp: DtpSimulator }> {
  const { startPrimero } = await import('../simulator/primero/server.ts')
  const { startDtp } = await import('../simulator/dtp/server.ts')
  const seed = { ...readSeed(fixtures, settings), ...primero.seed }
  return { primero: await startPrimero({ ...primero, seed }), dtp: await startDtp(dtp) }
}

function readSeed(fixtures: string, settings: Settings): NonNullable<PrimeroOptions['seed']> {
  const found = parts
    .map((part) => ({ part, path: join(fixtures, 'primero', `${part}.json`) }))
    .filter(({ path }) => existsSync(path))
  if (found.length === 0) throw fixtureProblem(`${fixtures} has no primero/*.json.`)
  return Object.fromEntries(found.map(({ part, path }) => [part, parseFixture(path, settings)]))
}

function parseFixture(path: string, settings: Settings): unknown {
  try {
    return JSON.parse(withOwnUsers(readFileSync(path, 'utf8'), settings))
  } catch {
    throw fixtureProblem(`${path} is not JSON.`)
  }
}

/** A fixture in which the users bear the names that the settings give them. */
export function withOwnUsers(text: string, settings: Settings): string {
  return Object.entries(fixtureUsers).reduce((changed, [setting, name]) => {
    const own = settings[setting as keyof typeof fixtureUsers]
    return own === undefined ? changed : changed.replaceAll(JSON.stringify(name), JSON.stringify(own))
  }, text)
}

function fixtureProblem(message: string): ExchangeError {
  return new ExchangeError(message, {
    code: 'CONFIGURATION',
    retry: 'never',
    hint: 'See fixtures/README.md for what a folder of fixtures holds.',
  })
}
