import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { ChildExchange } from '../../src/cli/childExchange.ts'
import { type Fleet, startFleet } from '../dispatch/fleet.ts'
import { soon } from '../dispatch/soon.ts'
import { intervention, referralMessage } from '../flows/stage.ts'
import { type Cluster, startCluster } from './cluster.ts'

const children = 60
const restarts = 6

let cluster: Cluster
let fleet: Fleet
beforeEach(async () => {
  cluster = await startCluster()
  const store = { DATABASE_URL: cluster.databaseUrl }
  fleet = await startFleet({ store, env: { RETRY_WAITS: '1s' }, primero: { latencyMs: 250 }, dtp: { latencyMs: 250 } })
})
afterEach(async () => {
  await fleet.close()
  await cluster.remove()
})

test('40: PostgreSQL is restarted every few seconds while entries are delivered: none is lost, none doubled', {
  timeout: 300_000,
}, async () => {
  const [one, two] = await fleet.start(2)
  if (one === undefined || two === undefined) throw new Error('They did not start.')

  const posting = Array.from({ length: children }, (_, n) => persist(n % 2 === 0 ? one : two, n + 1))
  for (let n = 0; n < restarts; n++) {
    await sleep(1_500)
    await cluster.restart(n % 2 === 0 ? 'immediate' : 'fast')
  }
  const ids = await Promise.all(posting)
  await soon(async () => expect(await unfinished()).toEqual([]), 120_000)

  expect(new Set(ids).size).toBe(children)
  const cases = fleet.primero.content.cases()
  expect(cases).toHaveLength(children)
  expect(cases.map(({ services_section: rows }) => (rows as unknown[]).length)).toEqual(cases.map(() => 1))
  const told = new Set(fleet.dtp.received.map(({ body }) => JSON.stringify(body)))
  expect(told.size).toBe(children)
  expect([one, two].map(({ process }) => process.exitCode)).toEqual([null, null])
})

/** Posts again what was not answered 200, as its sender does. */
async function persist(process: ChildExchange, n: number): Promise<string> {
  const message = referralMessage(intervention(n))
  for (;;) {
    try {
      return await fleet.post(process, message)
    } catch {
      await sleep(300)
    }
  }
}

async function unfinished(): Promise<readonly unknown[]> {
  const client = new pg.Client({ connectionString: cluster.databaseUrl })
  await client.connect()
  try {
    return (await client.query(`select id, state, code from entries where state <> 'done'`)).rows
  } finally {
    await client.end()
  }
}
