import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Parsed } from './parse.ts'
import { versionsSchema } from './schema.ts'
import { settingsSchema } from './settings.ts'
import type { Settings, SpecificationProblem } from './types.ts'
import { take } from './version.ts'

/** Days, hashes and sign-offs of the released versions. */
export type Releases = ReturnType<typeof versionsSchema.parse>

export interface CountryFiles {
  /** `mappings/COUNTRY` */
  readonly folder: string
  readonly settings: Parsed<Settings>
  readonly releases: Parsed<Releases>
  /** Versions that have a folder, in the order of their numbers. */
  readonly versions: readonly string[]
}

/** What a country's folder holds beside its versions; or what is wrong with it. */
export async function readCountry(
  root: string,
  country: string,
): Promise<CountryFiles | { readonly problems: readonly SpecificationProblem[] }> {
  const folder = `mappings/${country}`
  const read = { root, problems: [], jsons: [] }
  const settings = await take(read, `${folder}/settings.json`, settingsSchema)
  const releases = await take(read, `${folder}/versions.json`, versionsSchema)
  if (settings === undefined || releases === undefined) return { problems: read.problems }
  return { folder, settings, releases, versions: await versionsIn(join(root, folder)) }
}

/** Names of the version folders, in the order of their numbers. */
export async function versionsIn(path: string): Promise<string[]> {
  const entries = await readdir(path, { withFileTypes: true }).catch(() => [])
  return entries
    .filter((entry) => entry.isDirectory() && /^v[1-9][0-9]*$/.test(entry.name))
    .map((entry) => entry.name)
    .sort((one, other) => Number(one.slice(1)) - Number(other.slice(1)))
}
