import { setMaxListeners } from 'node:events'
import { withCollections } from '../adaptors/language-collections/place.ts'
import { withExchange } from '../adaptors/language-exchange/exchange.ts'
import { createLog, type Log } from '../log/log.ts'
import type { Metrics } from '../log/metrics.ts'
import { mappingName, specificationAt } from '../mapping/inForce.ts'
import { configurations } from '../project/credentials.ts'
import type { RunEnvironment, Tls } from '../project/environment.ts'
import type { Project } from '../project/types.ts'
import { keepOpen } from '../referral/gateway/dtp/messageFacts.ts'
import type { Execution, Settled } from '../run/execute.ts'
import { loadJob } from '../run/job.ts'
import { runWorkflow } from '../run/workflow.ts'
import type { Store, Witness } from '../store/types.ts'
import { createAdmissions } from './admissions.ts'
import { type Breakers, createBreakers } from './breakers.ts'
import { collectionsIn } from './collectionsIn.ts'
import { withOldNames } from './oldNames.ts'

interface Parts {
  readonly project: Project
  readonly environment: Pick<RunEnvironment, 'primero' | 'dtp' | 'remoteTimeoutMs' | 'retry'>
  readonly store: Store
  /** Absent: nothing survives the store, as in a dry run. */
  readonly witness?: Witness | undefined
  readonly log: Log
  readonly metrics?: Metrics
  /** The client certificate of now, where it may be replaced while the process runs. */
  readonly clientTls?: () => Tls | undefined
  readonly now?: () => Date
}

/** A claim that nobody renews for this long belongs to whoever takes it. */
const leaseMs = 10_000

/** A step that reads ten thousand cases needs minutes; one that takes this long does not end by itself. */
const stepTimeoutMs = 2 * 60 * 60 * 1000

/** Puts the parts together that execute entries: runtime, project, credentials, services. The one place that knows them all. */
export function executionOf({
  project,
  environment,
  store,
  witness,
  log,
  metrics,
  clientTls = () => environment.dtp.tls,
  now = () => new Date(),
}: Parts): Execution & {
  readonly recover: Breakers['recover']
} {
  const credentials = () => configurations(showing(environment, clientTls()))
  const rules = { waitsMs: environment.retry.waitsMs, retryForMs: environment.retry.forMs }
  const bounded = createAdmissions({ store, environment, log, now })
  const { admission, recover } = createBreakers({ admission: bounded, store, rules, log, metrics, now })
  return {
    store,
    witness,
    log,
    now,
    leaseMs,
    rules,
    recover,
    workflows: project.workflows,
    mappingVersion: (begun) => mappingName(specificationAt(project.specification, begun)),
    random: Math.random,
    perform: (workflow, input, services, signal, begun) => {
      const specification = specificationAt(project.specification, begun)
      return runWorkflow(workflow, input, {
        loadJob: (job, state) => loadJob(job, { state, ...withOldNames(job, specification.settings) }),
        configurationOf: (key) => credentials()[project.credentials[key]?.name ?? ''],
        log,
        stepTimeoutMs,
        signal,
        aroundStep: (context, work) => {
          // Every request under way listens to it, and that is no leak.
          setMaxListeners(0, context.signal)
          const exchange = { ...services, specification, admission, signal: context.signal }
          return withCollections(collectionsIn(store, now), () => withExchange(exchange, work))
        },
      })
    },
    keepOpen: (payload, openKeys) => JSON.stringify(keepOpen(JSON.parse(payload), openKeys)),
    onSettled: (settled) => count(metrics, settled),
  }
}

function showing(environment: Parts['environment'], tls: Tls | undefined): Parts['environment'] {
  return tls === undefined ? environment : { ...environment, dtp: { ...environment.dtp, tls } }
}

export function logTo(stream: NodeJS.WritableStream, level: Parameters<typeof createLog>[0]['level']): Log {
  return createLog({ level, write: (line) => void stream.write(line) })
}

function count(metrics: Metrics | undefined, { workflow, state, outcomes, alerts }: Settled): void {
  metrics?.runs.inc({ workflow, state })
  for (const { outcome, code } of outcomes) metrics?.records.inc({ workflow, outcome, code })
  for (const { code } of alerts) metrics?.alerts.inc({ code })
}
