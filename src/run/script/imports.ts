import type { KnownModule } from './compile.ts'

export interface AddedImport {
  readonly specifier: string
  /** Name there, name here. */
  readonly names: readonly (readonly [string, string])[]
  /** Everything of it is exported again: so its `execute` becomes the script's. */
  readonly all: boolean
}

/**
 * Imports of the names that a script uses without declaring them, from the first adaptor that has them.
 * An adaptor of which nothing is used is not imported, and its `execute` does not count then.
 *
 * @source docs/systems.md §OpenFn/compiler
 */
export function addedImports(names: readonly string[], adaptors: readonly KnownModule[]): readonly AddedImport[] {
  const wanted = [...new Set(names)]
  return adaptors.flatMap(({ specifier, exports }, index) => {
    const own = wanted.filter(
      (name) => exports.has(name) && !adaptors.slice(0, index).some((earlier) => earlier.exports.has(name)),
    )
    return own.length === 0 ? [] : [{ specifier, names: own.map((name) => [name, name] as const), all: true }]
  })
}
