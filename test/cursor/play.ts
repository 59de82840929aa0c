import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { resetPrimero } from '../../src/adaptors/language-primero/client.ts'
import { askRetries } from '../../src/cli/askRetries.ts'
import { executionOf } from '../../src/cli/exchangeProcess.ts'
import { createLog } from '../../src/log/log.ts'
import type { Project } from '../../src/project/types.ts'
import { execute } from '../../src/run/execute.ts'
import { openStore } from '../../src/store/open.ts'
import { workflowLock } from '../../src/store/workflowLock.ts'
import { mortal } from './mortalStore.ts'
import type { Schedule, Step, Work } from './schedule.ts'
import type { Mishap, Systems } from './systems.ts'
import { complaintsAbout, isUnsure } from './verdict.ts'
import type { VirtualTime } from './virtualTime.ts'
import { createWorld, unhcrUser, type World } from './world.ts'

/** What all schedules share. */
export interface Theatre {
  readonly project: Project
  readonly systems: Systems
  readonly time: VirtualTime
  /** A database file as a first start leaves it. */
  readonly freshStore: Buffer
}

const startMs = Date.parse('2026-05-04T08:00:00Z')
const hourMs = 3_600_000
export const dataKeys = [{ id: 'test', key: Buffer.alloc(32, 7) }]
/** In memory where there is such a place: nobody pulls the plug here. */
export const storePlace = existsSync('/dev/shm') ? '/dev/shm' : tmpdir()

/**
 * Plays a schedule against the real operations, adaptors and store, then heals everything, lets people settle what is in
 * doubt, and says what is wrong: nothing, when each decision and referral that stands was told once.
 */
export async function play({ project, systems, time, freshStore }: Theatre, schedule: Schedule): Promise<string[]> {
  const beganMs = time.nowMs()
  let skewMs = 0
  const trueMs = () => startMs + time.nowMs() - beganMs
  const now = () => new Date(trueMs() + skewMs)
  const world = createWorld(() => trueMs() + schedule.primeroAheadMs)
  const folder = await mkdtemp(join(storePlace, 'schedule-'))
  await writeFile(join(folder, 'exchange.db'), freshStore, { mode: 0o600 })
  const startFrom = new Date(world.now()).toISOString()
  let life = await begin()

  async function begin() {
    const store = await openStore({ dataDir: folder, dataKeys })
    const mortals = mortal(store)
    const { settings } = project.specification
    const changed = {
      ...settings,
      page_size: schedule.pageSize,
      start_from: startFrom,
      unhcr_user: unhcrUser,
      contact_fallback_user: 'cpims_admin@cpims.example.org',
    }
    const environment = {
      remoteTimeoutMs: 30_000,
      retry: { waitsMs: [5_000, 30_000, 120_000, hourMs / 6, hourMs / 2, hourMs], forMs: 240 * hourMs },
      primero: { url: systems.primeroUrl, user: 'openfn_api', password: 'invented', concurrency: 4 },
      dtp: { url: systems.dtpUrl, subscriptionKey: 'invented', concurrency: 8 },
    }
    const execution = {
      ...executionOf({
        project: { ...project, specification: { ...project.specification, settings: changed } },
        environment,
        store: mortals.store,
        log: createLog({ level: 'error', write: (line) => life.store === store && complaints.push(...bugs(line)) }),
        now,
      }),
      random: () => 0,
    }
    const forget = () =>
      resetPrimero({ ...environment.primero, basicAuth: true, timeoutMs: environment.remoteTimeoutMs })
    return { store, execution, kill: mortals.kill, forget }
  }
  async function restart() {
    systems.serve(world, () => ({ kind: 'reset' }))
    systems.cutHung()
    await life.forget()
    await life.store.close()
    time.endIntervals()
    life = await begin()
  }

  const complaints: string[] = []
  try {
    for (const step of schedule.steps) await take(step)
    await heal()
    return complaints
  } finally {
    systems.serve(world, () => ({ kind: 'reset' }))
    systems.cutHung()
    await life.forget()
    await life.store.close()
    time.endIntervals()
    await rm(folder, { recursive: true, force: true })
  }

  async function take(step: Step): Promise<void> {
    switch (step.do) {
      case 'register':
        time.advance(step.afterMs)
        for (let n = 0; n < step.count; n += 1) world.register(step)
        return
      case 'save':
        time.advance(step.afterMs)
        return save(world, step.child, step.change, step.lateMs)
      case 'wait':
        return time.advance(step.ms)
      case 'skew':
        skewMs = step.ms
        return
      case 'work':
        return work(step)
    }
  }

  async function work({ asked, byHand, costMs, mishaps, edits, ends }: Work): Promise<void> {
    const stop = new AbortController()
    let requests = 0
    let ended = false
    systems.serve(world, (): Mishap | undefined => {
      if (ended) return { kind: 'reset' }
      requests += 1
      time.advance(costMs)
      for (const edit of edits.filter(({ at }) => at === requests)) save(world, edit.child, edit.change, 0)
      if (ends?.at === requests) {
        ended = true
        if (ends.how === 'killed') life.kill()
        else stop.abort()
        return { kind: 'reset' }
      }
      return mishaps.find(({ at, times }) => requests >= at && requests < at + times)?.what
    })
    for (const workflow of asked) {
      const lock = workflowLock(life.store, workflow)
      if (byHand) await life.store.entries.accept({ workflow, kind: 'manual', locks: [lock], now: now() })
      else await life.store.entries.tick(workflow, lock, now())
    }
    await passing(allThatIsDue(life, stop.signal), () => ended)
    if (!ended) return
    // Whatever DTP answered last may not have been written down.
    for (const taken of world.taken.slice(-12)) taken.forgotten = true
    await restart()
  }

  async function allThatIsDue(
    { store, execution }: Awaited<ReturnType<typeof begin>>,
    signal: AbortSignal,
  ): Promise<void> {
    while (!signal.aborted) {
      await askRetries(store, now())
      const runs = []
      for (;;) {
        const claim = await store.entries.claim({ owner: store.owner, now: now(), leaseMs: 10_000 })
        if (claim === undefined) break
        runs.push(execute(execution, claim, signal))
      }
      if (runs.length === 0) return
      await Promise.all(runs)
    }
  }

  /** Lets time pass while nothing moves, so that what waits for an answer gives up. */
  async function passing(work: Promise<void>, isOver: () => boolean): Promise<void> {
    let isDone = false
    const settled = work.finally(() => {
      isDone = true
    })
    settled.catch(() => undefined)
    let seen = systems.requests()
    let still = 0
    // Not a promise each turn: every hook that follows asynchronous work would be visited for it.
    await new Promise<void>((resolve) => {
      const look = () => {
        if (isDone || (isOver() && still > 200)) return resolve()
        still = seen === systems.requests() ? still + 1 : 0
        seen = systems.requests()
        if (still > 0 && still % (systems.hung() > 0 ? 25 : 300) === 0) time.advance(500)
        setImmediate(look)
      }
      look()
    })
    if (isDone) await settled
  }

  async function heal(): Promise<void> {
    skewMs = 0
    time.advance(60_000)
    const calm: Work = {
      do: 'work',
      asked: ['send-decisions', 'send-referrals'],
      byHand: false,
      costMs: 5,
      mishaps: [],
      edits: [],
      ends: undefined,
    }
    for (let round = 1, isQuiet = false; round <= 12 && !isQuiet; round += 1) {
      await work(calm)
      const inDoubt = await life.store.ledger.list({ state: 'in_doubt' })
      if (round === 1) complaints.push(...complaintsAbout.doubts(world, inDoubt))
      for (const { key } of inDoubt) await life.store.ledger.settle(key, isUnsure(world, key), now())
      const due = [await life.store.records.nextDue(), await life.store.entries.nextDue()]
      isQuiet = round > 1 && inDoubt.length === 0 && due.every((at) => at === undefined)
      time.advance(6 * hourMs)
    }
    complaints.push(...(await complaintsAbout.end(world, life.store)))
  }
}

/** Failures are what schedules are made of; a bug is not. */
function bugs(line: string): string[] {
  return line.includes('"unforeseen error"') ? [`log: ${line.trim()}`] : []
}

function save(world: World, child: number, change: Parameters<World['save']>[1], lateMs: number): void {
  const { children } = world
  const found = children[children.length - 1 - (child % Math.max(children.length, 1))]
  if (found !== undefined) world.save(found, change, { lateMs })
}
