import type { Edit, Piece } from './rope.ts'
import { type AnyNode, isFunction, type Program, walk } from './syntax.ts'

type Call = Extract<AnyNode, { type: 'CallExpression' }>

interface Link {
  readonly name: 'then' | 'catch'
  readonly call: Call
  /** The call that it was called on. */
  readonly on: Call
}

/**
 * `.then()` and `.catch()` on an operation: `_defer(operation, p => p.then(…), handler)`.
 *
 * Only where the script is loaded, arguments of other operations included, not in functions and blocks. A `.catch` right
 * on the operation becomes the third argument and gets `(error, state)`; behind a `.then` it stays in the chain and gets
 * the error alone.
 *
 * @source docs/systems.md §OpenFn/compiler
 */
export function promises(program: Program): readonly Edit[] {
  const edits: Edit[] = []
  const chained = new Set<AnyNode>()
  walk(program, (node, parents) => {
    if (node.type !== 'CallExpression' || chained.has(node)) return
    if (parents.some((parent) => isFunction(parent) || parent.type === 'BlockStatement')) return
    const links = linksOf(node)
    const [first] = links
    if (first === undefined) return
    for (const { call } of links) chained.add(call)
    edits.push({ start: node.start, end: node.end, pieces: deferred(first, links.length > 1, node.end) })
  })
  return edits
}

/** From the operation outwards. */
function linksOf(call: Call): readonly Link[] {
  const { callee } = call
  if (callee.type !== 'MemberExpression' || callee.computed || callee.property.type !== 'Identifier') return []
  const { name } = callee.property
  if ((name !== 'then' && name !== 'catch') || callee.object.type !== 'CallExpression') return []
  return [...linksOf(callee.object), { name, call, on: callee.object }]
}

function deferred({ name, call, on }: Link, hasMore: boolean, end: number): readonly Piece[] {
  const operation = { start: on.start, end: on.end }
  if (name === 'then') return ['_defer(', operation, ', p => p', { start: on.end, end }, ')']
  const rest: readonly Piece[] = hasMore ? [', p => p', { start: call.end, end }] : [', undefined']
  return ['_defer(', operation, ...rest, ...handlerOf(call), ')']
}

function handlerOf({ arguments: given }: Call): readonly Piece[] {
  const [first] = given
  const last = given.at(-1)
  return first === undefined || last === undefined ? [] : [', ', { start: first.start, end: last.end }]
}
