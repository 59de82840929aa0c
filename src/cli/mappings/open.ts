import { ExchangeError } from '../../errors/ExchangeError.ts'
import { type CountryFiles, readCountry } from '../../mapping/country.ts'
import type { VersionContent } from '../../mapping/diff/changes.ts'
import { didYouMean } from '../../mapping/nearest.ts'
import type { SpecificationProblem } from '../../mapping/types.ts'
import { hashOf, readVersion, type VersionFiles } from '../../mapping/version.ts'
import { chooseCountry } from '../../project/country.ts'
import { inOrder, renderProblem } from '../../project/problem.ts'
import { usage } from '../runInput.ts'

export interface CountryOption {
  readonly country?: string
}

export interface OpenCountry extends CountryFiles {
  readonly root: string
  readonly country: string
}

/** The country's folder under `mappings/` of the project here. @throws CONFIGURATION with every problem */
export async function openCountry({ country: asked }: CountryOption): Promise<OpenCountry> {
  const root = process.cwd()
  const chosen = chooseCountry(root, asked ?? process.env.COUNTRY)
  if ('problems' in chosen) throw refused(chosen.problems)
  const { country } = chosen
  if (!/^[a-z0-9-]+$/.test(country))
    throw usage(`"${country}" is no country.`, 'It is the name of a folder in mappings.')
  const files = await readCountry(root, country)
  if ('problems' in files) throw refused(files.problems)
  return { root, country, ...files }
}

export interface OpenVersion {
  readonly version: string
  /** SHA-256 of the files, hex. */
  readonly hash: string
  readonly files: VersionFiles
  readonly content: VersionContent
}

/** One version of the country, held against its schemas and no law: what breaks a law can still be shown. */
export async function openVersion(
  { root, country, folder, versions }: OpenCountry,
  version: string,
): Promise<OpenVersion> {
  if (!versions.includes(version)) {
    throw usage(
      `${country} has no version "${version}".`,
      didYouMean(version, versions) ?? `There is ${versions.join(', ') || 'none'}.`,
    )
  }
  const read = { root, problems: [], jsons: [] }
  const files = await readVersion(read, `${folder}/${version}`)
  const { toPrimero, toDtp, sentences, tables } = files
  if (!toPrimero || !toDtp || !sentences || read.problems.length > 0) throw refused(read.problems)
  const plain = Object.fromEntries(Object.entries(tables).map(([name, { value }]) => [name, value]))
  const content = { toPrimero: toPrimero.value, toDtp: toDtp.value, sentences: sentences.value, tables: plain }
  return { version, hash: hashOf(read, `${folder}/${version}`), files, content }
}

/** Several problems as one error, a line each. */
export function refused(problems: readonly SpecificationProblem[]): ExchangeError {
  const lines = inOrder(problems).map(renderProblem)
  const count = lines.length === 1 ? 'a problem' : `${lines.length} problems`
  return new ExchangeError(`the mapping specification has ${count}.\n${lines.join('\n')}`, {
    code: 'CONFIGURATION',
    retry: 'never',
    hint: 'mappings/README.md says how each file is written.',
  })
}

export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`)
}
