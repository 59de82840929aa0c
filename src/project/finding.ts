import type { z } from 'zod'
import { suggest } from './suggest.ts'

export type Path = readonly (string | number)[]

/** Something wrong at a place of project.yaml, before the place has a line. */
export interface Finding {
  readonly at: Path
  /** Said of the key, not of its value. */
  readonly ofKey?: boolean
  /** The end of a sentence that begins with the path. */
  readonly message: string
  readonly hint?: string
}

/** A value and the path at which it was written. */
export interface Placed<T> {
  readonly value: T
  readonly at: Path
}

/** `workflows.dtp-inbox.edges."a.b".target_job`, `workflows[0].steps[2]`. */
export function renderPath(path: Path): string {
  return path
    .map((part, index) => {
      if (typeof part === 'number') return `[${part}]`
      const shown = /[.\s"[\]]|^$/.test(part) ? JSON.stringify(part) : part
      return index === 0 ? shown : `.${shown}`
    })
    .join('')
}

/**
 * Parses one element of the file and notes everything wrong with it; undefined when it cannot be used.
 * A key that OpenFn does not know is noted, as its server refuses it, and does not hinder the rest.
 */
export function parseElement<S extends z.ZodObject>(
  schema: S,
  { value, at }: Placed<unknown>,
  findings: Finding[],
): z.output<S> | undefined {
  const known = Object.keys(schema.shape)
  if (isRecord(value)) {
    const foreign = Object.keys(value).filter((key) => !known.includes(key))
    findings.push(...foreign.map((key) => foreignKey([...at, key], key, known)))
  }
  const result = schema.safeParse(value, { error: describe })
  if (result.success) return result.data
  findings.push(...result.error.issues.map((issue) => fromIssue(issue, value, at)))
  return undefined
}

/** Entries of a section that may be absent or empty; a note if it is no map. */
export function entriesOf({ value, at }: Placed<unknown>, findings: Finding[]): readonly [string, Placed<unknown>][] {
  if (value === undefined || value === null) return []
  if (isRecord(value)) return Object.entries(value).map(([key, inside]) => [key, { value: inside, at: [...at, key] }])
  findings.push({ at, message: 'must be a map of keys and values.' })
  return []
}

/** Items of a list that may be absent or empty; a note if it is no list. */
export function itemsOf({ value, at }: Placed<unknown>, findings: Finding[]): readonly Placed<unknown>[] {
  if (value === undefined || value === null) return []
  if (Array.isArray(value)) return value.map((inside: unknown, index) => ({ value: inside, at: [...at, index] }))
  findings.push({ at, message: 'must be a list.' })
  return []
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function foreignKey(at: Path, key: string, known: readonly string[]): Finding {
  const hint = suggest(key, known)
  return { at, ofKey: true, message: 'OpenFn has no such key here.', ...(hint === undefined ? {} : { hint }) }
}

function fromIssue(issue: z.core.$ZodIssue, value: unknown, at: Path): Finding {
  const inside = issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part))
  const wrong = inside.reduce<unknown>((found, part) => (isRecord(found) ? found[part] : undefined), value)
  const hint =
    issue.code === 'invalid_value' && typeof wrong === 'string' ? suggest(wrong, issue.values.map(String)) : undefined
  return { at: [...at, ...inside], message: issue.message, ...(hint === undefined ? {} : { hint }) }
}

const kinds: Readonly<Record<string, string>> = {
  string: 'a text',
  boolean: 'true or false',
  number: 'a number',
  int: 'a whole number',
  object: 'a map of keys and values',
  array: 'a list',
}

/** Messages for what zod finds; those written in a schema go before. */
function describe(issue: z.core.$ZodRawIssue): string {
  if (issue.code === 'invalid_type' && (issue.input === undefined || issue.input === null)) return 'is missing.'
  if (issue.code === 'invalid_type') return `must be ${kinds[issue.expected] ?? issue.expected}.`
  if (issue.code === 'invalid_value' && issue.input === undefined) return 'is missing.'
  if (issue.code === 'invalid_value') return `is none of ${issue.values.map(String).join(', ')}.`
  if (issue.code === 'too_big') return `is longer than ${issue.maximum} characters.`
  if (issue.code === 'too_small') return 'is empty.'
  return 'is not as OpenFn wants it.'
}
