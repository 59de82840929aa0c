import { isMap, isNode, isScalar, LineCounter, parseDocument } from 'yaml'
import type { SpecificationProblem } from './types.ts'

export type JsonPath = readonly (string | number)[]

/** A JSON file that knows where each of its values was written. */
export interface JsonFile {
  /** Path relative to the project's root. */
  readonly file: string
  readonly value: unknown
  /** A problem at the value of this path, or at the nearest one above it that exists. */
  problem(path: JsonPath, message: string, hint?: string): SpecificationProblem
  /** A problem at the name of a key. */
  problemAtKey(path: JsonPath, key: string, message: string, hint?: string): SpecificationProblem
}

/**
 * Parses JSON with positions: every syntax error and every doubled key at once.
 *
 * Positions come from YAML's parser, which holds JSON within its language. It is slow beside `JSON.parse` and runs only
 * when something has to be shown.
 */
export function parseJson(file: string, text: string): JsonFile | { problems: SpecificationProblem[] } {
  const json = text.replace(/^\uFEFF/, ' ')
  let value: unknown
  try {
    value = JSON.parse(json)
  } catch (error) {
    return { problems: syntaxProblems(file, json, error) }
  }
  if (keysWritten(json) !== keysKept(value)) return { problems: syntaxProblems(file, json, undefined) }

  let places: Places | undefined
  const problem = (offset: (places: Places) => number, message: string, hint: string | undefined) => {
    places ??= placesOf(json)
    return { file, ...places.lineAt(offset(places)), message, ...(hint === undefined ? {} : { hint }) }
  }
  return {
    file,
    value,
    problem: (path, message, hint) => problem((places) => places.value(path), message, hint),
    problemAtKey: (path, key, message, hint) => problem((places) => places.key(path, key), message, hint),
  }
}

function syntaxProblems(file: string, json: string, error: unknown): SpecificationProblem[] {
  const { document, lineAt } = placesOf(json)
  if (document.errors.length > 0) {
    return document.errors.map(({ pos, message }) => ({ file, ...lineAt(pos[0]), message }))
  }
  const offset = /position (\d+)/.exec(String(error))?.[1]
  const message = 'This is no JSON: comments, unquoted names and trailing commas are not.'
  return [{ file, ...(offset === undefined ? {} : lineAt(Number(offset))), message }]
}

/** A doubled key is written twice and kept once: `JSON.parse` says nothing. */
function keysWritten(json: string): number {
  return [...json.matchAll(/"(?:[^"\\]|\\.)*"(\s*:)?/g)].filter(([, colon]) => colon !== undefined).length
}

function keysKept(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0
  const own = Array.isArray(value) ? 0 : Object.keys(value).length
  return Object.values(value).reduce<number>((sum, inner) => sum + keysKept(inner), own)
}

type Places = ReturnType<typeof placesOf>

/** Where things are written in a JSON text, as offsets. */
function placesOf(json: string) {
  const lineCounter = new LineCounter()
  const document = parseDocument(json, { lineCounter, schema: 'json', prettyErrors: false, uniqueKeys: true })
  const nodeAt = (path: JsonPath) => (path.length === 0 ? document.contents : document.getIn(path, true))
  const value = (path: JsonPath): number => {
    const node = nodeAt(path)
    if (isNode(node) && node.range) return node.range[0]
    return path.length === 0 ? 0 : value(path.slice(0, -1))
  }
  const key = (path: JsonPath, name: string): number => {
    const map = nodeAt(path)
    const pair = isMap(map) ? map.items.find((item) => isScalar(item.key) && item.key.value === name) : undefined
    return isNode(pair?.key) && pair.key.range ? pair.key.range[0] : value(path)
  }
  const lineAt = (offset: number) => {
    const { line, col } = lineCounter.linePos(offset)
    return { line, column: col }
  }
  return { document, value, key, lineAt }
}
