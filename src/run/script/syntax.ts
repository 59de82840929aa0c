import { type AnyNode, type Identifier, type Program, parse } from 'acorn'
import type { Place } from './place.ts'

export type { AnyNode, Identifier, Program }

export type Parsed =
  | { readonly program: Program }
  | { readonly problem: { readonly message: string; readonly place: Place } }

/** Parses a job script as OpenFn does: the newest JavaScript, a module, therefore strict. */
export function parseScript(source: string): Parsed {
  try {
    return { program: parse(source, { ecmaVersion: 'latest', sourceType: 'module', allowHashBang: true }) }
  } catch (error) {
    if (!isSyntaxError(error)) throw error
    const { line, column } = error.loc
    const message = `${error.message.replace(/ \(\d+:\d+\)$/, '')}.`
    return { problem: { message, place: { line, column: column + 1 } } }
  }
}

/** Nodes right below one. */
export function childrenOf(node: AnyNode): readonly AnyNode[] {
  return Object.values(node).flatMap((value: unknown) =>
    Array.isArray(value) ? value.filter(isNode) : isNode(value) ? [value] : [],
  )
}

/** Calls `enter` for a node and everything in it. `parents`: from the program down to the node's parent; copy it to keep it. */
export function walk(node: AnyNode, enter: (node: AnyNode, parents: readonly AnyNode[]) => void): void {
  const parents: AnyNode[] = []
  const visit = (current: AnyNode) => {
    enter(current, parents)
    parents.push(current)
    for (const child of childrenOf(current)) visit(child)
    parents.pop()
  }
  visit(node)
}

export function isFunction(node: AnyNode): boolean {
  return /^(FunctionDeclaration|FunctionExpression|ArrowFunctionExpression)$/.test(node.type)
}

/** The identifier with which an expression such as `a.b(c).d` begins. */
export function rootOf(node: AnyNode): AnyNode {
  switch (node.type) {
    case 'MemberExpression':
      return rootOf(node.object)
    case 'CallExpression':
      return rootOf(node.callee)
    case 'ChainExpression':
      return rootOf(node.expression)
    default:
      return node
  }
}

/** `get`, `collections.get`, `Object.values`, for messages. */
export function nameOf(callee: AnyNode): string {
  if (callee.type === 'Identifier') return callee.name
  if (callee.type !== 'MemberExpression' || callee.computed) return 'a function'
  const { property } = callee
  const name = property.type === 'Identifier' ? property.name : 'a function'
  return callee.object.type === 'Identifier' ? `${callee.object.name}.${name}` : name
}

function isNode(value: unknown): value is AnyNode {
  return (
    typeof value === 'object' && value !== null && 'type' in value && 'start' in value && typeof value.type === 'string'
  )
}

function isSyntaxError(error: unknown): error is SyntaxError & { readonly loc: { line: number; column: number } } {
  return error instanceof SyntaxError && 'loc' in error
}
