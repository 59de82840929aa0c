import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ChildExchange } from '../../src/cli/childExchange.ts'
import { type Fleet, said, startFleet } from '../dispatch/fleet.ts'
import { soon } from '../dispatch/soon.ts'
import { intervention, referralMessage } from '../flows/stage.ts'
import { postgresPlace } from './place.ts'

let place: Awaited<ReturnType<typeof postgresPlace>>
let fleet: Fleet
beforeEach(async () => {
  place = await postgresPlace()
})
afterEach(async () => {
  await fleet.close()
  await place.remove()
})

async function fleetOn(options: Omit<Parameters<typeof startFleet>[0], 'store'> = {}): Promise<Fleet> {
  fleet = await startFleet({
    ...options,
    store: { DATABASE_URL: place.databaseUrl },
    env: { LOG_LEVEL: 'debug', ...options.env },
  })
  return fleet
}

const all = (processes: readonly ChildExchange[], fact: string) => processes.flatMap((one) => said(one, fact))

/** Posts so many referrals, each of another child, to these processes in turn. */
function referAll(processes: readonly ChildExchange[], count: number): Promise<readonly string[]> {
  const posting = Array.from({ length: count }, async (_, n) => {
    const process = processes[n % processes.length]
    if (process === undefined) throw new Error('There is no process.')
    return fleet.post(process, referralMessage(intervention(n + 1)))
  })
  return Promise.all(posting)
}

async function becomeAll(states: readonly string[], withinMs: number): Promise<void> {
  await soon(async () => {
    const rows = await place.rows(`select id, state from ${place.schema}.entries where kind = 'webhook'`)
    expect(rows.filter(({ state }) => !states.includes(String(state)))).toEqual([])
  }, withinMs)
}

describe('ten processes on one PostgreSQL', { timeout: 600_000 }, () => {
  test('that start at the same moment: tables are made once, all serve, share the work, and a tick is one run', async () => {
    // On a busy machine a request may wait so long for its turn among ten processes that its entry is tried again.
    const env = { RETRY_WAITS: '2s' }
    await fleetOn({ primero: { latencyMs: 100 }, dtp: { latencyMs: 20 }, cron: '* * * * *', env })
    const processes = await fleet.start(10)

    const ready = await Promise.all(processes.map(({ address }) => fetch(`${address}/ready`)))
    expect(ready.map(({ status }) => status)).toEqual(processes.map(() => 204))
    expect(await place.rows(`select key from ${place.schema}.meta where key = 'version'`)).toHaveLength(1)
    expect(await place.rows(`select id from ${place.schema}.keys where kind = 'store'`)).toHaveLength(1)

    await referAll(processes.slice(0, 1), 80)
    await becomeAll(['done'], 300_000)

    const done = () => all(processes, 'entry done').filter(({ workflow }) => workflow === 'dtp-inbox')
    await soon(async () => expect(done()).toHaveLength(80))
    expect(new Set(done().map(({ entry }) => entry)).size).toBe(80)
    expect(processes.filter((one) => said(one, 'run started').length === 0)).toEqual([])
    expect(fleet.primero.content.cases()).toHaveLength(80)
    expect(new Set(fleet.dtp.received.map(({ body }) => body.progres_interventionnumber)).size).toBe(80)

    const ticks = () => all(processes, 'cron tick').map(({ workflow, due_at }) => `${workflow} ${due_at}`)
    await soon(async () => expect(ticks().length).toBeGreaterThanOrEqual(4), 150_000)
    expect(new Set(ticks()).size).toBe(ticks().length)
    const entries = await place.rows(`select id from ${place.schema}.entries where kind = 'tick'`)
    await soon(async () => expect(ticks().length).toBeGreaterThanOrEqual(entries.length))
    expect(fleet.doors.primero.most()).toBeLessThanOrEqual(4)
    expect(fleet.doors.dtp.most()).toBeLessThanOrEqual(8)
  })
})

describe('four processes on one PostgreSQL', { timeout: 300_000 }, () => {
  test('1,000 identical messages at the same time: one case, one service, one message to DTP', async () => {
    await fleetOn()
    const processes = await fleet.start(4)
    const message = referralMessage(intervention(1))

    const posting = Array.from({ length: 1_000 }, (_, n) => {
      const process = processes[n % 4]
      if (process === undefined) throw new Error('There is no process.')
      return fleet.post(process, message)
    })
    const ids = new Set(await Promise.all(posting))
    const [id = ''] = ids
    await soon(async () => expect(await fleet.entry(id)).toMatchObject({ state: 'done' }), 60_000)
    await sleep(2_000)

    expect(ids.size).toBe(1)
    const cases = fleet.primero.content.cases()
    expect(cases).toHaveLength(1)
    expect(cases[0]?.services_section).toHaveLength(1)
    expect(fleet.dtp.received).toHaveLength(1)
    expect(all(processes, 'run started')).toHaveLength(1)
  })

  test('credentials that were never good: twenty entries cost one login, and all processes stop', async () => {
    await fleetOn({ env: { PRIMERO_PASSWORD: 'wrong' } })
    const processes = await fleet.start(4)

    await referAll(processes, 20)
    await becomeAll(['stuck', 'waiting'], 60_000)
    await soon(async () => expect(all(processes, 'credentials stopped')).toHaveLength(1))
    await sleep(3_000)

    expect(fleet.doors.primero.count()).toBe(1)
    expect(fleet.primero.isLocked(fleet.primero.account.user)).toBe(false)
    await expectStopped(processes)
  })

  test('a password that changes in the midst of the work: at most four requests are refused, and all processes stop', async () => {
    await fleetOn({ primero: { latencyMs: 100 } })
    const processes = await fleet.start(4)
    await referAll(processes, 20)
    await soon(async () => expect(fleet.primero.content.cases().length).toBeGreaterThan(1), 60_000)

    fleet.primero.content.changeUser(fleet.primero.account.user, { password: 'another' })
    await soon(async () => expect(all(processes, 'credentials stopped').length).toBeGreaterThan(0))
    await sleep(3_000)

    const refused = fleet.doors.primero.statuses.get(401) ?? 0
    expect(refused).toBeGreaterThan(0)
    expect(refused).toBeLessThanOrEqual(4)
    expect(fleet.primero.isLocked(fleet.primero.account.user)).toBe(false)
    await expectStopped(processes)
  })

  test('starting them again and again with refused credentials does not lock the account', async () => {
    await fleetOn({ env: { PRIMERO_PASSWORD: 'wrong' } })
    for (let round = 0; round < 6; round++) {
      const processes = await fleet.start(2)
      await fleet.post(processes[0] as ChildExchange, referralMessage(intervention(round + 1)))
      await sleep(2_000)
      await Promise.all(processes.map((process) => process.stop()))
    }

    expect(fleet.doors.primero.count()).toBeLessThanOrEqual(5)
    expect(fleet.primero.isLocked(fleet.primero.account.user)).toBe(false)
  })

  /** Nobody takes a new entry. */
  async function expectStopped(processes: readonly ChildExchange[]): Promise<void> {
    const before = fleet.doors.primero.count()
    const ids = await Promise.all(processes.map((one, n) => fleet.post(one, referralMessage(intervention(900 + n)))))
    await sleep(2_500)
    for (const id of ids) expect(await fleet.entry(id)).toMatchObject({ state: 'waiting' })
    expect(fleet.doors.primero.count()).toBe(before)
  }
})

describe('three processes on one PostgreSQL', { timeout: 200_000 }, () => {
  test('the entries of one that is killed are taken over at once, and nothing is done twice', async () => {
    await fleetOn({ primero: { latencyMs: 100 }, dtp: { latencyMs: 100 } })
    const processes = await fleet.start(3)
    const [killed, ...others] = processes
    if (killed === undefined) throw new Error('It did not start.')
    await referAll(processes, 60)

    const owner = await ownerOf(killed)
    killed.process.kill('SIGKILL')
    const killedAt = performance.now()
    const left = await heldBy(owner)
    await soon(async () => expect(await heldBy(owner)).toEqual([]))
    const takenOverMs = performance.now() - killedAt
    await becomeAll(['done'], 100_000)

    expect(left.length).toBeGreaterThan(0)
    // The lease of a claim is 10 s: it was not waited for.
    expect(takenOverMs).toBeLessThan(6_000)
    expectEachOnce(60)
    expect(others.every((one) => said(one, 'run finished').length > 0)).toBe(true)
  })

  test('the entries of one that is frozen are taken over when its lease ends, and what it does when it wakes counts for nothing', async () => {
    await fleetOn({ primero: { latencyMs: 100 }, dtp: { latencyMs: 100 } })
    const processes = await fleet.start(3)
    const [frozen, ...others] = processes
    if (frozen === undefined) throw new Error('It did not start.')
    await referAll(processes, 60)

    const owner = await ownerOf(frozen)
    frozen.process.kill('SIGSTOP')
    const left = await heldBy(owner)
    await soon(async () => expect(await heldBy(owner)).toEqual([]), 60_000)
    const ends = () =>
      place.rows(`select id, state, fence, code from ${place.schema}.entries where kind = 'webhook' order by id`)
    await becomeAll(['done'], 100_000)
    const before = await ends()
    frozen.process.kill('SIGCONT')
    await soon(async () => expect(said(frozen, 'entry lost to another process')).toHaveLength(left.length), 30_000)

    expect(left.length).toBeGreaterThan(0)
    expect(await ends()).toEqual(before)
    expectEachOnce(60)
    expect(others.every((one) => said(one, 'run finished').length > 0)).toBe(true)
    const open = `select key from ${place.schema}.ledger where state <> 'done'`
    expect(await place.rows(open)).toEqual([])
  })

  /** DTP may hear a feedback again, in the same words. */
  function expectEachOnce(count: number): void {
    const cases = fleet.primero.content.cases()
    expect(cases).toHaveLength(count)
    expect(cases.map(({ services_section: rows }) => (rows as unknown[]).length)).toEqual(cases.map(() => 1))
    expect(new Set(fleet.dtp.received.map(({ body }) => JSON.stringify(body))).size).toBe(count)
  }

  /** The name under which a process that is at work holds entries. */
  async function ownerOf(process: ChildExchange): Promise<string> {
    let owner: unknown
    await soon(async () => {
      const entries = said(process, 'run started').map(({ entry }) => `'${String(entry)}'`)
      const rows = await place.rows(
        `select owner from ${place.schema}.entries where id in (${entries.join()}) and owner is not null limit 1`,
      )
      owner = rows[0]?.owner
      expect(owner).toBeTypeOf('string')
    })
    return String(owner)
  }

  function heldBy(owner: string): Promise<readonly unknown[]> {
    return place.rows(`select id from ${place.schema}.entries where state = 'running' and owner = '${owner}'`)
  }
})
