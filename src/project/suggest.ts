import { nearest } from '../mapping/nearest.ts'

/** For a name that does not exist: `Did you mean "x"?`, else the known names when they are few. */
export function suggest(name: string, known: Iterable<string>): string | undefined {
  const names = [...known]
  const near = nearest(name, names)
  if (near !== undefined) return `Did you mean "${near}"?`
  return names.length > 0 && names.length <= 12 ? `Known: ${names.join(', ')}.` : undefined
}
