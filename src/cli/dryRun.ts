import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { specificationAt } from '../mapping/inForce.ts'
import type { Project } from '../project/types.ts'
import { describeMessage } from '../referral/gateway/dtp/messageFacts.ts'
import { execute } from '../run/execute.ts'
import type { RunRecord, Store } from '../store/types.ts'
import { workflowLock } from '../store/workflowLock.ts'
import { messageEntry } from '../trigger/entry.ts'
import type { ExitCode } from './ending.ts'
import { executionOf, logTo } from './exchangeProcess.ts'
import { openProject, withStore } from './open.ts'
import { type PlannedWrite, planOf, renderPlan } from './plan.ts'
import { findWorkflow, readMessageFile, usage } from './runInput.ts'
import { startSimulated } from './simulated.ts'

interface DryRunOptions {
  readonly input?: string
  readonly fixtures?: string
  readonly showValues?: true
  readonly json?: true
}

/** Long before any case: a dry run looks at every one of the fixtures. */
const beginning = '2000-01-01T00:00:00.000Z'

/**
 * Runs a workflow with the same jobs, adaptors and mappings against simulated systems that answer from fixtures, and prints
 * each write they received as a plan. Both are reached through unix sockets in a private folder, so that no byte can leave
 * the machine, whatever the variables say. Store and sockets are gone afterwards.
 */
export async function dryRun(key: string, options: DryRunOptions): Promise<ExitCode> {
  const { project: loaded } = await openProject('dry-run')
  const workflow = findWorkflow(loaded, key)
  if (workflow.trigger.type === 'webhook' && options.input === undefined) {
    throw usage(`${key} is started by a message.`, `Name one: exchange run ${key} --dry-run --input FILE`)
  }
  const project = lookingAtEverything(loaded)
  const message = options.input === undefined ? undefined : await readMessageFile(options.input)
  const folder = await mkdtemp(join(tmpdir(), 'exchange-dry-run-'))
  const sockets = { primero: join(folder, 'primero.sock'), dtp: join(folder, 'dtp.sock') }
  try {
    const systems = await startSimulated({
      settings: project.specification.settings,
      fixtures: resolve(project.root, options.fixtures ?? 'fixtures'),
      primero: { socketPath: sockets.primero },
      dtp: { socketPath: sockets.dtp },
    })
    const before = structuredClone(systems.primero.content.cases().map((found) => ({ ...found })))
    const environment = {
      dataDir: join(folder, 'data'),
      dataKeys: [{ id: 'dry-run', key: randomBytes(32) }] as const,
      remoteTimeoutMs: 30_000,
      retry: { waitsMs: [60_000], forMs: 3_600_000 },
      primero: {
        url: systems.primero.url,
        ...systems.primero.account,
        concurrency: 4,
        tls: { socketPath: sockets.primero },
      },
      dtp: {
        url: systems.dtp.url,
        subscriptionKey: systems.dtp.subscriptionKey,
        concurrency: 8,
        tls: { socketPath: sockets.dtp },
      },
    }
    const records = await withStore(environment, async (store) => {
      const now = new Date()
      const locks = [workflowLock(store, key)]
      const entry =
        message === undefined
          ? { workflow: key, kind: 'manual' as const, locks, now }
          : messageEntry(store, describeMessage, { workflow: key, ...message, now })
      const { id } = await store.entries.accept(entry)
      return runOnce(store, id, executionOf({ project, environment, store, log: logTo(process.stderr, 'error') }))
    })
    const plan = planOf(before, systems.primero.requests, systems.dtp.requests)
    await Promise.all([systems.primero.close(), systems.dtp.close()])
    print(key, plan, records, options)
    return records.every(({ outcome }) => outcome === 'delivered' || outcome === 'unchanged') ? 0 : 2
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function lookingAtEverything(project: Project): Project {
  const { next: _, ...specification } = specificationAt(project.specification, new Date())
  return {
    ...project,
    specification: { ...specification, settings: { ...specification.settings, start_from: beginning } },
  }
}

async function runOnce(
  store: Store,
  id: string,
  execution: Parameters<typeof execute>[0],
): Promise<readonly RunRecord[]> {
  const claim = await store.entries.claim({ owner: store.owner, now: new Date(), leaseMs: execution.leaseMs, id })
  if (claim === undefined) return []
  const settled = await execute(execution, claim, new AbortController().signal)
  return settled?.outcomes.map(({ key, outcome, code }) => ({ key, outcome, code })) ?? []
}

function print(
  key: string,
  plan: readonly PlannedWrite[],
  records: readonly RunRecord[],
  { json, showValues }: DryRunOptions,
): void {
  const shown = { showValues: showValues === true }
  if (json === true) {
    process.stdout.write(
      `${JSON.stringify({ workflow: key, dry_run: true, plan: renderPlan(plan, shown).json, records }, null, 2)}\n`,
    )
    return
  }
  const lines = records.map(({ key: record, outcome, code }) => `  ${outcome.padEnd(9)}  ${record}  ${code}`)
  const counted = `${plan.length === 1 ? '1 write' : `${plan.length} writes`}, ${records.length === 1 ? '1 record' : `${records.length} records`}`
  process.stdout.write(
    [`${key}: dry run, nothing was sent. ${counted}`, '', ...renderPlan(plan, shown).lines, ...lines, ''].join('\n'),
  )
}
