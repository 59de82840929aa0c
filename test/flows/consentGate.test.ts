import { describe, expect, it } from 'vitest'
import { outcomesOf, type Stage, setStage } from './stage.ts'

/** How a referral is taken back, and with which code it stays. */
const ways = {
  'the consent to services is withdrawn': {
    code: 'CONSENT_MISSING',
    act: ({ primero }: Stage, { caseId }: Referred) => primero.people.edit(caseId, { consent_for_services: false }),
  },
  'the consent to sharing is withdrawn': {
    code: 'CONSENT_MISSING',
    act: ({ primero }: Stage, { caseId }: Referred) => primero.people.edit(caseId, { disclosure_other_orgs: 'false' }),
  },
  'the family opts out': {
    code: 'EXPORT_OPTED_OUT',
    act: ({ primero }: Stage, { caseId }: Referred) => primero.people.edit(caseId, { unhcr_export_opt_in: false }),
  },
  'the referral is revoked': {
    code: 'REFERRAL_NOT_OPEN',
    act: ({ primero }: Stage, { id }: Referred) => primero.people.revoke(id),
  },
  'the case is disabled': {
    code: 'CASE_DISABLED',
    act: ({ primero }: Stage, { caseId }: Referred) => primero.people.disable(caseId),
  },
  'the case is closed': {
    code: 'CASE_CLOSED',
    act: ({ primero }: Stage, { caseId }: Referred) => primero.people.close(caseId),
  },
} as const

describe('D54, D55: a child whose consent was withdrawn was sent; nothing is, whenever it is withdrawn', () => {
  describe.each(Object.entries(ways))('%s', (_, way) => {
    it('before the poll, and before each request of the run up to the last look, as long as it can be seen', async () => {
      const stage = await looking()
      const boundaries: string[] = []

      for (let boundary = 1; ; boundary++) {
        const referred = refer(stage)
        const passed = await runTakingBackAt(stage, { referred, boundary }, () => way.act(stage, referred))
        if (passed === undefined) break
        boundaries.push(passed)
        const posted = stage.dtp.received.length
        // The field may have been read a moment before; that is the end of what can be seen.
        if (posted > 0) break
        expect(await shown(stage, referred)).toMatch(new RegExp(`^(${way.code}|nothing)$`))
        // Nor later: no retry of it is due.
        stage.later(8 * 3_600_000)
        expect(outcomesOf(await stage.work())).toEqual({})
        expect(stage.dtp.received).toEqual([])
      }

      expect(boundaries.length).toBeGreaterThanOrEqual(5)
      expect(boundaries.slice(0, -1).filter((path) => path.endsWith('referrals')).length).toBeGreaterThanOrEqual(1)
    })

    it('while a retry waits: it is cancelled, and not due any more', async () => {
      const stage = await looking()
      const referred = refer(stage)
      stage.dtp.faults.add({ times: 2, what: { kind: 'answer', status: 503 } })
      await stage.run('send-referrals')
      stage.later(10_000)
      expect(outcomesOf(await stage.work())).toEqual({ [referred.id]: 'waiting REMOTE_DOWN' })
      way.act(stage, referred)

      stage.later(60_000)
      const after = outcomesOf(await stage.work())
      stage.later(80 * 3_600_000)

      expect(after).toEqual({ [referred.id]: `refused ${way.code}` })
      expect(outcomesOf(await stage.work())).toEqual({})
      expect(await stage.store.records.nextDue()).toBeUndefined()
      expect(stage.dtp.received).toEqual([])
    })
  })

  it('of three services of a child, the one that is revoked stays and the two others go', async () => {
    const stage = await looking()
    const first = refer(stage)
    const [second, third] = [referMore(stage, first.caseId), referMore(stage, first.caseId)]
    const outage = stage.dtp.faults.add({ times: 9, what: { kind: 'answer', status: 503 } })
    await stage.run('send-referrals')
    outage.remove()
    stage.primero.people.revoke(second.id)

    stage.later(10_000)

    expect(outcomesOf(await stage.work())).toEqual({
      [first.id]: 'delivered DELIVERED',
      [second.id]: 'refused REFERRAL_NOT_OPEN',
      [third.id]: 'delivered DELIVERED',
    })
    expect(stage.dtp.received).toHaveLength(2)
  })

  it('consent that was read more than two seconds before the post is read again: where the turn came late, and where half of the reading did', async () => {
    // At once, because both wait.
    await Promise.all([turnCameLate(), referralsCameLate()])
  })
})

async function turnCameLate(): Promise<void> {
  const stage = await looking({ dtpConcurrency: 1 })
  const [slow, withdrawn, changed] = [refer(stage), refer(stage), refer(stage)]
  const posts = () => stage.dtp.requests.filter(({ method }) => method === 'POST')
  stage.dtp.faults.add({ what: { kind: 'delay', delayMs: 2_200 } })

  const running = stage.run('send-referrals')
  await expect.poll(() => posts().length, { timeout: 5_000 }).toBe(1)
  const [first] = await Promise.all([stage.dtp.requests[0], new Promise((resolve) => setTimeout(resolve, 100))])
  // Whichever is under way: of the two others, one loses its consent and one gets another address.
  const under = String((first?.body as { id?: unknown } | undefined)?.id ?? '').split('#')[0]
  const others = [slow, withdrawn, changed].filter(({ caseId }) => caseNumber(stage, caseId) !== under)
  expect(others).toHaveLength(2)
  const [gone, moved] = others
  if (gone === undefined || moved === undefined) throw new Error('There are no others.')
  stage.primero.people.withdrawConsent(gone.caseId)
  stage.primero.people.edit(moved.caseId, { address_current: 'Zone B' })
  const outcomes = outcomesOf(await running)

  expect(outcomes).toMatchObject({ [gone.id]: 'refused CONSENT_MISSING', [moved.id]: 'delivered DELIVERED' })
  expect(stage.dtp.received.map(({ body }) => String(body.id).split('#')[0])).not.toContain(
    caseNumber(stage, gone.caseId),
  )
  expect(stage.dtp.received.map(({ body }) => body.address_current)).toContain('Zone B')
}

async function referralsCameLate(): Promise<void> {
  const stage = await looking()
  const referred = refer(stage)
  // Of the poll and of the last look.
  let asked = 0
  stage.primero.faults.add({
    match: ({ path }) => path.endsWith('/referrals') && ++asked === 2,
    what: { kind: 'delay', delayMs: 3_000 },
  })

  const running = stage.run('send-referrals')
  await expect.poll(() => asked, { timeout: 5_000 }).toBe(2)
  await new Promise((resolve) => setTimeout(resolve, 300))
  stage.primero.people.withdrawConsent(referred.caseId)

  expect(outcomesOf(await running)).toEqual({ [referred.id]: 'refused CONSENT_MISSING' })
  expect(stage.dtp.received).toEqual([])
}

/** Runs the workflow and acts when its n-th request about this child arrives, before it is answered; which one that was. */
async function runTakingBackAt(
  stage: Stage,
  { referred, boundary }: { readonly referred: Referred; readonly boundary: number },
  act: () => unknown,
): Promise<string | undefined> {
  let arrived = 0
  let passed: string | undefined
  const watch = stage.primero.faults.add({
    match: ({ path }) => {
      const isAboutAnother = /\/cases\/./.test(path) && !path.includes(referred.caseId)
      if (isAboutAnother || ++arrived !== boundary) return false
      passed = path
      act()
      return false
    },
    what: { kind: 'delay', delayMs: 0 },
  })
  await stage.run('send-referrals')
  watch.remove()
  return passed
}

/** The code with which it is shown, if it is. */
async function shown({ store }: Stage, { id }: Referred): Promise<string> {
  return (await store.records.get('send-referrals', id))?.code ?? 'nothing'
}

type Referred = ReturnType<typeof refer>

async function looking(options: { readonly dtpConcurrency?: number } = {}): Promise<Stage> {
  const stage = await setStage(options)
  await stage.run('send-referrals')
  return stage
}

/** A case worker registers a child and refers one service of hers to UNHCR. */
function refer(stage: Stage) {
  const unhcr_individual_no = `990-0000007${stage.primero.content.cases().length}`
  const fields = {
    unhcr_individual_no,
    name_first: 'Akello',
    name_last: 'Example',
    sex: 'female',
    date_of_birth: '2015-06-01',
    age: 11,
  }
  return referMore(stage, stage.primero.people.registerCase(fields as never).id)
}

function referMore({ primero: { people }, settings }: Stage, caseId: string) {
  const service = people.addService(caseId, {
    service_type: 'alternative_care',
    service_response_day_time: '2026-05-04T09:00:00.000Z',
  })
  return { caseId, id: people.refer(caseId, String(service.unique_id), settings.unhcr_user).id }
}

function caseNumber({ primero }: Stage, caseId: string): string {
  return String(primero.content.case(caseId)?.case_id)
}
