import { z } from 'zod'
import type { JsonFile } from './json.ts'
import { parse } from './parse.ts'
import { isActive } from './translate.ts'
import type { Direction, NoMap, Relationship, SpecificationProblem, TableRow, ValueTable } from './types.ts'

interface Origin {
  readonly country: string
  readonly version: string
  /** `YYYY-MM-DD`; absent: a draft. */
  readonly releasedOn?: string | undefined
}

const systems = { progres: 'urn:progres:code', primero: 'urn:primero:option' } as const
const extensions = {
  /** `refuse` or `hold`: R5 has no word for a code that stops a message. */
  unmapped: 'urn:primero-progres-exchange:on-unmapped',
  /** Number of the row in the table, from 1: a row of both directions is in both groups. */
  row: 'urn:primero-progres-exchange:row',
} as const

/**
 * A value table as a FHIR R5 ConceptMap: a group for each direction. Relationships are read from the group's source to its
 * target, so those of the way out are turned round.
 */
export function toConceptMap(table: ValueTable, { country, version, releasedOn }: Origin): object {
  return {
    resourceType: 'ConceptMap',
    id: `${country}-${table.name}-${version}`,
    url: `urn:primero-progres-exchange:${country}:${table.name}`,
    version,
    name: table.name,
    title: `${table.name} (${country})`,
    status: releasedOn === undefined ? 'draft' : 'active',
    ...(releasedOn === undefined ? {} : { date: releasedOn }),
    publisher: table.owner,
    ...(table.note === undefined ? {} : { description: table.note }),
    group: table.directions.map((direction) => groupOf(table, direction)),
  }
}

function groupOf(table: ValueTable, direction: Direction) {
  const isIn = direction === 'to-primero'
  const unmapped = table.unmapped[direction]
  const mapped = table.rows.flatMap((row, index) =>
    isActive(table, row, direction) ? [element(row, index, isIn)] : [],
  )
  const none = (table.noMap ?? [])
    .filter((one) => one.direction === direction)
    .map(({ code, note }) => ({ code, display: note, noMap: true }))
  return {
    ...(typeof unmapped === 'string' ? { extension: [{ url: extensions.unmapped, valueCode: unmapped }] } : {}),
    source: isIn ? systems.progres : systems.primero,
    target: isIn ? systems.primero : systems.progres,
    element: [...mapped, ...none],
    ...(typeof unmapped === 'object' ? { unmapped: { mode: 'fixed', code: unmapped.use } } : {}),
  }
}

function element({ progres, primero, label, relationship, note }: TableRow, index: number, isIn: boolean) {
  const display = label === undefined ? {} : { display: label }
  const comment = note === undefined ? {} : { comment: note }
  const extension = [{ url: extensions.row, valueInteger: index + 1 }]
  return isIn
    ? { extension, code: progres, target: [{ code: primero, ...display, relationship, ...comment }] }
    : {
        extension,
        code: primero,
        ...display,
        target: [{ code: progres, relationship: turned(relationship), ...comment }],
      }
}

function turned(relationship: Relationship): Relationship {
  if (relationship === 'equivalent') return relationship
  return relationship === 'source-is-narrower-than-target'
    ? 'source-is-broader-than-target'
    : 'source-is-narrower-than-target'
}

const extension = z.array(
  z.looseObject({ url: z.string(), valueCode: z.string().optional(), valueInteger: z.int().optional() }),
)
const relationship = z.enum(['equivalent', 'source-is-narrower-than-target', 'source-is-broader-than-target'])

/** As much of R5 as a value table can hold; `dependsOn` and `product` would put logic into data. */
const conceptMap = z.looseObject({
  resourceType: z.literal('ConceptMap'),
  name: z.string(),
  publisher: z.string({ error: 'is missing: who decides about this table' }),
  description: z.string().optional(),
  group: z.array(
    z.looseObject({
      extension: extension.optional(),
      source: z.string(),
      target: z.string(),
      element: z.array(
        z.looseObject({
          extension: extension.optional(),
          code: z.string(),
          display: z.string().optional(),
          noMap: z.boolean().optional(),
          target: z
            .array(
              z.looseObject({
                code: z.string(),
                display: z.string().optional(),
                relationship,
                comment: z.string().optional(),
                equivalence: z
                  .never({ error: 'is of R4, where it reads the other way round; give relationship' })
                  .optional(),
                dependsOn: z.never({ error: 'is not taken: a table holds no conditions' }).optional(),
                product: z.never({ error: 'is not taken: a table holds no conditions' }).optional(),
              }),
            )
            .max(1, 'a code has one target')
            .optional(),
        }),
      ),
      unmapped: z.looseObject({ mode: z.literal('fixed'), code: z.string() }).optional(),
    }),
  ),
})

type Group = z.infer<typeof conceptMap>['group'][number]

/** A value table out of an R5 ConceptMap; what cannot be held is a problem with its line and column. */
export function fromConceptMap(
  json: JsonFile,
): { readonly table: ValueTable } | { readonly problems: readonly SpecificationProblem[] } {
  const parsed = parse(json, conceptMap)
  if ('problems' in parsed) return parsed
  const { name, publisher, description, group } = parsed.value
  const directed = group.map((one) => ({ one, direction: directionOf(one) }))
  const foreign = directed.flatMap(({ direction }, index) => {
    if (direction !== undefined) return []
    const message = `group[${index}] must go from ${systems.progres} to ${systems.primero}, or back.`
    return [json.problem(['group', index, 'source'], message)]
  })
  if (foreign.length > 0) return { problems: foreign }
  const known = directed.flatMap(({ one, direction }) => (direction === undefined ? [] : [{ one, direction }]))
  const directions = [...new Set(known.map(({ direction }) => direction))]
  const noMap = known.flatMap(({ one, direction }) => noMapOf(one, direction))
  return {
    table: {
      name,
      directions,
      owner: publisher,
      unmapped: Object.fromEntries(known.map(({ one, direction }) => [direction, unmappedOf(one)])),
      ...(description === undefined ? {} : { note: description }),
      rows: rowsOf(known, directions),
      ...(noMap.length === 0 ? {} : { noMap }),
    },
  }
}

function directionOf({ source, target }: Group): Direction | undefined {
  if (source === systems.progres && target === systems.primero) return 'to-primero'
  return source === systems.primero && target === systems.progres ? 'to-dtp' : undefined
}

function unmappedOf({ unmapped, extension: given }: Group): 'refuse' | 'hold' | { use: string } {
  if (unmapped !== undefined) return { use: unmapped.code }
  // R5 without a word: no translation, which stops the message where a person sees it.
  return given?.find(({ url }) => url === extensions.unmapped)?.valueCode === 'refuse' ? 'refuse' : 'hold'
}

function noMapOf({ element: elements }: Group, direction: Direction): NoMap[] {
  return elements
    .filter((one) => one.noMap === true)
    .map(({ code, display }) => ({ code, direction, note: display ?? 'No counterpart.' }))
}

/** Rows of both groups; two that say the same, one each way, are one row of both directions. */
function rowsOf(
  groups: readonly { readonly one: Group; readonly direction: Direction }[],
  directions: readonly Direction[],
): TableRow[] {
  const found: { readonly order: number; readonly row: TableRow; readonly directions: Direction[] }[] = []
  for (const { one, direction } of groups) {
    for (const entry of one.element) {
      const target = entry.target?.[0]
      if (target === undefined) continue
      const isIn = direction === 'to-primero'
      const label = isIn ? target.display : entry.display
      const row: TableRow = {
        progres: isIn ? entry.code : target.code,
        primero: isIn ? target.code : entry.code,
        ...(label === undefined ? {} : { label }),
        relationship: isIn ? target.relationship : turned(target.relationship),
        ...(target.comment === undefined ? {} : { note: target.comment }),
      }
      const order = entry.extension?.find(({ url }) => url === extensions.row)?.valueInteger ?? found.length + 1
      const same = found.find(
        (other) => JSON.stringify(other.row) === JSON.stringify(row) && !other.directions.includes(direction),
      )
      if (same !== undefined && (entry.extension === undefined || same.order === order)) same.directions.push(direction)
      else found.push({ order, row, directions: [direction] })
    }
  }
  return found
    .sort((a, b) => a.order - b.order)
    .map(({ row, directions: own }) => {
      const { progres, primero, label, relationship: relates, note } = row
      return {
        progres,
        primero,
        ...(label === undefined ? {} : { label }),
        relationship: relates,
        ...(own.length === directions.length ? {} : { directions: own }),
        ...(note === undefined ? {} : { note }),
      }
    })
}
