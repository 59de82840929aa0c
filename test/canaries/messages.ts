import { ask } from '../contract/ask.ts'
import { until } from '../contract/until.ts'
import { dtpFaults, echo, primeroFaults } from './faults.ts'
import type { CanarySite } from './site.ts'

const ended = ['done', 'stuck']

/** Posts every message of proGres: while Primero fails to create their cases, undisturbed, and with each other fault of both systems. */
export async function playMessages(canaries: CanarySite): Promise<void> {
  const { primero, dtp } = canaries.site
  primeroFaults(canaries, 'messages', 'POST')
  await deliver(canaries, 1)
  primero.faults.clear()
  await deliver(canaries, 0)
  for (const [n, method] of ['GET', 'PATCH'].entries()) {
    primeroFaults(canaries, 'messages', method)
    await deliver(canaries, n + 2)
    primero.faults.clear()
  }
  dtpFaults(canaries, 'messages')
  await deliver(canaries, 4)
  dtp.faults.clear()
}

/** A message that waits: Primero says when to come again. Its payload is in the store, encrypted, for the rest of the play. */
export async function playOneThatWaits(canaries: CanarySite): Promise<string> {
  const { site } = canaries
  const later = { ...echo(canaries, 503), headers: { 'retry-after': '3000' } }
  site.primero.faults.add({ match: { method: 'GET' }, times: Number.POSITIVE_INFINITY, what: later as never })
  const id = await post(canaries, again(canaries.planted.progres['referral-v7-production-like.json'], 7))
  await site.settled(id, 'waiting')
  site.primero.faults.clear()
  return id
}

async function deliver(canaries: CanarySite, round: number): Promise<void> {
  const ids: string[] = []
  for (const message of Object.values(canaries.planted.progres)) ids.push(await post(canaries, again(message, round)))
  await until('all entries to end', async () => {
    const { entries } = await canaries.site.get<{ entries: readonly { id: string; state: string }[] }>(
      '/api/entries?limit=500',
    )
    const open = entries.filter(({ id, state }) => ids.includes(id) && !ended.includes(state))
    return open.length === 0 ? true : undefined
  })
}

/** The same children with other interventions: the same message again would be no new entry. */
function again(message: unknown, round: number): string {
  return JSON.stringify(message).replaceAll(/(PRTITV-)0(\d{6})/g, `$1${round}$2`)
}

async function post({ site }: CanarySite, body: string): Promise<string> {
  const { status, text } = await ask(`${site.exchange.address}/i/dtp-inbox`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': site.token },
    body,
  })
  if (status !== 200) throw new Error(`A message was answered ${status}.`)
  return JSON.parse(text).work_order_id
}

/** Primero refuses the account, and all work with it stops. */
export async function playRefusedAccount(canaries: CanarySite): Promise<void> {
  const { site } = canaries
  site.primero.faults.add({ times: Number.POSITIVE_INFINITY, what: echo(canaries, 401) })
  await site.run('send-decisions')
  await until('the alert', () => (site.alerts().includes('CREDENTIALS_REFUSED') ? true : undefined))
}
