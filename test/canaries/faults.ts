import type { Mishap, PlantedFault } from '../../src/simulator/faults.ts'
import type { CanarySite } from './site.ts'

/** An answer that tells back everything that was ever asked, as servers do when they fail. */
export function echo({ planted }: CanarySite, status: number, type: 'json' | 'html' = 'json'): Mishap {
  const { canaries } = planted.garden
  const texts = Object.values(canaries)
  const body =
    type === 'json'
      ? { errors: [{ status, message: texts, detail: texts.join(' ') }], ...canaries }
      : `<!DOCTYPE html><html><body><h1>${status}</h1><pre>${texts.join('\n')}</pre></body></html>`
  return {
    kind: 'answer',
    status,
    headers: { 'content-type': type === 'json' ? 'application/json' : 'text/html' },
    body,
  }
}

const cut: readonly Mishap[] = [
  { kind: 'reset', when: 'before-answering' },
  { kind: 'reset', when: 'while-answering' },
  { kind: 'truncate' },
  { kind: 'hang' },
]

/** What Primero may do to a request of this kind, each once; `when` it happens is for whoever reads the name. */
export function primeroFaults(canaries: CanarySite, when: string, method: string): readonly PlantedFault[] {
  const { faults } = canaries.site.primero
  const answers = [echo(canaries, 500), echo(canaries, 500, 'html'), echo(canaries, 200, 'html'), echo(canaries, 422)]
  return planted(canaries, [...answers, ...cut], (what, n) =>
    faults.add({ name: `${when}: Primero's ${n} to ${method}`, match: { method }, what }),
  )
}

/** What DTP may do to a message, each once. */
export function dtpFaults(canaries: CanarySite, when: string): readonly PlantedFault[] {
  const { faults } = canaries.site.dtp
  const answers = [400, 500, 401, 403].map((status) => echo(canaries, status))
  const pages = [502, 403].map((status) => echo(canaries, status, 'html'))
  return planted(canaries, [...answers, ...pages, ...cut], (what, n) =>
    faults.add({ name: `${when}: DTP's ${n}`, what }),
  )
}

function planted(
  { faults }: CanarySite,
  mishaps: readonly Mishap[],
  add: (what: Mishap, n: number) => PlantedFault,
): readonly PlantedFault[] {
  const added = mishaps.map(add)
  faults.push(...added)
  return added
}
