import { fileURLToPath } from 'node:url'
import { loadSpecification } from '../../src/mapping/load.ts'
import type { Settings, Specification } from '../../src/mapping/types.ts'

const loaded = await loadSpecification(fileURLToPath(new URL('../../', import.meta.url)), 'gambella')
if ('problems' in loaded) throw new Error(JSON.stringify(loaded.problems))

/** The specification of the reference country as it is released. */
export const gambella: Specification = loaded.specification

/** The same with other settings. */
export function gambellaWith(settings: Partial<Settings>): Specification {
  return { ...gambella, settings: { ...gambella.settings, ...settings } }
}
