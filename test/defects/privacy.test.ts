import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { intervention, outcomesOf, referralMessage, type Stage, setStage } from '../flows/stage.ts'
import { referToUnhcr } from './child.ts'

const run = promisify(execFile)

/** One mark for every personal value that either system may send. */
const canaries = {
  given: 'Canarygiven',
  family: 'Canaryfamily',
  nickname: 'Canarynick',
  note: 'Canarynote',
  address: 'Canaryaddress',
  individualNo: '990-99887766',
  group: '990-26-77665',
  phone: '+251900000098',
  officer: 'canary.officer@example.org',
  comment: 'Canarycomment',
  birth: '2013-03-07',
}
const marks = Object.values(canaries)

const canaryIntervention = (number: number, changes = {}) =>
  intervention(number, {
    progres_interventiondescription: `<p>${canaries.note}</p>`,
    'user.internalemailaddress': canaries.officer,
    'individuals.progres_id': canaries.individualNo,
    'individuals.progres_registrationgroupid': { Name: canaries.group },
    'individuals.progres_givenname': canaries.given,
    'individuals.progres_familyname': canaries.family,
    'individuals.progres_commonyusedname': canaries.nickname,
    'individuals.progres_dateofbirth': `${canaries.birth}T00:00:00Z`,
    'individuals.progres_primaryphonenumber': canaries.phone,
    'individuals.progres_coalocationlevel6': canaries.address,
    ...changes,
  })

const canaryChild = {
  name_first: canaries.given,
  name_last: canaries.family,
  name_nickname: canaries.nickname,
  date_of_birth: canaries.birth,
  address_current: canaries.address,
  telephone_current: canaries.phone,
  unhcr_individual_no: canaries.individualNo,
}

describe('D29, D60, D90: numbers, bodies and whole cases stood in logs and in the history of runs', () => {
  it('no personal value is in the log at level debug or in the store, whatever went right or wrong', async () => {
    const stage = await setStage()
    await Promise.all([stage.run('send-referrals'), stage.run('send-decisions')])
    const echo = { kind: 'answer', body: { errors: [{ detail: marks, message: marks.join(' ') }] } } as const
    stage.primero.faults.add({ match: { method: 'POST' }, after: 1, what: { ...echo, status: 422 } })
    stage.primero.faults.add({ match: { method: 'POST' }, after: 1, what: { ...echo, status: 500 } })
    stage.dtp.faults.add({ after: 1, what: { ...echo, status: 400 } })
    const messages = [1, 2, 3, 4].map((number) =>
      canaryIntervention(number, { 'individuals.progres_id': `${canaries.individualNo}${number}` }),
    )

    const { id } = await stage.accept(referralMessage(...messages, canaryIntervention(5, { request: canaries.note })))
    const first = await stage.work()
    stage.primero.people.decide(deliveredIn(stage), 'rejected', canaries.comment)
    const referral = referToUnhcr(stage, { fields: canaryChild, service: { service_referral_notes: canaries.note } })
    stage.dtp.faults.add({ times: 4, what: { ...echo, status: 503 } })
    const later = [...(await stage.run('send-decisions')), ...(await stage.run('send-referrals'))]
    await stage.accept({ request_type: 'PrimeroIncomingReferralDecision', interventions: [{ note: canaries.note }] })
    await stage.accept({ request_type: canaries.note, interventions: [canaryIntervention(6)] })
    await stage.work()

    const codes = new Set([...first, ...later].flatMap(({ outcomes }) => outcomes.map(({ code }) => code)))
    expect(codes).toEqual(new Set(['DELIVERED', 'PRIMERO_REJECTED', 'REMOTE_DOWN', 'FEEDBACK_REFUSED']))
    expect((await stage.entry(id)).state).toBe('waiting')
    expect(outcomesOf(later)).toMatchObject({ [referral.id]: 'waiting REMOTE_DOWN' })
    expect(stage.log.length).toBeGreaterThan(20)
    expect(marks.filter((mark) => stage.log.join('').includes(mark))).toEqual([])
    expect(await foundIn(stage.folder, marks)).toEqual([])
    expect(await foundIn(stage.folder, [referral.id])).not.toEqual([])
  })

  it('what is kept of a referral that waits is its ids; a poll asks for no more than the owner', async () => {
    const stage = await setStage()
    await stage.run('send-referrals')
    const { id, caseId } = referToUnhcr(stage, { fields: canaryChild })
    stage.dtp.faults.add({ what: { kind: 'answer', status: 503 } })

    await stage.run('send-referrals')

    const [kept] = await stage.store.records.list({})
    expect(kept?.ids).toEqual({ case: caseId, referral: id, effect: `dtp/referral/${id}` })
    const lists = stage.primero.requests.filter(({ path, query }) => path.endsWith('/cases') && query.has('order_by'))
    expect(new Set(lists.map(({ query }) => query.get('fields')))).toEqual(
      new Set(['owned_by,associated_user_names,last_updated_at']),
    )
  })
})

function deliveredIn({ primero }: Stage): string {
  const rows = primero.content.cases().flatMap((data) => data.services_section ?? [])
  const numbers = rows.flatMap((row) => (typeof row === 'object' && row !== null && 'unique_id' in row ? [row] : []))
  return String(numbers[0]?.progres_interventionnumber)
}

/** Those of the texts that stand in the files of the store. Read by another process: closing a file that SQLite holds open drops its locks. */
async function foundIn(folder: string, texts: readonly string[]): Promise<readonly string[]> {
  const patterns = texts.flatMap((text) => ['-e', text])
  const { stdout } = await run('grep', ['-rhoaF', ...patterns, folder]).catch((error: { code: number }) => {
    if (error.code !== 1) throw error
    return { stdout: '' }
  })
  return stdout.split('\n').filter((line) => line !== '')
}
