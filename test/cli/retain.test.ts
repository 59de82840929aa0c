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
    { what: 'RETENTION_ENDED', entry: id, record: expect.stringMatching(/PRTITV/) },
  ])
  expect(await stage.accept(referralMessage(intervention(1)))).toMatchObject({ repeated: false })
})

it('RETAIN_FOR says nothing of a stuck entry whose payload was erased before: nothing is lost', async () => {
  const stage = await setStage({ settings: { intake_user: 'nobody@example.org' } })
  const { id } = await stage.store.entries.accept({
    workflow: 'dtp-inbox',
    kind: 'webhook',
    payload: '{}',
    locks: [],
    now: stage.now(),
  })
  const claim = await stage.store.entries.claim({ owner: stage.store.owner, now: stage.now(), leaseMs: hourMs, id })
  if (claim === undefined) throw new Error('There was nothing to claim.')
  const fate = { state: 'stuck', code: 'FEEDBACK_REFUSED' } as const
  await stage.store.entries.settle(claim, {
    state: 'success',
    records: [{ key: 'INT-1', outcome: 'refused', code: 'FEEDBACK_REFUSED' }],
    fate,
    now: stage.now(),
    mappingVersion: 'v1',
  })

  const now = new Date(stage.now().getTime() + 25 * hourMs)
  const log = createLog({ level: 'info', write: () => {} })
  await endRetention({ store: stage.store, log, retainForMs: 24 * hourMs, now })

  expect(await stage.entry(id)).toMatchObject({ state: 'stuck' })
  expect(await stage.store.activity.list({ level: 'alert' })).toEqual([])
})
