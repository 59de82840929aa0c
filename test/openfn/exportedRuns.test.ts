import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { exportProject } from '../../src/lightning/exportProject.ts'
import { intervention, referralMessage, root, type Stage, serviceRows, toldDtp } from '../flows/stage.ts'
import { collection, endState, ourSite, type Site, theirSite } from './exported/both.ts'
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
    const kept = JSON.stringify([[...theirs.collections.rows(collection)], theirs.ends])
    expect(kept).not.toMatch(/Nyamal|Akello|Invented|Needs placement|990-0000000|2016-02-29|\+2519/)
  })

  test('consent that is withdrawn after sending becomes a notice, and the run fails so that somebody reads it', async () => {
    const theirs = await theirSite(openfn, file)
    await theirs.run('send-referrals')
    const { caseId } = refer(theirs.stage, 'Akello')
    await theirs.run('send-referrals')
    await theirs.run('watch-consent')
    theirs.stage.primero.people.withdrawConsent(caseId)

    await theirs.run('watch-consent')
    await theirs.run('watch-consent')

    const notices = [...theirs.collections.rows(collection)].filter(([key]) => key.startsWith('notice:'))
    expect(notices).toHaveLength(1)
    expect(theirs.ends.map(({ final }) => JSON.stringify(final.errors ?? 'success'))).toEqual([
      '"success"',
      '"success"',
      '"success"',
      expect.stringContaining('CONSENT_WITHDRAWN'),
      expect.anything(),
    ])
    expect(theirs.stage.dtp.received).toHaveLength(1)
  })

  test('while Primero does not answer nothing is lost: the run fails, and run again it delivers', async () => {
    const theirs = await theirSite(openfn, file)
    const body = referralMessage(intervention(1))
    theirs.stage.primero.faults.add({ what: { kind: 'answer', status: 503 } })

    await theirs.message(body)
    await theirs.message(body)

    const [first, second] = theirs.ends
    expect(JSON.stringify(first?.final.errors)).toContain('REMOTE_DOWN')
    expect(second?.final).toMatchObject({ records: [{ outcome: 'delivered', code: 'DELIVERED' }] })
    expect(toldDtp(theirs.stage, '990-26-PRTITV-0000001')).toMatchObject([{ status: 'Pending Acknowledgement' }])
  })
})

test('two hundred invented interventions, and what focal points decide on them, end the same on both', {
  timeout: 300_000,
}, async () => {
  const cases = fc.sample(anyIntervention, { numRuns: 200, seed: 6 })
  const batches = Array.from({ length: 20 }, (_, batch) => cases.slice(batch * 10, batch * 10 + 10))
  const ours = await ourSite()
  const theirs = await theirSite(openfn, file)

  for (const { stage, message, run } of [ours, theirs]) {
    await run('send-decisions')
    for (const [batch, changes] of batches.entries()) {
      await message(referralMessage(...changes.map(({ row }, index) => intervention(batch * 10 + index + 1, row))))
    }
    for (const [index, { decision: decided }] of cases.entries()) {
      const number = String(intervention(index + 1).progres_interventionnumber)
      if (decided !== undefined && serviceRows(stage, number).length > 0)
        stage.primero.people.decide(number, decided, decided === 'rejected' ? 'Not in this camp' : undefined)
    }
    await run('send-decisions')
    await run('send-decisions')
  }

  expect(endState(theirs.stage)).toEqual(endState(ours.stage))
  expect(ours.stage.dtp.received.length).toBeGreaterThan(200)
})

/** Good and bad rows, as DTP sends them: some share a child, some lack what is required, some name what is not agreed. */
const anyIntervention = fc.record({
  row: fc.record(
    {
      'individuals.progres_id': fc
        .integer({ min: 1, max: 150 })
        .map((number) => `990-${String(number).padStart(8, '0')}`),
      'individuals.progres_givenname': fc.constantFrom('Nyamal', 'Akello', 'Deng', 'Ñandú', '', null),
      'individuals.progres_dateofbirth': fc.constantFrom(
        '2016-02-29T00:00:00Z',
        '2015-06-01T21:00:00Z',
        '2040-01-01T00:00:00Z',
        null,
      ),
      'individuals.progres_sex': fc.constantFrom('125080000', 125080001, 'Female', 'something'),
      'languages.progres_languagecodeid': fc.constantFrom({ Name: 'Nuer' }, 'Somali', 'Klingon', null),
      'interventiontype.progres_description': fc.constantFrom(
        'Alternative Care',
        'Alternative Care',
        'Something else',
        null,
      ),
      progres_interventiondescription: fc.constantFrom('<p>Needs &amp; wishes</p>', 'plain', null),
    },
    { requiredKeys: [] },
  ),
  decision: fc.constantFrom('accepted', 'rejected', undefined),
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
