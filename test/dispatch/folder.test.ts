import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openStore } from '../../src/store/open.ts'
import { intervention, referralMessage } from '../flows/stage.ts'
import { said, startFleet } from './fleet.ts'
import { soon } from './soon.ts'

const children = 24

test('two `exchange start` on one folder: no entry is doubled, a tick is one run, and their requests have one bound', {
  timeout: 120_000,
}, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'exchange-folder-'))
  const key = randomBytes(32)
  await missedTicks(folder, key)
  const fleet = await startFleet({
    store: { DATA_DIR: folder, DATA_KEYS: `test:${key.toString('base64')}` },
    env: { LOG_LEVEL: 'debug' },
    primero: { latencyMs: 20 },
  })

  try {
    const [one, two] = await fleet.start(2)
    if (one === undefined || two === undefined) throw new Error('They did not start.')
    const posting = Array.from({ length: children }, (_, n) =>
      fleet.post(n % 2 === 0 ? one : two, referralMessage(intervention(n + 1))),
    )
    const ids = await Promise.all(posting)
    await soon(async () => {
      for (const id of ids) expect(await fleet.entry(id)).toMatchObject({ state: 'done' })
    }, 60_000)

    const runs = [...said(one, 'run started'), ...said(two, 'run started')]
    expect(runs.filter(({ workflow }) => workflow === 'dtp-inbox')).toHaveLength(children)
    expect(said(one, 'run started').length).toBeGreaterThan(0)
    expect(said(two, 'run started').length).toBeGreaterThan(0)
    const ticks = [...said(one, 'cron tick'), ...said(two, 'cron tick')].map(({ workflow }) => workflow)
    expect(ticks.toSorted()).toEqual(['send-decisions', 'send-referrals'])
    expect(fleet.primero.content.cases()).toHaveLength(children)
    expect(fleet.dtp.received).toHaveLength(children)
    expect(fleet.doors.primero.most()).toBeLessThanOrEqual(4)
    expect(fleet.doors.dtp.most()).toBeLessThanOrEqual(8)
  } finally {
    await fleet.close()
    await rm(folder, { recursive: true })
  }
})

/** Both cron workflows ran last two hours ago, so a tick of each is due when the processes start. */
async function missedTicks(dataDir: string, key: Uint8Array): Promise<void> {
  const store = await openStore({ dataDir, dataKeys: [{ id: 'test', key }] })
  const then = new Date(Date.now() - 2 * 3_600_000)
  for (const workflow of ['send-decisions', 'send-referrals']) {
    await store.cursors.write(`cron:${workflow}`, then.toISOString(), then)
  }
  await store.close()
}
