import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { exportProject } from '../../src/lightning/exportProject.ts'
import { intervention, referralMessage, root, type Stage } from '../flows/stage.ts'
import { endState, ourSite, type Site, theirSite } from './exported/both.ts'
import { type OpenFn, startOpenFn } from './exported/openfn.ts'

let file = ''
let openfn: OpenFn

beforeAll(async () => {
  const made = await exportProject(root, {})
  if ('problems' in made) throw new Error(JSON.stringify(made.problems))
  file = made.files.find(({ path }) => path === 'lightning.yaml')?.text ?? ''
  openfn = await startOpenFn()
})
afterAll(() => openfn.stop())

describe('the exported project in OpenFn’s own runtime ends where ours ends', () => {
  test.each<readonly [string, (site: Site) => Promise<void>]>([
    [
      'referrals from UNHCR: two good ones, one of a service that is not agreed, one without a name; the same message again',
      async ({ message }) => {
        const body = referralMessage(
          intervention(1),
          intervention(2, { 'interventiontype.progres_description': 'Something else' }),
          intervention(3, { 'individuals.progres_familyname': null, 'individuals.progres_givenname': null }),
          intervention(4),
        )
        await message(body)
        await message(body)
      },
    ],
    [
      'a second referral of a child who has a case adds a row to it',
      async ({ message }) => {
        await message(referralMessage(intervention(1)))
        const again = { 'individuals.progres_id': '990-00000001' }
        await message(referralMessage(intervention(2, again)))
      },
    ],
    [
      'decisions of focal points are told once, changed ones again',
      async ({ stage, message, run }) => {
        await run('send-decisions')
        await message(referralMessage(intervention(1), intervention(2)))
        stage.primero.people.decide('990-26-PRTITV-0000001', 'accepted')
        await run('send-decisions')
        stage.primero.people.decide('990-26-PRTITV-0000002', 'rejected', 'Not in this camp')
        await run('send-decisions')
        stage.primero.people.decide('990-26-PRTITV-0000002', 'accepted')
        await run('send-decisions')
        await run('send-decisions')
      },
    ],
    [
      'a referral to UNHCR is sent once, one without consent stays, and UNHCR’s decision is applied',
      async ({ stage, message, run }) => {
        await run('send-referrals')
        const sent = refer(stage, 'Akello')
        const held = refer(stage, 'Nyamal')
        stage.primero.people.edit(held.caseId, { disclosure_other_orgs: false })
        await run('send-referrals')
        await run('send-referrals')
        await message(decision(`${sent.caseNumber}#${sent.service.slice(-12)}`))
        await message(decision(`${sent.caseNumber}#${sent.service.slice(-12)}`))
      },
    ],
    [
      'a referral whose post got no answer is not sent again',
      async ({ stage, run }) => {
        await run('send-referrals')
        refer(stage, 'Akello')
        stage.dtp.faults.add({ what: { kind: 'reset', when: 'before-answering', applied: true } })
        await run('send-referrals')
        await run('send-referrals')
      },
    ],
    [
      'a message that nobody knows changes nothing',
      async ({ message }) => {
        await message({ request_type: 'SomethingNew', interventions: [] })
      },
    ],
  ])('%s', async (_, play) => {
    const ours = await ourSite()
    const theirs = await theirSite(openfn, file)

    await play(ours)
    await play(theirs)

    expect(endState(theirs.stage)).toEqual(endState(ours.stage))
    expect(theirs.collections.strange).toEqual([])
  })
})

interface Sent {
  readonly caseId: string
  readonly caseNumber: string
  readonly service: string
}

/** A case worker registers a child and refers one service of hers to UNHCR. */
function refer({ primero: { people }, settings }: Stage, name: string): Sent {
  const child = people.registerCase({
    unhcr_individual_no: `990-${name}`,
    name_first: name,
    name_last: 'Example',
    sex: 'female',
    date_of_birth: '2015-06-01',
    language: ['language8'],
  } as never)
  const row = people.addService(child.id, {
    service_type: 'alternative_care',
    service_response_type: 'service_provision',
    service_implementing_agency: 'UNHCR',
    service_response_day_time: '2026-05-04T09:00:00.000Z',
  } as never)
  people.refer(child.id, String(row.unique_id), settings.unhcr_user)
  return { caseId: child.id, caseNumber: String(child.case_id), service: String(row.unique_id) }
}

function decision(referralId: string) {
  const row = { progres_orgreferralid: referralId, progres_reviewdecision: '125080000' }
  return { interventions: [row], request_type: 'PrimeroIncomingReferralDecision' }
}
