import type { Parsed } from '../parse.ts'
import type { SpecificationProblem } from '../types.ts'

interface Versions {
  readonly released: Readonly<Record<string, { readonly hash: string }>>
}

/** A released version says for ever what it said when it was released. */
export function versionLaws(
  { value, json }: Parsed<Versions>,
  version: string,
  hash: string,
  folder: string,
): SpecificationProblem[] {
  const release = Object.hasOwn(value.released, version) ? value.released[version] : undefined
  if (release === undefined || release.hash === hash) return []
  const next = folder.replace(/[^/]+$/, `v${Number(version.slice(1)) + 1}`)
  return [
    json.problem(
      ['released', version, 'hash'],
      `Version ${version} is released and was edited since: its content is now ${hash}.`,
      `Undo the change in ${folder}; copy it to ${next}, change it there, and put that version into settings.json.`,
    ),
  ]
}
