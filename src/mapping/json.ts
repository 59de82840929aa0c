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
 * The parser is YAML's, which keeps positions and holds JSON within it; `JSON.parse` then refuses what only YAML allows.
 */
export function parseJson(file: string, text: string): JsonFile | { problems: SpecificationProblem[] } {
  const lines = new LineCounter()
  const json = text.replace(/^\uFEFF/, ' ')
  const document = parseDocument(json, { lineCounter: lines, schema: 'json', prettyErrors: false, uniqueKeys: true })
  if (document.errors.length > 0) {
    return {
      problems: document.errors.map((error) => ({ file, ...place(lines, error.pos[0]), message: error.message })),
    }
  }
  let value: unknown
  try {
    value = JSON.parse(json)
  } catch (error) {
    const offset = /position (\d+)/.exec(String(error))?.[1]
    const at = offset === undefined ? {} : place(lines, Number(offset))
    return {
      problems: [{ file, ...at, message: 'This is no JSON: comments, unquoted names and trailing commas are not.' }],
    }
  }
  const at = (path: JsonPath): number => {
    for (let length = path.length; length >= 0; length -= 1) {
      const node = length === 0 ? document.contents : document.getIn(path.slice(0, length), true)
      if (isNode(node) && node.range) return node.range[0]
    }
    return 0
  }
  const atKey = (path: JsonPath, key: string): number => {
    const map = path.length === 0 ? document.contents : document.getIn(path, true)
    const found = isMap(map) ? map.items.find(({ key: node }) => isScalar(node) && node.value === key)?.key : undefined
    return isNode(found) && found.range ? found.range[0] : at(path)
  }
  const problem = (offset: number, message: string, hint: string | undefined): SpecificationProblem => ({
    file,
    ...place(lines, offset),
    message,
    ...(hint === undefined ? {} : { hint }),
  })
  return {
    file,
    value,
    problem: (path, message, hint) => problem(at(path), message, hint),
    problemAtKey: (path, key, message, hint) => problem(atKey(path, key), message, hint),
  }
}

function place(lines: LineCounter, offset: number) {
  const { line, col } = lines.linePos(offset)
  return { line, column: col }
}
