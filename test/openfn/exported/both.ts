import { type Stage, setStage } from '../../flows/stage.ts'
import { startCollections } from './collectionsServer.ts'
import type { OpenFn } from './openfn.ts'

type Row = Record<string, unknown>

/** What people and clocks do to an exchange, wherever it runs. */
export interface Site {
  readonly stage: Stage
  /** A message comes in, and everything that is due is done. */
  message(body: Row): Promise<void>
  /** A cron workflow is run once. */
  run(workflow: string): Promise<void>
}

export async function ourSite(): Promise<Site> {
  const stage = await setStage()
  return {
    stage,
    async message(body) {
      await stage.accept(body)
      await stage.work()
    },
    run: async (workflow) => void (await stage.run(workflow)),
  }
}

export const collection = 'primero-progres-exchange-state'

/** The exported project in OpenFn's runtime, between the same simulators. */
export async function theirSite(openfn: OpenFn, file: string) {
  const stage = await setStage()
  const collections = await startCollections([collection])
  const { primero, dtp } = stage.environment
  const shared = {
    fingerprintKey: 'a key that is the same in every credential',
    collections_endpoint: collections.endpoint,
    collections_token: 'of-collections',
  }
  const toPrimero = { url: primero.url, user: primero.user, password: primero.password, timeoutMs: 3_000 }
  const toDtp = { baseUrl: dtp.url, subscriptionKey: dtp.subscriptionKey, timeoutMs: 3_000 }
  const credentials = {
    none: shared,
    'exchange@example.org|primero-api': { ...toPrimero, ...shared },
    'exchange@example.org|dtp': { ...toDtp, ...shared },
    'exchange@example.org|primero-and-dtp': { primero: toPrimero, dtp: toDtp, ...shared },
  }
  /** Lightning gives a cron run the final state of the last one that succeeded. */
  const last = new Map<string, unknown>()
  const ends: { readonly workflow: string; readonly final: Row }[] = []
  const run = async (workflow: string, input: unknown) => {
    const { final, crash } = await openfn.run(file, workflow, input, credentials)
    if (crash !== undefined || final === undefined) throw new Error(`${workflow}: ${crash}`)
    if (final.errors === undefined) last.set(workflow, final)
    ends.push({ workflow, final })
  }
  return {
    stage,
    collections,
    ends,
    message: (body: Row) =>
      run('dtp-inbox', { data: body, request: { method: 'POST', path: ['i', 'x'], headers: {} } }),
    run: (workflow: string) => run(workflow, last.get(workflow) ?? {}),
  }
}

/** What both systems hold in the end, and all that DTP was told; ids and times that differ from run to run are numbered. */
export function endState({ primero, dtp }: Stage): unknown {
  const cases = primero.content
    .cases()
    .map((row) => ({ ...row, services_section: sorted(row.services_section) }))
    .toSorted(by('unhcr_individual_no'))
  const referrals = primero.content.referrals().map((row) => ({ ...row }))
  const received = dtp.received.map(({ operation, body, status }) => ({ operation, body, status }))
  // Of several at once, which is told first is chance; what is told of one keeps its order.
  const told = received.toSorted(bySubject)
  const names = new Map<string, string>()
  const text = JSON.stringify({ cases, referrals: sorted(referrals), told })
  const calm = text
    .replace(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, (id) => named(names, id))
    .replace(/(#|"short_id":"|"display_id":"|"case_id_display":")([0-9a-f]{7,12})\b/g, '$1…')
    .replace(/"(\w+_at|registration_date|status_date|last_updated_at)":"[^"]*"/g, '"$1":"…"')
  return JSON.parse(calm)
}

function bySubject(one: { readonly body: unknown }, other: { readonly body: unknown }): number {
  return by('progres_interventionnumber', 'name_first')({ ...Object(one.body) }, { ...Object(other.body) })
}

function named(names: Map<string, string>, id: string): string {
  const known = names.get(id) ?? `id ${names.size + 1}`
  names.set(id, known)
  return known
}

function sorted(rows: unknown): readonly Row[] {
  return Array.isArray(rows) ? rows.toSorted(by('progres_interventionnumber', 'service_type', 'status')) : []
}

function by(...keys: readonly string[]) {
  const text = (row: Readonly<Row>) => keys.map((key) => String(row[key] ?? '')).join(' ')
  return (one: Readonly<Row>, other: Readonly<Row>) => text(one).localeCompare(text(other))
}
