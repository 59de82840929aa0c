import { isAlias, isMap, isPair, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml'
import type { Path } from './finding.ts'
import type { Problem } from './types.ts'

export interface Place {
  /** 1-based, as editors count. */
  readonly line: number
  readonly column: number
}

/** A YAML text as plain data that still knows where everything was written. */
export interface Source {
  readonly value: unknown
  /** The file in which this path is written, as it was named to `readSource`. */
  file(path: Path): string
  /** Where the value at this path stands: the value itself if it is written on one line, else its key. */
  place(path: Path): Place
  keyPlace(path: Path): Place
  /** Where a text begins whose lines are lines of the file (`|`, or on one line); undefined for any other value. */
  textPlace(path: Path): Place | undefined
}

/** Reads YAML 1.2. Syntax errors come all at once; only then is there no source. */
export function readSource(file: string, text: string): { readonly source: Source } | { readonly problems: Problem[] } {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  const placeOf = (offset: number): Place => {
    const { line, col } = lines.linePos(offset)
    return { line, column: col }
  }
  const problems = document.errors.map(({ pos, message }) => ({
    file,
    ...placeOf(pos[0]),
    message: `this is no YAML: ${message.trim()}`.replace(/[^.]$/, '$&.'),
  }))
  if (problems.length > 0) return { problems }

  const find = (path: Path) => walk(document.contents, path)
  return {
    source: {
      value: document.toJS() ?? {},
      file: () => file,
      place(path) {
        const { key, value } = find(path)
        return placeOf(offsetOf(isScalar(value) && value.value !== null ? value : (key ?? value)))
      },
      keyPlace(path) {
        const { key, value } = find(path)
        return placeOf(offsetOf(key ?? value))
      },
      textPlace(path) {
        const { value } = find(path)
        if (!isScalar(value) || typeof value.value !== 'string') return undefined
        if (value.type === 'PLAIN' || value.type?.startsWith('QUOTE')) {
          const quote = value.type === 'PLAIN' ? 0 : 1
          return value.value.includes('\n') ? undefined : placeOf(offsetOf(value) + quote)
        }
        if (value.type !== 'BLOCK_LITERAL') return undefined
        const line = placeOf(offsetOf(value)).line + 1
        const [indent = ''] = /^ */.exec(text.split('\n')[line - 1] ?? '') ?? []
        return { line, column: indent.length + 1 }
      },
    },
  }
}

interface Found {
  readonly key: unknown
  readonly value: unknown
}

/** The last node on the path that exists: for a missing key, that is the thing in which it is missing. */
function walk(root: unknown, path: Path): Found {
  let found: Found = { key: undefined, value: root }
  for (const part of path) {
    const inside = child(found.value, part)
    if (inside === undefined) return { key: found.key, value: undefined }
    found = inside
  }
  return found
}

function child(node: unknown, part: string | number): Found | undefined {
  if (isMap(node)) {
    const pair = node.items.find(
      (item) => isPair(item) && isScalar(item.key) && String(item.key.value) === String(part),
    )
    return pair === undefined ? undefined : { key: pair.key, value: pair.value }
  }
  if (isSeq(node) && typeof part === 'number') {
    const item = node.items[part]
    return item === undefined ? undefined : { key: item, value: item }
  }
  return undefined
}

function offsetOf(node: unknown): number {
  return isNode(node) ? (node.range?.[0] ?? 0) : 0
}

function isNode(node: unknown): node is Node {
  return isMap(node) || isSeq(node) || isScalar(node) || isAlias(node)
}
