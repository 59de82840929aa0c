import type { CanarySite } from './site.ts'

/** Addresses that both systems were asked for, without the two look-ups in which Primero may be asked for a number. */
export function addresses({ site }: CanarySite): readonly { readonly system: string; readonly text: string }[] {
  const shown = (system: string, { requests }: CanarySite['site']['primero'] | CanarySite['site']['dtp']) =>
    requests.map(({ path, query }) => {
      const kept = new URLSearchParams(query)
      if (system === 'primero') for (const lookUp of ['unhcr_individual_no', 'case_id']) kept.delete(lookUp)
      return { system, text: `${decodeURIComponent(path)}?${kept.toString()}` }
    })
  return [...shown('primero', site.primero), ...shown('dtp', site.dtp)]
}

/** Attributes of which some canary reached the other system in a body, sorted: the play went where it was to go. */
export function attributesThatArrived({ site, planted }: CanarySite): readonly string[] {
  const bodies = JSON.stringify([...site.primero.requests, ...site.dtp.requests].map(({ body }) => body))
  const arrived = Object.entries(planted.garden.canaries).filter(([, canary]) => bodies.includes(canary))
  return [...new Set(arrived.map(([field]) => /([\w.]+(, the day after)?)( \d+)?$/.exec(field)?.[1] ?? ''))].toSorted()
}
