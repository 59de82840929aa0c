import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadProject } from '../project/load.ts'
import { startChildExchange } from './childExchange.ts'
import { referToPrimero, referToUnhcr } from './demoFlows.ts'
import { renderFailure } from './failure.ts'
import { startSimulated } from './simulated.ts'
import { createTimeline } from './timeline.ts'

/**
 * `npm run demo`: the real exchange as a process of its own, between two simulated systems on loopback. Two invented
 * children are referred, one each way, decided on and reported back. Exit 0 only when both systems hold what they should.
 * `--keep` leaves everything running until Ctrl-C.
 */
export async function demo(args: readonly string[], cwd = process.cwd()): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'exchange-demo-'))
  try {
    process.exitCode = (await play(folder, cwd, args.includes('--keep'))) ? 0 : 1
  } catch (error) {
    process.stderr.write(renderFailure(error))
    process.exitCode = 1
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function play(folder: string, cwd: string, keep: boolean): Promise<boolean> {
  const loaded = await loadProject(cwd, { env: process.env })
  if ('problems' in loaded) throw new Error('The project does not load; see: exchange check --files')
  const { specification } = loaded.project
  const { settings, version } = specification
  const { makeCertificates } = await import('../simulator/certificates.ts')
  const { leastPermissions } = await import('../simulator/primero/role.ts')
  const certificates = await makeCertificates()
  const { primero, dtp } = await startSimulated({
    settings,
    fixtures: join(cwd, 'fixtures'),
    primero: { seed: { cases: [], referrals: [] }, account: { permissions: leastPermissions } },
    dtp: { tls: { ...certificates.server, ca: certificates.ca } },
  })
  const token = randomBytes(24).toString('base64url')
  const password = randomBytes(24).toString('base64url')
  const exchange = await startChildExchange(
    {
      PRIMERO_URL: primero.url,
      PRIMERO_USERNAME: primero.account.user,
      PRIMERO_PASSWORD: primero.account.password,
      DTP_URL: dtp.url,
      DTP_SUBSCRIPTION_KEY: dtp.subscriptionKey,
      DTP_CLIENT_CERT: certificates.client.cert,
      DTP_CLIENT_KEY: certificates.client.key,
      DTP_CA: certificates.ca,
      INBOX_TOKENS: token,
      ADMIN_PASSWORD: password,
      DATA_KEYS: `demo:${randomBytes(32).toString('base64')}`,
      DATA_DIR: join(folder, 'data'),
      PORT: '0',
      RETRY_WAITS: '1s',
      ...(process.env.COUNTRY === undefined ? {} : { COUNTRY: process.env.COUNTRY }),
    },
    cwd,
  )
  const timeline = createTimeline((line) => process.stdout.write(`${line}\n`))
  const stage = {
    primero,
    dtp,
    exchange,
    specification,
    timeline,
    inbox: { url: `${exchange.address}/i/dtp-inbox`, token },
  }

  timeline.say(
    `The exchange runs for ${settings.country} ${version}, between a simulated Primero and a simulated DTP (mutual TLS).`,
  )
  timeline.say('Every child in it is invented.')
  try {
    const problems = [...(await referToPrimero(stage)), ...(await referToUnhcr(stage))]
    timeline.end(problems)
    if (keep) {
      timeline.say(`Still running. Activity page: ${exchange.address}/  user admin, password ${password}`)
      timeline.say(`Inbox: ${stage.inbox.url}  x-api-key ${token}`)
      timeline.say('Press Ctrl-C to stop.')
      await new Promise((resolve) => process.once('SIGINT', resolve))
    }
    return problems.length === 0
  } finally {
    await exchange.stop()
    await Promise.all([primero.close(), dtp.close()])
  }
}
