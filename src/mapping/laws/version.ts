import type { Settings, SpecificationProblem } from '../types.ts'
import type { VersionFiles } from '../version.ts'
import { fieldLaws } from './fields.ts'
import { type Earlier, meaningLaws } from './meaning.ts'
import { sentenceLaws } from './sentences.ts'
import { tableLaws } from './table.ts'
import { usageLaws } from './usage.ts'

/** Every law of one version, on whatever of it could be read; `earlier` is the release before it. */
export function versionLaws(
  files: VersionFiles,
  settings: Settings,
  earlier: Earlier | undefined,
): SpecificationProblem[] {
  const { folder, toPrimero, toDtp, sentences, tables, isWhole } = files
  const problems = Object.entries(tables).flatMap(([name, table]) => tableLaws(name, table))
  problems.push(...meaningLaws(tables, earlier))
  if (sentences) problems.push(...sentenceLaws(sentences, settings.language))
  // A table that could not be read is one problem; that fields name it is none.
  if (!toPrimero || !toDtp || !isWhole) return problems
  return [
    ...problems,
    ...fieldLaws('to-primero', toPrimero, tables, settings),
    ...fieldLaws('to-dtp', toDtp, tables, settings),
    ...usageLaws(folder, [...toPrimero.value.fields, ...toDtp.value.fields], tables),
  ]
}
