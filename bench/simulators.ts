import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Agent, request } from 'undici'
import { root, type Started, startNode } from './processes.ts'

export interface Simulators {
  /** What the exchange must be told to use them. */
  readonly environment: Readonly<Record<string, string>>
  readonly primero: { readonly url: string; readonly user: string; readonly password: string }
  readonly dtp: { readonly url: string; readonly subscriptionKey: string; readonly tls: Tls }
  readonly unhcrUser: string
  /** Requests of both systems since the start, by route. */
  routes(): Promise<Routes>
  /** Makes invented cases in Primero. */
  makeCases(wanted: Readonly<Record<string, unknown>>): Promise<void>
  /** Ids of the referrals that DTP has received. */
  referralIds(): Promise<readonly string[]>
  stop(): Promise<void>
}

export type Routes = Readonly<Record<string, number>>

interface Tls {
  readonly ca: string
  readonly cert: string
  readonly key: string
}

/** Primero (http) and DTP (https, client certificate), each a process of its own, with the users that the settings name. */
export async function startSimulators(folder: string, latencyMs: number): Promise<Simulators> {
  const { intake_user, unhcr_user, contact_fallback_user } = settings()
  const users = [intake_user, unhcr_user, contact_fallback_user].join(',')
  const certificates = join(folder, 'certificates')
  const latency = ['--latency-ms', String(latencyMs)]
  const [primero, dtp] = await Promise.all([
    startOne(['primero', '--empty', '--users', users, ...latency]),
    startOne(['dtp', '--certificates', certificates, ...latency]),
  ])
  const file = (name: string) => join(certificates, name)
  const tls = { ca: read(file('ca.pem')), cert: read(file('client.pem')), key: read(file('client.key')) }
  const asks = new Agent({ connect: tls })
  const ask = async (address: string, path: string, body?: object): Promise<Answer> => {
    const options = body === undefined ? {} : { method: 'POST' as const, body: JSON.stringify(body) }
    const answer = await request(new URL(`/_simulator/${path}`, address), { dispatcher: asks, ...options })
    if (answer.statusCode !== 200) throw new Error(`A simulator answered ${answer.statusCode} to ${path}.`)
    return (await answer.body.json()) as Answer
  }

  return {
    environment: {
      PRIMERO_URL: primero.url,
      PRIMERO_USERNAME: primero.user,
      PRIMERO_PASSWORD: primero.password,
      DTP_URL: dtp.url,
      DTP_SUBSCRIPTION_KEY: dtp.subscription_key,
      DTP_CLIENT_CERT_FILE: file('client.pem'),
      DTP_CLIENT_KEY_FILE: file('client.key'),
      DTP_CA_FILE: file('ca.pem'),
    },
    primero,
    dtp: { url: dtp.url, subscriptionKey: dtp.subscription_key, tls },
    unhcrUser: unhcr_user,
    async routes() {
      const counts = await Promise.all([ask(primero.url, 'requests'), ask(dtp.url, 'requests')])
      return { ...counts[0]?.routes, ...counts[1]?.routes }
    },
    async makeCases(wanted) {
      await ask(primero.url, 'cases', wanted)
    },
    async referralIds() {
      const { messages = [] } = await ask(dtp.url, 'content')
      return messages.flatMap(({ operation, body }) =>
        operation === 'ReceiveIncomingReferral' ? [String(body.id)] : [],
      )
    },
    async stop() {
      await Promise.all([primero.stop(), dtp.stop(), asks.close()])
    },
  }
}

/** What the control routes of the simulators answer, as far as it is read here. */
interface Answer {
  readonly routes?: Routes
  readonly messages?: readonly { readonly operation: string; readonly body: Readonly<Record<string, unknown>> }[]
}

interface Line {
  readonly url: string
  readonly user: string
  readonly password: string
  readonly subscription_key: string
}

/** A simulator prints one line of JSON when it listens. */
async function startOne(args: readonly string[]): Promise<Started & Line> {
  let line = ''
  const started = await startNode({
    args: ['--import', './bin/typescript.js', 'src/simulator/main.ts', ...args],
    isReady: (printed) => {
      line = printed
      return printed.endsWith('\n')
    },
  })
  return { ...(JSON.parse(line) as Line), ...started }
}

interface Settings {
  readonly intake_user: string
  readonly unhcr_user: string
  readonly contact_fallback_user: string
}

function settings(): Settings {
  return JSON.parse(read(join(root, 'mappings/gambella/settings.json'))) as Settings
}

function read(path: string): string {
  return readFileSync(path, 'utf8')
}
