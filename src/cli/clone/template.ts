import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readCountry } from '../../mapping/country.ts'
import type { VersionContent } from '../../mapping/diff/changes.ts'
import { loadSpecification } from '../../mapping/load.ts'
import type { Specification } from '../../mapping/types.ts'
import { openVersion, refused } from '../mappings/open.ts'

export interface Template extends Specification {
  /** Folder of the project that is copied. */
  readonly root: string
  /** The files of the version in force, as they are. */
  readonly content: VersionContent
}

/** Folder of this package. */
export const packageRoot = fileURLToPath(new URL('../../../', import.meta.url))

/**
 * The country that a new one starts from: of the project in the current folder, where it has one, so that a clone of a clone
 * keeps its jobs; otherwise of this package.
 *
 * @throws CONFIGURATION with every problem of its specification
 */
export async function readTemplate(country: string): Promise<Template> {
  const here = process.cwd()
  const root =
    existsSync(join(here, 'mappings', country)) && existsSync(join(here, 'project.yaml')) ? here : packageRoot
  const loaded = await loadSpecification(root, country)
  if ('problems' in loaded) throw refused(loaded.problems)
  const files = await readCountry(root, country)
  if ('problems' in files) throw refused(files.problems)
  const { content } = await openVersion({ root, country, ...files }, loaded.specification.version)
  return { ...loaded.specification, root, content }
}
