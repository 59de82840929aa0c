import { join } from 'node:path'
import { specificationHash } from './hash.ts'
import type { Earlier } from './laws/meaning.ts'
import type { Parsed } from './parse.ts'
import { jsonNames, readJson } from './read.ts'
import type { SpecificationProblem } from './types.ts'
import { readVersion } from './version.ts'

interface Versions {
  readonly released: Readonly<Record<string, { readonly hash: string }>>
}

/**
 * Whether every released version still says what it said when it was released: the one in force, and those before, by
 * which old runs are explained.
 */
export async function releaseProblems(
  root: string,
  folder: string,
  { value, json }: Parsed<Versions>,
): Promise<SpecificationProblem[]> {
  const problems: SpecificationProblem[] = []
  for (const [version, { hash }] of Object.entries(value.released)) {
    const now = await versionHash(root, `${folder}/${version}`)
    if (now === hash) continue
    const path = ['released', version, 'hash']
    if (now === undefined) {
      problems.push(json.problem(path, `Version ${version} is released, but ${folder}/${version} cannot be read.`))
      continue
    }
    const message = `Version ${version} is released and was edited since: its content is now ${now}.`
    problems.push(json.problem(path, message, await wayOut(root, folder, version)))
  }
  return problems
}

/** The release with the highest number below a version's: what both agencies have used before it. */
export async function earlierRelease(
  { root, folder, released }: { readonly root: string; readonly folder: string; readonly released: readonly string[] },
  version: string,
): Promise<Earlier | undefined> {
  const numbers = released.map((name) => Number(name.slice(1))).filter((number) => number < Number(version.slice(1)))
  if (numbers.length === 0) return undefined
  const before = `v${Math.max(...numbers)}`
  const { tables } = await readVersion({ root, problems: [], jsons: [] }, `${folder}/${before}`)
  return { version: before, tables }
}

/** Hash of what the files of a version say (`specificationHash`); undefined where one cannot be read or there is none. */
export async function versionHash(root: string, folder: string): Promise<string | undefined> {
  const files: Record<string, unknown> = {}
  for (const name of await jsonNames(join(root, folder))) {
    const json = await readJson(root, `${folder}/${name}.json`)
    if ('problems' in json) return undefined
    files[`${name}.json`] = json.value
  }
  return Object.keys(files).length === 0 ? undefined : specificationHash(files)
}

async function wayOut(root: string, folder: string, version: string): Promise<string> {
  let next = Number(version.slice(1)) + 1
  while ((await jsonNames(join(root, folder, `v${next}`))).length > 0) next += 1
  return `Undo the change in ${folder}/${version}; copy it to ${folder}/v${next}, change that, and name v${next} in settings.json.`
}
