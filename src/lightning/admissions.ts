import type { Admission } from '../adaptors/http/admission.ts'
import type { System } from '../adaptors/language-exchange/exchange.ts'
import { loginRefused } from '../adaptors/language-primero/token.ts'

/** Within one step only: after a refused account nobody asks again. What other runs do is not known there. */
export function createAdmissions(): (system: System) => Admission {
  const refused = new Set<System>()
  return (system) => ({
    enter: async () => {
      if (refused.has(system)) throw loginRefused()
      return () => {}
    },
    refused: async () => void refused.add(system),
    accepted: async () => {},
  })
}
