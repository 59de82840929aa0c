import { describe, expect, it } from 'vitest'
import { outcomesOf, setStage } from '../flows/stage.ts'
import { referToUnhcr } from './child.ts'

describe('D58: an account with too small a role got an empty list of referrals and no error', () => {
  it('a case that is listed under the UNHCR user without any referral to it waits for a person, with an alert', async () => {
    const stage = await setStage({ primero: { seed: { cases: [], referrals: [] }, account: { visible: 'agency' } } })
    await stage.run('send-referrals')
    const { caseId } = referToUnhcr(stage)

    const runs = await stage.run('send-referrals')

    expect(outcomesOf(runs)).toEqual({ [caseId]: 'waiting REFERRALS_HIDDEN' })
    expect(runs[0]?.alerts).toEqual([{ code: 'REFERRALS_HIDDEN', record: caseId }])
    expect(await stage.store.records.list({ outcome: 'waiting' })).toMatchObject([{ key: caseId, due_at: null }])
  })

  it('when the role is mended the referral goes out and nothing waits any more', async () => {
    const stage = await setStage()
    await stage.run('send-referrals')
    const { caseId, id } = referToUnhcr(stage)
    const blind = stage.primero.faults.add({
      match: { path: /\/referrals$/ },
      what: { kind: 'answer', status: 200, body: { data: [] } },
    })
    await stage.run('send-referrals')
    blind.remove()

    const runs = await stage.run('send-referrals')

    expect(outcomesOf(runs)).toEqual({ [caseId]: 'unchanged ALREADY_DELIVERED', [id]: 'delivered DELIVERED' })
    expect(await stage.store.records.list({})).toEqual([])
  })

  it('a case that the UNHCR user owns, and one whose referral was decided or revoked, are no trouble', async () => {
    const stage = await setStage()
    await stage.run('send-referrals')
    stage.primero.people.registerCase({ name_first: 'Bol' }, stage.settings.unhcr_user)
    const { id, caseId } = referToUnhcr(stage)
    stage.primero.people.revoke(id)
    stage.primero.people.edit(caseId, { assigned_user_names: [stage.settings.unhcr_user] })

    const runs = await stage.run('send-referrals')

    expect(runs).toMatchObject([{ outcomes: [], alerts: [] }])
  })
})
