import { expect, it } from 'vitest'
import { endRetention } from '../../src/cli/retain.ts'
import { createLog } from '../../src/log/log.ts'
import { intervention, referralMessage, setStage } from '../flows/stage.ts'

const hourMs = 3_600_000

it('RETAIN_FOR erases the payload of a stuck entry, says which one, and lets the same message in as new', async () => {
  const stage = await setStage({ settings: { intake_user: 'nobody@example.org' } })
  const { id } = await stage.accept(referralMessage(intervention(1)))
  await stage.work()
  const log = createLog({ level: 'info', write: () => {} })
  const end = (hours: number) =>
    endRetention({
      store: stage.store,
      log,
      retainForMs: 24 * hourMs,
      now: new Date(stage.now().getTime() + hours * hourMs),
    })

  await end(23)
  expect(await stage.entry(id)).toMatchObject({ state: 'stuck' })
  await end(25)

  expect(await stage.entry(id)).toMatchObject({ state: 'done' })
  expect(await stage.store.entries.replay(id, stage.now())).toBe('conflict')
  expect(await stage.store.activity.list({ level: 'alert', limit: 1 })).toMatchObject([
    { what: 'RETENTION_ENDED', entry: id },
  ])
  expect(await stage.accept(referralMessage(intervention(1)))).toMatchObject({ repeated: false })
})
