import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Settings } from '../../src/mapping/types.ts'
import { loadProject } from '../../src/project/load.ts'
import { intervention, outcomesOf, referralMessage, type Stage, setStage, toldDtp } from '../flows/stage.ts'
import { projectFolder, repository } from '../project/folder.ts'
import { referToUnhcr } from './child.ts'

const number = (no: number) => `990-26-PRTITV-000000${no}`
const hour = 3_600_000

describe('D42: the cursor was our clock at the end of the run, and what changed meanwhile was lost', () => {
  it.each([
    ['two hours behind', -2],
    ['two hours ahead', 2],
  ])("decisions are told although Primero's clock is %s of ours", async (_, hours) => {
    const now = () => new Date(Date.now() + hours * hour)
    const stage = await delivered({ primero: { seed: { cases: [], referrals: [] }, now } })

    stage.primero.people.decide(number(1), 'accepted')
    await stage.run('send-decisions')
    stage.primero.people.decide(number(2), 'rejected')
    await stage.run('send-decisions')

    expect(decisionsTold(stage)).toEqual([number(1), number(2)])
    const lastChange = stage.primero.content.cases().at(-1)?.last_updated_at ?? ''
    expect((await stage.store.cursors.read('send-decisions'))?.slice(0, 19)).toBe(lastChange.slice(0, 19))
  })

  it('what changes while a run sends is told by the next run', async () => {
    const stage = await delivered()
    stage.primero.people.decide(number(1), 'accepted')
    stage.dtp.faults.add({
      match: () => {
        if (decisionsTold(stage).length > 0) return false
        stage.primero.people.decide(number(1), 'rejected', 'Not in this camp')
        stage.primero.people.decide(number(2), 'accepted')
        return false
      },
      what: { kind: 'hang' },
    })

    await stage.run('send-decisions')
    const first = decisionsTold(stage)
    await stage.run('send-decisions')

    expect(first).toEqual([number(1)])
    expect(statusesTold(stage, number(1))).toEqual(['Pending Acknowledgement', 'acknowledged', 'rejected'])
    expect(statusesTold(stage, number(2))).toEqual(['Pending Acknowledgement', 'acknowledged'])
  })
})

describe('D46: replays were made by editing the cursor in code', () => {
  it('a first run begins at the instant of start_from, and a second run of the same tells nothing again', async () => {
    const decidedAt = new Date(Date.now() - hour).toISOString()
    const stage = await setStage({ settings: { start_from: new Date(Date.now() - 2 * hour).toISOString() } })
    await stage.accept(referralMessage(intervention(1)))
    await stage.work()
    stage.primero.people.decide(number(1), 'accepted')
    stage.primero.content.touch(stage.primero.content.cases()[0]?.id ?? '', decidedAt)

    await stage.run('send-decisions')
    await stage.run('send-decisions')

    expect(decisionsTold(stage)).toEqual([number(1)])
  })

  it.each(['2024-01-01:00:00.471Z', '2023-03-28T00:00:00.000Z..', '2024-04-14'])(
    'a start_from that is no instant (%s) is refused with its place before anything runs',
    async (start_from) => {
      const folder = projectFolder(readFileSync(join(repository, 'project.yaml'), 'utf8'))
      const settings = join(folder, 'mappings/gambella/settings.json')
      writeFileSync(
        settings,
        readFileSync(settings, 'utf8').replace('"version"', `"start_from": "${start_from}", "version"`),
      )

      const loaded = await loadProject(folder, { country: 'gambella', env: {} })

      expect('problems' in loaded && loaded.problems).toContainEqual({
        file: 'mappings/gambella/settings.json',
        line: 4,
        column: 17,
        message: 'start_from must be an instant such as 2026-05-04T00:00:00Z.',
      })
    },
  )
})

describe('D50: twenty cases were read, and the cursor moved on past the rest', () => {
  it('over many pages of changed cases every open referral is sent once', async () => {
    const stage = await looking({ page_size: 20 })
    const open = [referToUnhcr(stage), referToUnhcr(stage)]
    for (let count = 0; count < 75; count += 1) {
      const referral = stage.primero.content.referral(referToUnhcr(stage).id)
      if (referral !== undefined) stage.primero.content.putReferral({ ...referral, status: 'accepted' })
    }
    open.push(...Array.from({ length: 25 }, () => referToUnhcr(stage)))

    await stage.run('send-referrals')
    await stage.run('send-referrals')

    expect(stage.dtp.received).toHaveLength(27)
    expect(await stage.store.ledger.done(open.map(({ id }) => `dtp/referral/${id}`))).toHaveProperty('size', 27)
  })
})

describe('D51: cases were read by one clock and referrals by another, both against the end of the run', () => {
  it('a referral is sent however long ago it was made, when its case comes up', async () => {
    const stage = await looking()
    const { id } = referToUnhcr(stage)
    const referral = stage.primero.content.referral(id)
    if (referral !== undefined)
      stage.primero.content.putReferral({ ...referral, created_at: '2020-01-01T00:00:00.000Z' })

    expect(outcomesOf(await stage.run('send-referrals'))).toEqual({ [id]: 'delivered DELIVERED' })
  })

  it('one that is made on a case that this run has already read is sent by the next', async () => {
    const stage = await looking()
    const first = referToUnhcr(stage)
    let second = ''
    stage.dtp.faults.add({
      match: () => {
        const { people } = stage.primero
        if (second === '') second = people.refer(first.caseId, first.serviceId, stage.settings.unhcr_user).id
        return false
      },
      what: { kind: 'hang' },
    })

    expect(outcomesOf(await stage.run('send-referrals'))).toEqual({ [first.id]: 'delivered DELIVERED' })
    expect(outcomesOf(await stage.run('send-referrals'))).toEqual({ [second]: 'delivered DELIVERED' })
  })
})

describe('D57: one case whose referrals could not be read stopped the run', () => {
  it.each([
    ['is retried by itself', 500, 'waiting REMOTE_DOWN'],
    ['waits for a person', 403, 'waiting ACCESS_DENIED'],
  ])('the other referrals are sent, and the case %s on a %d', async (_, status, outcome) => {
    const stage = await looking()
    const { caseId, id } = referToUnhcr(stage)
    const others = [referToUnhcr(stage).id, referToUnhcr(stage).id]
    stage.primero.faults.add({ match: { path: `${caseId}/referrals` }, what: { kind: 'answer', status } })

    const runs = await stage.run('send-referrals')
    stage.later(10_000)
    const again = status === 500 ? await stage.work() : await stage.run('send-referrals')

    const delivered = Object.fromEntries(others.map((other) => [other, 'delivered DELIVERED']))
    expect(outcomesOf(runs)).toEqual({ [caseId]: outcome, ...delivered })
    expect(outcomesOf(again)).toMatchObject({ [id]: 'delivered DELIVERED' })
    expect(await stage.store.records.list({})).toEqual([])
    expect(stage.dtp.received).toHaveLength(3)
  })
})

async function looking(settings: Partial<Settings> = {}): Promise<Stage> {
  const stage = await setStage({ settings })
  await stage.run('send-referrals')
  return stage
}

/** A stage on which two interventions were delivered and the first look for decisions has been taken. */
async function delivered(options: Parameters<typeof setStage>[0] = {}): Promise<Stage> {
  const stage = await setStage(options)
  await stage.run('send-decisions')
  await stage.accept(referralMessage(intervention(1), intervention(2)))
  await stage.work()
  return stage
}

function decisionsTold({ dtp }: Stage): readonly string[] {
  return dtp.received
    .filter(({ body }) => body.request_type === 'ReceiveDecisionOutgoingReferral')
    .map(({ body }) => String(body.progres_interventionnumber))
}

function statusesTold(stage: Stage, intervention: string) {
  return toldDtp(stage, intervention).map(({ status }) => status)
}
