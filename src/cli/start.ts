import type { Command } from 'commander'
import { createAdmin } from '../admin/app.ts'
import { readUsers } from '../admin/users/usersFile.ts'
import { ExchangeError } from '../errors/ExchangeError.ts'
import type { Log } from '../log/log.ts'
import { createMetrics } from '../log/metrics.ts'
import { specificationAt } from '../mapping/inForce.ts'
import type { StartEnvironment } from '../project/environment.ts'
import type { Project } from '../project/types.ts'
import { describeMessage } from '../referral/gateway/dtp/messageFacts.ts'
import { startWorker, type Worker } from '../run/worker.ts'
import { startDispatcher } from '../store/dispatch/start.ts'
import type { Store } from '../store/types.ts'
import { createClock } from '../trigger/cron.ts'
import { createGuard } from '../trigger/guard.ts'
import { createInbox } from '../trigger/inbox.ts'
import { startServer } from '../trigger/server.ts'
import { beginAnew, isStopped } from './admissions.ts'
import { askRetries } from './askRetries.ts'
import { ending } from './ending.ts'
import { executionOf, logTo } from './exchangeProcess.ts'
import { createMappingWatch } from './mappingWatch.ts'
import { observeRequests } from './observeRequests.ts'
import { openProject, withStore } from './open.ts'
import { printHeadDaily } from './printHead.ts'
import { createReload } from './reload.ts'
import { startUpkeep } from './upkeep.ts'
import { witnessOf } from './witness.ts'

/** Entries at work at once; the requests in flight to each system are bounded apart. */
const concurrency = 8
const drainMs = 10_000

export function register(program: Command): void {
  program
    .command('start')
    .summary('serve inbox, cron triggers, worker, activity page and metrics until SIGTERM')
    .description(
      'Serves until SIGTERM or SIGINT, then takes nothing new, lets what runs finish for up to ten seconds and gives the ' +
        'rest back. Starting it anew also tries credentials again that Primero had refused.',
    )
    .addHelpText('after', details)
    .action(ending(start))
}

const details = `
Variables: PRIMERO_URL, PRIMERO_USERNAME, PRIMERO_PASSWORD, DTP_URL, DTP_SUBSCRIPTION_KEY, DTP_CLIENT_CERT, DTP_CLIENT_KEY,
INBOX_TOKENS, ADMIN_PASSWORD, DATA_KEYS; the README lists all. Make secrets with: exchange keys inbox, exchange keys data.

Exit codes: 0 drained and stopped, 1 wrong configuration.
`

async function start(): Promise<0> {
  const { project, environment } = await openProject('start')
  await readUsers(environment.usersFile)
  await withStore(environment, (store) => serve(project, environment, store))
  return 0
}

/** Resolves when the process was told to stop and everything is drained. */
async function serve(project: Project, environment: StartEnvironment, store: Store): Promise<void> {
  const log = logTo(process.stderr, environment.logLevel)
  const metrics = createMetrics()
  const now = () => new Date()
  logWarnings(log)
  const stopObserving = observeRequests(environment, metrics)
  await store.dataKeys.wrap(now())
  await beginAnew(store, environment, new Date(performance.timeOrigin), now())
  let guard = createGuard(environment.inbox)
  let clientTls = environment.dtp.tls
  const witness = await witnessOf(store, environment)
  const execution = executionOf({ project, environment, store, witness, log, metrics, clientTls: () => clientTls, now })
  const worker = startWorker({
    ...execution,
    concurrency,
    owner: store.owner,
    isPaused: () => isStopped(store, environment),
    askRetries: async () => {
      await execution.recover()
      await askRetries(store, now())
    },
  })
  const clock = createClock({ workflows: project.workflows, store, log, now })
  const { wake, room } = worker
  const dispatcher = await startDispatcher(environment.databaseUrl, { ...clock, wake, room, log }).catch(giveUp)
  const ports = { workflows: project.workflows, store, log, metrics, now, wake: dispatcher.announce }
  const mapping = await createMappingWatch({ ...ports, root: project.root, specification: project.specification })
  const routes = createAdmin({
    ...ports,
    mapping: mapping.state,
    password: environment.adminPassword,
    usersFile: environment.usersFile,
    secure: environment.listener.tls !== undefined || environment.listener.behindProxy,
    metricsToken: environment.metricsToken,
    ready: () => readiness(store, worker),
  })
  const inbox = createInbox({ ...ports, guard: () => guard, describeMessage })
  const server = await startServer({ ...environment.listener, inbox, routes }).catch(async (error: unknown) => {
    await dispatcher.stop()
    return giveUp(error)
  })
  const reload = createReload({
    env: process.env,
    log,
    now,
    apply: async (fresh) => {
      await store.dataKeys.replace(fresh.dataKeys, now())
      guard = createGuard(fresh.inbox)
      clientTls = fresh.dtp.tls
      if (fresh.listener.tls !== undefined) server.renew(fresh.listener.tls)
    },
  })
  const stopUpkeep = startUpkeep({
    store,
    log,
    metrics,
    now,
    reload,
    lookAtMapping: mapping.look,
    retainForMs: environment.retainForMs,
    certificate: () => clientTls?.cert,
  })
  const stopPrinting = printHeadDaily(store.audit, log)
  sayStarted(log, server.address, project)

  const signal = await toldToStop()
  log.info('stopping', { reason: signal })
  stopUpkeep()
  stopPrinting()
  await Promise.all([server.close(), dispatcher.stop(), worker.drain(drainMs)])
  stopObserving()
  log.info('stopped')

  async function giveUp(error: unknown): Promise<never> {
    await worker.drain(0)
    throw error
  }
}

/** Warnings of Node and of adaptors become lines of the log: their kind, never their text. */
function logWarnings(log: Log): void {
  process.removeAllListeners('warning')
  process.on('warning', (warning) => {
    const code = 'code' in warning && typeof warning.code === 'string' ? warning.code : undefined
    log.debug('adaptor warning', { reason: code ?? warning.name })
  })
}

async function readiness(store: Store, worker: Worker) {
  if (!worker.alive())
    return { ready: false, reason: 'The worker does not go round any more; restart the process.' } as const
  try {
    await store.check()
    return { ready: true } as const
  } catch (error) {
    return {
      ready: false,
      reason: error instanceof ExchangeError ? error.message : 'The store does not answer.',
    } as const
  }
}

function sayStarted(log: Log, address: string, { specification, workflows }: Project): void {
  const { country, version, draft } = specificationAt(specification, new Date())
  if (draft === true) log.warn('mapping is a draft', { country, mapping_version: version })
  log.info('started', { address, country, mapping_version: version, count: Object.keys(workflows).length })
  process.stdout.write(`exchange serves ${country} ${version} at ${address}\n`)
}

function toldToStop(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    process.once('SIGTERM', resolve)
    process.once('SIGINT', resolve)
  })
}
