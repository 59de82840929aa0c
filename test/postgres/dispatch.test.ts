import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { startPgBossDispatcher } from '../../src/store/dispatch/pgboss.ts'
import { type DispatchPlace, dispatcherConformance, membersOf, ticksOf } from '../dispatch/conformance.ts'
import { soon } from '../dispatch/soon.ts'
import { postgresPlace } from './place.ts'

async function dispatchPlace() {
  const place = await postgresPlace()
  return {
    ...place,
    startDispatcher: (options: Parameters<DispatchPlace['startDispatcher']>[0]) =>
      startPgBossDispatcher(place.databaseUrl, options),
  }
}

dispatcherConformance('the dispatcher on PostgreSQL', dispatchPlace)

describe('news on PostgreSQL', { timeout: 60_000 }, () => {
  let place: Awaited<ReturnType<typeof dispatchPlace>>
  const { join, leave } = membersOf(() => place)
  const entry = (n: number) => `8c1d0f3e-0000-4000-8000-${String(n).padStart(12, '0')}`
  const jobs = () => place.rows(`select name, data from ${place.schema}_dispatch.job where name = 'entries'`)
  beforeEach(async () => {
    place = await dispatchPlace()
  })
  afterEach(async () => {
    await leave()
    await place.remove()
  })

  test('an entry that is announced here wakes a worker elsewhere', async () => {
    const busy = await join({ room: () => 0 })
    const idle = await join()

    busy.dispatcher.announce(entry(1))

    await soon(async () => expect(idle.seen.wakes).toBe(1))
    await soon(async () => expect(await jobs()).toEqual([]))
  })

  test('a process without room leaves the news to the others', async () => {
    const busy = await join({ room: () => 0 })
    for (let n = 1; n <= 5; n++) busy.dispatcher.announce(entry(n))
    await sleep(2_000)
    expect(await jobs()).toHaveLength(5)

    const idle = await join({ room: () => 8 })

    await soon(async () => expect(idle.seen.wakes).toBeGreaterThan(0))
    await soon(async () => expect(await jobs()).toEqual([]))
  })

  test('ids of entries are all that it writes', async () => {
    const busy = await join({ room: () => 0 })
    for (let n = 1; n <= 300; n++) busy.dispatcher.announce(entry(n))

    await soon(async () => expect(await jobs()).toHaveLength(300))

    const written = (await jobs()).map(({ data }) => data)
    expect(written).toEqual(expect.arrayContaining([{ entry: entry(1) }, { entry: entry(300) }]))
    expect(written.every((data) => Object.keys(Object(data)).join() === 'entry')).toBe(true)
  })

  test('a database that cuts its connections delays news and loses none that was announced', async () => {
    const busy = await join({ room: () => 0 })
    for (let n = 1; n <= 60; n++) {
      busy.dispatcher.announce(entry(n))
      if (n % 20 === 0) await place.cutConnections()
      await sleep(10)
    }

    await soon(async () => {
      const found = (await jobs()).map(({ data }) => Object(data).entry)
      expect(new Set(found)).toEqual(new Set(Array.from({ length: 60 }, (_, n) => entry(n + 1))))
    })
  })

  test('a schedule that is in no project any more is dropped, another one changed', async () => {
    await join({ schedules: { old: '0 * * * *', kept: '0 * * * *' } })
    await join({ schedules: { kept: '30 * * * *', 'új → név': '1 2 3 4 *' } })

    const rows = await place.rows(
      `select name, cron, timezone, data from ${place.schema}_dispatch.schedule order by cron`,
    )
    expect(rows).toEqual([
      { name: 'tick új → név', cron: '1 2 3 4 *', timezone: 'UTC', data: null },
      { name: 'tick kept', cron: '30 * * * *', timezone: 'UTC', data: null },
    ])
  })

  test('when a schedule is due, one of three processes is asked, and the tick is taken', {
    timeout: 120_000,
  }, async () => {
    const schedules = { poll: '* * * * *' }
    const members = [await join({ schedules }), await join({ schedules }), await join({ schedules })]
    const asked = () => members.reduce((sum, { seen }) => sum + seen.asked.length, 0)
    await soon(async () => expect(asked()).toBe(3))

    await soon(async () => expect(await ticksOf(members[0]?.store)).toEqual(['poll']), 90_000)

    // pg-boss may ask once more, for the minute in which the schedule was made.
    expect(asked()).toBeGreaterThanOrEqual(4)
    expect(asked()).toBeLessThanOrEqual(5)
  })
})
