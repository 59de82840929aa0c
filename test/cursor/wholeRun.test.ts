import { expect, test } from 'vitest'
import { proxyPage } from '../../src/simulator/faults.ts'
import { workflowLock } from '../../src/store/workflowLock.ts'
import { setStage } from '../flows/stage.ts'

test('a poll that failed stays due although the retry that was asked for found it put off again', async () => {
  const stage = await setStage({ settings: { start_from: '2026-05-04T00:00:00Z' } })
  const { primero, store, now, work, later } = stage
  primero.faults.add({ times: Number.POSITIVE_INFINITY, what: proxyPage(503) })
  await stage.run('send-decisions')
  later(60_000)

  // The tick comes before the retry that is due by now, fails too, and puts it off.
  await store.entries.tick('send-decisions', workflowLock(store, 'send-decisions'), now())
  const runs = await work()

  expect(runs.map(({ outcomes }) => outcomes.map(({ key, outcome }) => [key, outcome]))).toEqual([
    [['run', 'waiting']],
    [],
  ])
  expect(await store.records.nextDue()).toBeDefined()
})
