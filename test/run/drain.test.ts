import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Admission, admitted } from '../../src/adaptors/http/admission.ts'
import { createGate } from '../../src/adaptors/http/gate.ts'
import { createBreakers } from '../../src/cli/breakers.ts'
import { ExchangeError } from '../../src/errors/ExchangeError.ts'
import { createLog } from '../../src/log/log.ts'
import type { Offered } from '../../src/run/execute.ts'
import { nextAttemptAt, notBefore } from '../../src/run/retry.ts'
import type { RunResult } from '../../src/run/types.ts'
import { startWorker, type Worker } from '../../src/run/worker.ts'
import { openStore } from '../../src/store/open.ts'
import type { Fate, Store } from '../../src/store/types.ts'
import { storePlace } from '../cursor/play.ts'
import { takeOverTime, type VirtualTime } from '../cursor/virtualTime.ts'

const minute = 60_000
const hour = 60 * minute
const rules = {
  waitsMs: [5_000, 30_000, 2 * minute, 10 * minute, 30 * minute, hour, 2 * hour, 4 * hour, 6 * hour],
  retryForMs: 72 * hour,
}
const outageMs = 48 * hour
/** The worker is at work for the last part of the outage; what came before it left in the store. */
const watchedMs = 5 * minute
const startMs = Date.parse('2026-05-04T08:00:00Z')
const count = 500
const requestsEach = 4
const latencyMs = 200
const cap = 8

let folder: string
let store: Store
let time: VirtualTime
beforeEach(async () => {
  folder = await mkdtemp(join(storePlace, 'drain-'))
  store = await openStore({ dataDir: folder, dataKeys: [{ id: 'test', key: Buffer.alloc(32, 7) }] })
  time = takeOverTime()
})
afterEach(async () => {
  time.restore()
  await store.close()
  await rm(folder, { recursive: true, force: true })
})

test('500 entries that came within a minute are spread by 48 hours of retries, and done within 1.1 times the ideal from the first request that is answered', {
  timeout: 60_000,
}, async () => {
  const random = randomFrom(5)
  time.advance(outageMs - watchedMs)
  const dues = await leaveBacklog(random)
  const world = { isUp: false, inFlight: 0, requests: 0, most: 0, mostBeforeAnswer: 0, done: 0 }

  const { worker, firstAnswer } = startWork(world, random)
  await pass(() => time.nowMs() >= outageMs)
  const asked = world.requests
  Object.assign(world, { isUp: true, most: 0 })
  await pass(() => world.done === count)
  await ended(worker)

  const idealMs = (count * requestsEach * latencyMs) / cap
  expect(busiest(dues, minute)).toBeLessThan(count / 20)
  expect(asked).toBeGreaterThan(0)
  expect(world.mostBeforeAnswer).toBe(1)
  expect(world.most).toBe(cap)
  expect((time.nowMs() - firstAnswer() + latencyMs) / idealMs).toBeLessThan(1.1)
})

/** Entries as retries that all failed leave them, and when each is due. */
async function leaveBacklog(random: () => number): Promise<readonly number[]> {
  const dues: number[] = []
  for (let n = 0; n < count; n++) {
    const since = new Date(startMs + (n * minute) / count)
    let last = since
    let due = since
    let attempt = 0
    while (due.getTime() - startMs < outageMs - watchedMs) {
      last = due
      attempt += 1
      due = nextAttemptAt(rules, { attempt, since, now: last, random: random() })
    }
    const cut = notBefore(due, last)?.toISOString()
    const fate: Fate = {
      state: 'waiting',
      code: 'REMOTE_DOWN',
      dueAt: due.toISOString(),
      payload: String(n),
      ...(cut === undefined ? {} : { notBefore: cut }),
    }
    const { id } = await store.entries.accept({
      workflow: 'inbox',
      kind: 'webhook',
      payload: '{}',
      locks: [],
      now: since,
    })
    const claim = await store.entries.claim({ owner: store.owner, now: since, leaseMs: hour, id })
    if (claim === undefined) throw new Error('The entry was not there.')
    await store.entries.settle(claim, { state: 'success', records: [], fate, now: last, mappingVersion: 'v1' })
    dues.push(due.getTime() - startMs)
  }
  return dues
}

interface World {
  isUp: boolean
  inFlight: number
  requests: number
  most: number
  /** After the outage, until the first answer. */
  mostBeforeAnswer: number
  done: number
}

/** The worker of a process, with breakers before a system that takes its time. */
function startWork(world: World, random: () => number): { worker: Worker; firstAnswer: () => number } {
  let firstAnswerMs: number | undefined
  const now = () => new Date(startMs + time.nowMs())
  const log = createLog({ level: 'error', write: (line) => process.stderr.write(line) })
  const gate = createGate(() => cap)
  const bounded: Admission = {
    enter: () => new Promise((resolve) => void gate.pass(() => new Promise<void>((leave) => resolve(() => leave())))),
    refused: async () => {},
    accepted: async () => {},
  }
  const { admission, recover } = createBreakers({ admission: () => bounded, store, rules, log, now })

  const request = () =>
    admitted(admission('dtp'), { unproven: false }, async () => {
      world.requests += 1
      world.inFlight += 1
      world.most = Math.max(world.most, world.inFlight)
      if (world.isUp && firstAnswerMs === undefined)
        world.mostBeforeAnswer = Math.max(world.mostBeforeAnswer, world.inFlight)
      await new Promise((resolve) => setTimeout(resolve, latencyMs))
      world.inFlight -= 1
      if (!world.isUp) throw new ExchangeError('It cannot now.', { code: 'REMOTE_DOWN', retry: 'later', status: 503 })
      firstAnswerMs ??= time.nowMs()
    })
  const perform = async (key: string, services: Offered): Promise<RunResult> => {
    try {
      for (let n = 0; n < requestsEach; n++) await request()
      services.outcome({ key, outcome: 'delivered', code: 'DELIVERED' })
    } catch (error) {
      if (!(error instanceof ExchangeError)) throw error
      services.outcome({ key, outcome: 'waiting', code: error.code, next: 'later' })
    }
    return { state: 'success', final: {}, errors: [], thrown: [], uncaught: [], steps: ['only'] }
  }
  const worker = startWorker({
    store,
    log,
    rules,
    workflows: {
      inbox: {
        key: 'inbox',
        name: 'Inbox',
        trigger: { key: 'webhook', type: 'webhook', enabled: true },
        jobs: {},
        edges: [],
      },
    },
    mappingVersion: () => 'v1',
    now,
    random,
    leaseMs: hour,
    perform: (_, { data }, services) => perform(String(data), services),
    keepOpen: (payload) => payload,
    onSettled: ({ fate }) => {
      if (fate.state === 'done') world.done += 1
    },
    concurrency: cap,
    owner: store.owner,
    isPaused: async () => false,
    askRetries: recover,
  })
  return { worker, firstAnswer: () => firstAnswerMs ?? Number.NaN }
}

/** Lets the clock go from timer to timer, each time when everything else has come to rest. */
async function pass(isOver: () => boolean): Promise<void> {
  while (!isOver()) {
    for (let still = 0; still < 20; still++) await turn()
    const next = time.nextMs()
    if (next !== undefined) time.advance(Math.max(next - time.nowMs(), 0))
  }
}

async function ended(worker: Worker): Promise<void> {
  let isOver = false
  const drained = worker.drain(0).finally(() => {
    isOver = true
  })
  await pass(() => isOver)
  await drained
}

/** The most of these times that lie within one window. */
function busiest(timesMs: readonly number[], windowMs: number): number {
  const sorted = timesMs.toSorted((a, b) => a - b)
  return Math.max(...sorted.map((from, index) => sorted.filter((at, n) => n >= index && at < from + windowMs).length))
}

/** The same numbers each time; 0 ≤ n < 1. */
function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
    return state / 2_147_483_648
  }
}
