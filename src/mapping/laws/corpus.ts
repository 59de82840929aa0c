import { z } from 'zod'
import type { JsonFile, JsonPath } from '../json.ts'
import { didYouMean } from '../nearest.ts'
import { parse } from '../parse.ts'
import { scalarsOf } from '../rules/source.ts'
import { comparable, isActive, source } from '../translate.ts'
import type { Direction, Specification, SpecificationProblem, ValueTable } from '../types.ts'

/** Codes that samples show on purpose to have no counterpart: table → codes. For those of a version that is released. */
const noMapFile = z.strictObject({ note: z.string().exactOptional(), codes: z.record(z.string(), z.array(z.string())) })

export interface Corpus {
  /** Sample messages of the other agency. */
  readonly messages: readonly JsonFile[]
  /** Sample content of the case management system. */
  readonly cases: readonly JsonFile[]
  /** `no-map.json` of the samples. */
  readonly noMap?: JsonFile | undefined
}

/** Every code that a sample holds has a row, is said to have no counterpart, or stands in the samples' `no-map.json`. */
export function corpusLaws(specification: Specification, { messages, cases, noMap }: Corpus): SpecificationProblem[] {
  const declared = noMap === undefined ? undefined : parse(noMap, noMapFile)
  if (declared !== undefined && 'problems' in declared) return declared.problems
  const codes = declared?.value.codes ?? {}
  const seen = [
    ...messages.flatMap((json) => seenIn(json, sourcesOf(specification, 'to-primero'))),
    ...cases.flatMap((json) => seenIn(json, sourcesOf(specification, 'to-dtp'))),
  ]
  const unknown = seen.flatMap(({ json, path, table: name, direction, code }) => {
    const table = specification.tables[name]
    if (table === undefined || isAnswered(table, direction, code) || codes[name]?.includes(code) === true) return []
    const message = `"${code}" has no row in ${name} ${direction}, and nobody decided that it has no counterpart.`
    const hint = didYouMean(code, namesIn(table, direction)) ?? `Add a row to ${name}.json, or name it under "noMap".`
    return [json.problem(path, message, hint)]
  })
  return [...unknown, ...idle(specification, declared, seen)]
}

interface Seen {
  readonly json: JsonFile
  readonly path: JsonPath
  readonly table: string
  readonly direction: Direction
  readonly code: string
}

type Source = Omit<Seen, 'json' | 'path' | 'code'>

/** Key in a sample → table that its value goes through. Decisions have no field rows. */
function sourcesOf({ fields }: Specification, direction: Direction): ReadonlyMap<string, Source> {
  const byField = fields[direction].flatMap(({ from, table }) =>
    table === undefined ? [] : from.map((name): [string, Source] => [keyIn(name, direction), { table, direction }]),
  )
  const byDecision = Object.entries(decisionKeys[direction]).map(([key, table]): [string, Source] => [
    key,
    { table, direction },
  ])
  return new Map([...byField, ...byDecision])
}

/** @source docs/systems.md §DTP/decision-in, §DTP/decision-out */
const decisionKeys: Readonly<Record<Direction, Readonly<Record<string, string>>>> = {
  'to-primero': {
    progres_reviewdecision: 'review-decision',
    progres_interoperabiltyreferralrejectionreason: 'rejection-reason',
    progres_interoperabilityreferralrejectionreason: 'rejection-reason',
  },
  'to-dtp': {},
}

/** A message has flat keys (`individuals.progres_sex`), a case plain ones (`sex` of `case.sex`). */
function keyIn(name: string, direction: Direction): string {
  return direction === 'to-primero' ? name : name.slice(name.indexOf('.') + 1)
}

function seenIn(json: JsonFile, sources: ReadonlyMap<string, Source>): Seen[] {
  const found: Seen[] = []
  const walk = (value: unknown, path: JsonPath) => {
    if (typeof value !== 'object' || value === null) return
    for (const [key, inner] of Object.entries(value)) {
      const here = [...path, Array.isArray(value) ? Number(key) : key]
      const via = Array.isArray(value) ? undefined : sources.get(key)
      if (via === undefined) {
        walk(inner, here)
        continue
      }
      for (const code of scalarsOf(inner)) {
        if (typeof code === 'string') found.push({ json, path: here, ...via, code: comparable(code) })
      }
    }
  }
  walk(json.value, [])
  return found
}

function isAnswered(table: ValueTable, direction: Direction, code: string): boolean {
  if (typeof table.unmapped[direction] === 'object') return true
  const isDecided = table.noMap?.some((one) => one.direction === direction && comparable(one.code) === code)
  return isDecided === true || namesIn(table, direction).includes(code)
}

function namesIn(table: ValueTable, direction: Direction): string[] {
  return table.rows.filter((row) => isActive(table, row, direction)).map((row) => comparable(source(row, direction)))
}

/** A code in `no-map.json` that no sample holds, or that has a row by now, says something that is not so. */
function idle(
  { tables }: Specification,
  declared:
    | { readonly value: { readonly codes: Readonly<Record<string, readonly string[]>> }; json: JsonFile }
    | undefined,
  seen: readonly Seen[],
): SpecificationProblem[] {
  return Object.entries(declared?.value.codes ?? {}).flatMap(([name, codes]) =>
    codes.flatMap((code, index) => {
      const where = seen.filter((one) => one.table === name && one.code === code)
      const table = tables[name]
      const isNeeded = table !== undefined && where.some(({ direction }) => !isAnswered(table, direction, code))
      if (isNeeded) return []
      const message = `"${code}" of ${name} needs no word here: no sample holds it, or it has a row.`
      return declared === undefined ? [] : [declared.json.problem(['codes', name, index], message, 'Remove it.')]
    }),
  )
}
