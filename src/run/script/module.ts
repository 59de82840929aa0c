import type { Script } from './compile.ts'
import type { AddedImport } from './imports.ts'
import type { TopCall } from './operations.ts'
import { type Piece, type Range, type Rendered, render } from './rope.ts'
import type { AnyNode } from './syntax.ts'

/** The script as OpenFn's compiler writes it: a module whose default export is the list of its operations. */
export function moduleOf({ source, imports, edits, listing, program }: Script): Rendered {
  const { own, calls } = listing
  const hashbang = /^#!.*/.exec(source)?.[0].length ?? 0
  const header: Piece[] = [{ start: 0, end: hashbang }, hashbang > 0 ? '\n' : '', ...imports.map(importOf)]
  const operations = calls.map(({ expression: { start, end } }): Range => ({ start, end }))
  if (own === undefined) {
    const list = ['export default [', ...separated(operations), '];\n']
    return render(source, [...header, ...without(calls, { start: hashbang, end: program.end }), '\n', ...list], edits)
  }
  if (operations.length === 0) return render(source, [...header, { start: hashbang, end: program.end }], edits)
  return render(
    source,
    [...header, ...withOperations(own.declaration, calls, { start: hashbang, end: program.end })],
    edits,
  )
}

/** The source but for these stretches. */
export function without(gone: readonly Range[], { start, end }: Range): readonly Piece[] {
  const kept: Range[] = []
  let position = start
  for (const range of gone) {
    kept.push({ start: position, end: range.start })
    position = range.end
  }
  return [...kept, { start: position, end }]
}

export function separated(ranges: readonly Range[]): readonly Piece[] {
  return ranges.flatMap((range, index) => (index > 0 ? [',\n', range] : [range]))
}

/** A stretch of the source with the operations put behind the last element of the list in it. */
export function withOperations(list: AnyNode, calls: readonly TopCall[], { start, end }: Range): readonly Piece[] {
  const last = list.type === 'ArrayExpression' ? list.elements.at(-1) : undefined
  const bracket = list.end - 1
  const operations = calls.map(({ expression }): Range => ({ start: expression.start, end: expression.end }))
  return [
    ...without(calls, { start, end: last?.end ?? bracket }),
    ...(operations.length > 0 && last ? [',\n'] : []),
    ...separated(operations),
    { start: bracket, end },
  ]
}

function importOf({ specifier, names, all }: AddedImport): string {
  const list = names.map(([there, here]) => (there === here ? here : `${there} as ${here}`)).join(', ')
  const from = JSON.stringify(specifier)
  return `import { ${list} } from ${from};\n${all ? `export * from ${from};\n` : ''}`
}
