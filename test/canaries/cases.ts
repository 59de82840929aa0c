import type { JsonObject } from '../../src/simulator/json.ts'
import { decision } from '../contract/messages.ts'
import { referredChild, services } from '../contract/systems.ts'
import { dtpFaults, echo, primeroFaults } from './faults.ts'
import type { CanarySite } from './site.ts'

const mostRuns = 40

/** The cron workflows, undisturbed and with each fault of both systems; UNHCR's decisions; consent withdrawn after sending. */
export async function playCases(canaries: CanarySite): Promise<void> {
  const { site } = canaries
  await site.run('send-referrals')
  const delivered = Array.from({ length: 3 }, (_, n) => refer(canaries, n))
  await site.run('send-referrals')
  await disturbed(canaries, 'send-referrals', (n) => refer(canaries, 10 + n))
  await decideHere(canaries)
  await decideThere(canaries, delivered.slice(0, 1))
  for (const { child } of delivered.slice(1)) site.primero.people.withdrawConsent(child.id)
  site.primero.faults.add({ match: { method: 'GET' }, what: echo(canaries, 500) })
  await site.run('watch-consent')
  await site.run('watch-consent')
}

function refer({ site, planted }: CanarySite, n: number): ReturnType<typeof referredChild> {
  const fields: JsonObject = {
    name_first: 'x',
    name_middle: 'x',
    name_last: 'x',
    name_nickname: 'x',
    date_of_birth: '2014-01-01',
    address_current: 'x',
    telephone_current: 'x',
    unhcr_individual_no: `${n}`,
    unhcr_id_no: 'x',
    other_notes: 'x',
  }
  return referredChild(site.primero, site.settings.unhcr_user, {
    fields: { ...planted.garden.plant(`child ${n}`, fields), owned_by: 'cw1' },
    service: planted.garden.plant(`child ${n}`, { service_referral_notes: 'x' }),
  })
}

/** Runs with a new record for each fault of DTP, then with each fault of Primero's reads. */
async function disturbed(canaries: CanarySite, workflow: string, prepare: (n: number) => unknown): Promise<void> {
  const { site } = canaries
  for (const plant of [() => dtpFaults(canaries, workflow), () => primeroFaults(canaries, workflow, 'GET')]) {
    const faults = plant()
    for (let n = 0; n < mostRuns && faults.some(({ struck }) => struck === 0); n++) {
      for (let k = 0; k < 3; k++) prepare(3 * n + k)
      await site.run(workflow)
    }
    site.dtp.faults.clear()
    site.primero.faults.clear()
  }
}

/** Focal points answer what came from proGres, in words. */
async function decideHere(canaries: CanarySite): Promise<void> {
  const { site, planted } = canaries
  const numbers = site.primero.content
    .cases()
    .flatMap(services)
    .map((row) => String(row.progres_interventionnumber))
    .filter((number) => number.startsWith('990-'))
  const decide = () => {
    const number = numbers.pop()
    if (number === undefined) return
    const reason = planted.garden.add(`reason for ${number} unhcr_referral_rejection_reason`, 'word')
    site.primero.people.decide(number, 'rejected', reason)
  }
  decide()
  await site.run('send-decisions')
  await disturbed(canaries, 'send-decisions', decide)
}

/** UNHCR answers ours, with a comment; Primero fails while it is put down. */
async function decideThere(
  { site, planted, ...rest }: CanarySite,
  referrals: readonly ReturnType<typeof referredChild>[],
): Promise<void> {
  for (const { referralId } of referrals) {
    const comment = planted.garden.add('comment progres_interoperabilityreferralrejectionomment', 'word')
    site.primero.faults.add({ match: { method: 'PATCH' }, what: echo({ site, planted, ...rest }, 422) })
    const rejected = {
      progres_reviewdecision: '125080001',
      progres_interoperabiltyreferralrejectionreason: '125080000',
      progres_interoperabilityreferralrejectionomment: comment,
    }
    const { id } = await site.deliver(decision(referralId, rejected))
    await site.api('POST', `/api/entries/${id}/replay`)
    await site.settled(id, 'done', 'stuck')
    site.primero.faults.clear()
  }
}
