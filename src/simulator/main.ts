import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { makeCertificates } from './certificates.ts'
import { startDtp } from './dtp/server.ts'
import type { JsonObject } from './json.ts'
import type { ServerTls } from './listener.ts'
import { startPrimero } from './primero/server.ts'

/**
 * One simulator as a process of its own: `node --import ./bin/typescript.js src/simulator/main.ts primero --port 0`.
 *
 * Prints one line of JSON when it listens, and ends at SIGTERM. With `--certificates DIR` it speaks https and leaves
 * ca.pem, client.pem and client.key there.
 */
const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    port: { type: 'string', default: '0' },
    socket: { type: 'string' },
    'latency-ms': { type: 'string', default: '0' },
    profile: { type: 'string', default: '2.15' },
    users: { type: 'string', default: '' },
    empty: { type: 'boolean', default: false },
    'keep-requests': { type: 'boolean', default: false },
    certificates: { type: 'string' },
  },
})

const [system] = positionals
const tls = values.certificates === undefined ? undefined : await writeCertificates(values.certificates)
const listening = {
  port: Number(values.port),
  latencyMs: Number(values['latency-ms']),
  keepRequests: values['keep-requests'],
  ...(values.socket === undefined ? {} : { socketPath: values.socket }),
  ...(tls ? { tls } : {}),
}

if (system === 'primero') {
  const simulator = await startPrimero({
    ...listening,
    profile: values.profile === '2.6' ? '2.6' : '2.15',
    users: values.users.split(',').filter(Boolean).map(asUser),
    ...(values.empty ? { seed: { cases: [] } } : {}),
  })
  ready({ url: simulator.url, ...simulator.account })
  process.once('SIGTERM', () => simulator.close())
} else if (system === 'dtp') {
  const simulator = await startDtp(listening)
  ready({ url: simulator.url, subscription_key: simulator.subscriptionKey })
  process.once('SIGTERM', () => simulator.close())
} else {
  process.stderr.write(`Say which simulator to start: primero or dtp, not "${system ?? ''}".\n`)
  process.exitCode = 1
}

function ready(line: JsonObject): void {
  process.stdout.write(`${JSON.stringify(line)}\n`)
}

/** Users named on the command line can be referred to and own cases. */
function asUser(name: string) {
  return { user_name: name, email: 'user@example.org', phone: '+251900000000', position: 'Focal Point' }
}

async function writeCertificates(folder: string): Promise<Required<ServerTls>> {
  const made = await makeCertificates()
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'ca.pem'), made.ca)
  writeFileSync(join(folder, 'client.pem'), made.client.cert)
  writeFileSync(join(folder, 'client.key'), made.client.key, { mode: 0o600 })
  return { ...made.server, ca: made.ca }
}
