import { expect } from 'vitest'
import { type Stage, setStage } from '../flows/stage.ts'
import { startProxy, type TcpProxy } from './proxy.ts'

type Row = Record<string, unknown>

/** Invented values of children that may be seen in the two systems and nowhere else. */
const canaries = {
  given: 'Cnryngiven',
  family: 'Cnryxfamily',
  phone: '+251900777001',
  note: 'Cnryznote',
  born: '2016-02-27',
}

/** A stage with a proxy before each system. */
export async function setWorld(
  options: Omit<NonNullable<Parameters<typeof setStage>[0]>, 'between'> = {},
): Promise<{ readonly stage: Stage; readonly primero: TcpProxy; readonly dtp: TcpProxy }> {
  const proxies: Partial<Record<'primero' | 'dtp', TcpProxy>> = {}
  const stage = await setStage({
    timeoutMs: 700,
    ...options,
    between: async (url, system) => {
      const proxy = await startProxy(url)
      proxies[system] = proxy
      return proxy.url
    },
  })
  const { primero, dtp } = proxies
  if (primero === undefined || dtp === undefined) throw new Error('There is no proxy.')
  return { stage, primero, dtp }
}

/** Changes of an `intervention` that make its child recognisable wherever it turns up. */
export const marked = (changes: Row = {}): Row => ({
  'individuals.progres_givenname': canaries.given,
  'individuals.progres_familyname': canaries.family,
  'individuals.progres_dateofbirth': `${canaries.born}T00:00:00Z`,
  progres_interventiondescription: canaries.note,
  ...changes,
})

/** A recognisable child of Primero with a service, referred to UNHCR. The first poll has to have been made. */
export function refer({ primero, settings }: Pick<Stage, 'primero' | 'settings'>, changes: Row = {}) {
  const { people } = primero
  const child = people.registerCase({
    name_first: canaries.given,
    name_last: canaries.family,
    sex: 'female',
    date_of_birth: canaries.born,
    telephone_current: canaries.phone,
    ...changes,
  } as never)
  const { id, service } = referAgain({ primero, settings }, child.id)
  return { caseId: child.id, id, service, referralId: `${String(child.case_id)}#${service.slice(-12)}` }
}

/** Another service of the same child, referred to UNHCR too. */
export function referAgain({ primero, settings }: Pick<Stage, 'primero' | 'settings'>, caseId: string) {
  const row = primero.people.addService(caseId, {
    service_type: 'alternative_care',
    service_response_type: 'service_provision',
    service_response_day_time: '2026-05-04T09:00:00.000Z',
    service_referral_notes: canaries.note,
  })
  const service = String(row.unique_id)
  return { service, id: primero.people.refer(caseId, service, settings.unhcr_user).id }
}

/** Bodies of new referrals that DTP received, oldest first. */
export function sentToDtp({ dtp }: Pick<Stage, 'dtp'>): readonly Row[] {
  return dtp.received
    .filter(({ operation }) => operation === 'ReceiveIncomingReferral')
    .map(({ body }) => ({ ...body }))
}

/** Statuses that UNHCR was told of one intervention, oldest first. */
export function statusesTold({ dtp }: Pick<Stage, 'dtp'>, number: string): readonly unknown[] {
  return dtp.received.filter(({ body }) => body.progres_interventionnumber === number).map(({ body }) => body.status)
}

/** Nothing of a child is in the log, in what the exchange keeps in plain text, or in what UNHCR is told in words. */
export async function expectNothingPersonal({ log, store, dtp }: Stage): Promise<void> {
  const feedback = dtp.received.filter(({ operation }) => operation !== 'ReceiveIncomingReferral')
  const seen = JSON.stringify([
    log,
    feedback,
    await store.activity.list({}),
    await store.records.list({}),
    await store.ledger.list({}),
    await store.entries.list({}),
  ])
  for (const canary of Object.values(canaries)) expect(seen).not.toContain(canary)
}
