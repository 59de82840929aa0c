import { createHash } from 'node:crypto'

/**
 * SHA-256, hex, of what the files of a version say: names and content, not spacing, order of keys or `$schema`.
 * Order of rows counts, and so does a note: it is part of what was agreed.
 *
 * @param files  name of the file → its parsed JSON
 */
export function specificationHash(files: Readonly<Record<string, unknown>>): string {
  const content = Object.entries(files).map(([name, value]): [string, unknown] => [name, withoutSchema(value)])
  return createHash('sha256')
    .update(canonical(Object.fromEntries(content)))
    .digest('hex')
}

function withoutSchema(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).filter(([key]) => key !== '$schema'))
}

/** JSON with sorted keys. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${entries.map(([key, inner]) => `${JSON.stringify(key)}:${canonical(inner)}`).join(',')}}`
}
