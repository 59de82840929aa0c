import type { Site } from '../crash/site.ts'

/** Does what a person would: asks UNHCR for each referral in doubt, and settles it. How many there were. */
export async function settleDoubts(site: Site): Promise<number> {
  const doubts = site.rows(`select key from ledger where state = 'in_doubt'`).map(({ key }) => String(key))
  for (const effect of doubts) {
    const referral = site.primero.content.referral(effect.slice('dtp/referral/'.length))
    const found = referral && site.primero.content.case(referral.record_id)
    const id = `${found?.case_id}#${String(referral?.service_record_id).slice(-12)}`
    await site.settle(
      effect,
      site.dtp.received.some(({ body }) => body.id === id),
    )
  }
  await site.quiet()
  return doubts.length
}
