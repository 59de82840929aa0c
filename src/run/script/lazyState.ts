import type { FreeName } from './names.ts'
import type { Edit } from './rope.ts'
import { type AnyNode, isFunction, nameOf, rootOf } from './syntax.ts'
import type { Trouble } from './trouble.ts'

interface Lazy {
  readonly edits: readonly Edit[]
  readonly troubles: readonly Trouble[]
}

/**
 * `$.x` inside an argument of an operation: the argument becomes `state => …` with `$` as `state`.
 *
 * As in OpenFn the *nearest* call around `$` gets the function. Where that call cannot want one (a method of the value, a
 * function of the language), OpenFn makes code that fails later or sends a function's text; here it is refused.
 *
 * @param dollars      uses of `$` that no `$` of the script's own is meant by
 * @param isOfLanguage whether a name is one of JavaScript's own, and nobody's here
 * @source docs/systems.md §OpenFn/compiler
 */
export function lazyState(dollars: readonly FreeName[], isOfLanguage: (name: string) => boolean): Lazy {
  const edits: Edit[] = []
  const troubles: Trouble[] = []
  const wrapped = new Set<AnyNode>()
  for (const { node, parents } of dollars) {
    const found = argumentOf(node, parents, isOfLanguage)
    if ('message' in found) {
      troubles.push({ at: node.start, ...found })
      continue
    }
    edits.push({ start: node.start, end: node.end, pieces: ['state'] })
    const { argument } = found
    if (argument.type === 'ArrowFunctionExpression' || wrapped.has(argument)) continue
    wrapped.add(argument)
    const { start, end, type } = argument
    const [before, after] = type === 'ObjectExpression' ? ['state => (', ')'] : ['state => ', '']
    edits.push({ start, end, pieces: [before, { start, end }, after] })
  }
  return { edits, troubles }
}

type Found = { readonly argument: AnyNode } | { readonly message: string; readonly hint: string }

function argumentOf(dollar: AnyNode, parents: readonly AnyNode[], isOfLanguage: (name: string) => boolean): Found {
  const parent = parents.at(-1)
  if (parent?.type !== 'MemberExpression' || parent.object !== dollar) {
    return { message: '$ stands alone; only a part of it ($.data) can be handed on.', hint: 'Write: state => state' }
  }
  let inner: AnyNode = dollar
  for (const node of parents.toReversed()) {
    if (node.type === 'CallExpression') return argumentIn(node, inner, isOfLanguage)
    if (!isExpressionPart(node)) return outside(parents)
    inner = node
  }
  return outside(parents)
}

function argumentIn(
  call: Extract<AnyNode, { type: 'CallExpression' }>,
  inner: AnyNode,
  isOfLanguage: (name: string) => boolean,
): Found {
  if (call.callee === inner) {
    const method = nameOf(inner)
    return {
      message: `$ cannot be used to call a method (${method}) on it: that would run before there is a state.`,
      hint: 'Give the operation a function: state => state.x.method(…)',
    }
  }
  const root = rootOf(call.callee)
  const isOfValue = call.callee.type === 'MemberExpression' && root.type !== 'Identifier'
  if (isOfValue || (root.type === 'Identifier' && isOfLanguage(root.name))) {
    return {
      message: `$ cannot be an argument of ${nameOf(call.callee)}(…): that would get a function instead of the value.`,
      hint: `Give the operation a function: state => ${nameOf(call.callee)}(state.x)`,
    }
  }
  if (inner.type === 'SpreadElement') {
    return { message: '$ cannot be spread into arguments.', hint: 'Write the arguments one by one.' }
  }
  if (inner.type !== 'ArrowFunctionExpression') return { argument: inner }
  const [parameter] = inner.params
  if (inner.params.length === 1 && parameter?.type === 'Identifier' && parameter.name === 'state') {
    return { argument: inner }
  }
  const is = parameter?.type === 'Identifier' ? `"${parameter.name}"` : 'no single name'
  return {
    message: `$ is used in a function whose parameter is ${is}; it can only mean "state".`,
    hint: 'Name the one parameter state, or use its own name instead of $.',
  }
}

function outside(parents: readonly AnyNode[]): Found {
  return parents.some(isFunction)
    ? { message: '$ must be in an argument of an operation, not in the body of a function.', hint: 'Use state there.' }
    : {
        message: '$ must be in an argument of an operation, not in a value that is made when the script is loaded.',
        hint: 'Make it a function: const x = state => state.y',
      }
}

function isExpressionPart(node: AnyNode): boolean {
  return (
    /Expression$|Element$|^(TemplateLiteral|Property|TemplateElement)$/.test(node.type) &&
    node.type !== 'FunctionExpression'
  )
}
