import { z } from 'zod'
import type { JsonFile, JsonPath } from './json.ts'
import { didYouMean } from './nearest.ts'
import type { SpecificationProblem } from './types.ts'

/** A file of the specification, parsed: what it says, and where it says it. */
export interface Parsed<T> {
  readonly value: T
  readonly json: JsonFile
}

/** Holds a file against its schema: every problem with its place, and for a wrong name the nearest right one. */
export function parse<T>(json: JsonFile, schema: z.ZodType<T>): Parsed<T> | { problems: SpecificationProblem[] } {
  const result = schema.safeParse(json.value)
  if (result.success) return { value: result.data, json }
  return { problems: result.error.issues.flatMap((issue) => problems(json, schema, issue)) }
}

function problems(json: JsonFile, schema: z.ZodType, issue: z.core.$ZodIssue): SpecificationProblem[] {
  const path = issue.path.filter((key) => typeof key !== 'symbol')
  if (issue.code === 'unrecognized_keys') {
    const known = keysAt(z.toJSONSchema(schema, { io: 'input' }), path)
    return issue.keys.map((key) => {
      // A row's rule decides what it takes: a right name may be in the wrong row.
      const isKnown = known.includes(key)
      const message = named(path, isKnown ? `takes no "${key}" with this rule.` : `does not know "${key}".`)
      return json.problemAtKey(path, key, message, isKnown ? undefined : didYouMean(key, known))
    })
  }
  if (issue.code === 'invalid_value') {
    const given = valueAt(json.value, path)
    const values = issue.values.map(String)
    const hint = typeof given === 'string' ? didYouMean(given, values) : undefined
    return [json.problem(path, named(path, `must be one of ${values.join(', ')}.`), hint)]
  }
  if (issue.code === 'invalid_union' && 'options' in issue && Array.isArray(issue.options)) {
    const rules = issue.options.map(String)
    const given = valueAt(json.value, path)
    const hint = typeof given === 'string' ? didYouMean(given, rules) : undefined
    return [json.problem(path, named(path, `must be one of ${rules.join(', ')}.`), hint)]
  }
  return [json.problem(path, named(path, `${issue.message.replace(/^Invalid input: /, '')}.`.replace(/\.\.$/, '.')))]
}

/** `rows[3].relationship must be …` */
function named(path: JsonPath, message: string): string {
  const place = path.reduce<string>(
    (text, key) => (typeof key === 'number' ? `${text}[${key}]` : text === '' ? key : `${text}.${key}`),
    '',
  )
  return place === '' ? `The file ${message}` : `${place} ${message}`
}

/** What stands at a path of parsed JSON or YAML; undefined where there is nothing. */
export function valueAt(value: unknown, path: JsonPath): unknown {
  return path.reduce<unknown>(
    (here, key) =>
      typeof here === 'object' && here !== null && Object.hasOwn(here, key) ? Reflect.get(here, key) : undefined,
    value,
  )
}

/** Names that an object at this path may have, by the JSON Schema. */
function keysAt(schema: unknown, path: JsonPath): string[] {
  let here = [schema]
  for (const key of path) {
    here = here.flatMap(branches).flatMap((branch) => child(branch, key))
  }
  return [...new Set(here.flatMap(branches).flatMap((branch) => Object.keys(objectAt(branch, 'properties'))))]
}

function branches(schema: unknown): unknown[] {
  const options = ['oneOf', 'anyOf'].map((key) => valueAt(schema, [key])).find(Array.isArray)
  return options === undefined ? [schema] : options.flatMap(branches)
}

function child(schema: unknown, key: string | number): unknown[] {
  const inside =
    typeof key === 'number'
      ? valueAt(schema, ['items'])
      : (valueAt(schema, ['properties', key]) ?? valueAt(schema, ['additionalProperties']))
  return inside === undefined ? [] : [inside]
}

function objectAt(schema: unknown, key: string): object {
  const found = valueAt(schema, [key])
  return typeof found === 'object' && found !== null ? found : {}
}
