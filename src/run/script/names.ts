import { type AnyNode, childrenOf, type Identifier, isFunction, type Program } from './syntax.ts'

/** A name that is used and declared nowhere around. */
export interface FreeName {
  readonly name: string
  readonly node: Identifier
  /** From the program down to the node's parent. */
  readonly parents: readonly AnyNode[]
  /** Looked up when the script is loaded, not in a function that may run later. */
  readonly atLoad: boolean
}

/** Every use of a name that the script neither declares nor imports, in the order of the text. */
export function freeNames(program: Program): readonly FreeName[] {
  const found: FreeName[] = []
  const parents: AnyNode[] = []

  const visit = (node: AnyNode, scopes: readonly ReadonlySet<string>[]) => {
    if (node.type === 'Identifier') {
      if (isUse(node, parents.at(-1)) && !scopes.some((names) => names.has(node.name))) {
        found.push({ name: node.name, node, parents: [...parents], atLoad: !parents.some(isFunction) })
      }
      return
    }
    const inside = declaredBy(node)
    const around = inside === undefined ? scopes : [...scopes, inside]
    parents.push(node)
    for (const child of childrenOf(node)) visit(child, around)
    parents.pop()
  }
  visit(program, [languageNames])
  return found.sort((one, other) => one.node.start - other.node.start)
}

/** Names that the script declares or imports at its top. */
export function topNames(program: Program): ReadonlySet<string> {
  return declaredBy(program) ?? new Set()
}

const languageNames: ReadonlySet<string> = new Set(['undefined', 'NaN', 'Infinity', 'globalThis'])

/** An identifier that is no use of a variable: a property, a label, a name of something imported or exported. */
function isUse(node: Identifier, parent: AnyNode | undefined): boolean {
  switch (parent?.type) {
    case 'MemberExpression':
      return parent.computed || parent.object === node
    case 'Property':
      return parent.computed || parent.value === node
    case 'MethodDefinition':
    case 'PropertyDefinition':
      return parent.computed || parent.value === node
    case 'ExportSpecifier':
      return parent.local === node
    case 'ImportSpecifier':
    case 'ExportAllDeclaration':
    case 'LabeledStatement':
    case 'BreakStatement':
    case 'ContinueStatement':
    case 'MetaProperty':
      return false
    default:
      return true
  }
}

/** Names that a node declares for what is in it; undefined when it is no scope. */
function declaredBy(node: AnyNode): ReadonlySet<string> | undefined {
  switch (node.type) {
    case 'Program':
      return new Set([...node.body.flatMap(lexicalNames), ...node.body.flatMap(varNames)])
    case 'FunctionDeclaration':
    case 'FunctionExpression':
    case 'ArrowFunctionExpression': {
      const own = node.type === 'FunctionExpression' && node.id ? [node.id.name] : []
      const hidden = node.type === 'ArrowFunctionExpression' ? [] : ['arguments']
      return new Set([...own, ...hidden, ...node.params.flatMap(boundNames), ...varNames(node.body)])
    }
    case 'ClassDeclaration':
    case 'ClassExpression':
      return new Set(node.id ? [node.id.name] : [])
    case 'BlockStatement':
    case 'StaticBlock':
      return new Set(node.body.flatMap(lexicalNames))
    case 'SwitchStatement':
      return new Set(node.cases.flatMap(({ consequent }) => consequent.flatMap(lexicalNames)))
    case 'ForStatement':
      return new Set(node.init ? lexicalNames(node.init) : [])
    case 'ForInStatement':
    case 'ForOfStatement':
      return new Set(lexicalNames(node.left))
    case 'CatchClause':
      return new Set(node.param ? boundNames(node.param) : [])
    default:
      return undefined
  }
}

/** `let`, `const`, functions, classes and imports declared by a statement itself. */
function lexicalNames(statement: AnyNode): readonly string[] {
  switch (statement.type) {
    case 'VariableDeclaration':
      return statement.kind === 'var' ? [] : statement.declarations.flatMap(({ id }) => boundNames(id))
    case 'FunctionDeclaration':
    case 'ClassDeclaration':
      return statement.id ? [statement.id.name] : []
    case 'ImportDeclaration':
      return statement.specifiers.map(({ local }) => local.name)
    case 'ExportNamedDeclaration':
    case 'ExportDefaultDeclaration':
      return statement.declaration ? lexicalNames(statement.declaration) : []
    default:
      return []
  }
}

/** `var`s anywhere in a statement, but not in functions of it. */
function varNames(node: AnyNode): readonly string[] {
  if (isFunction(node)) return []
  const own =
    node.type === 'VariableDeclaration' && node.kind === 'var'
      ? node.declarations.flatMap(({ id }) => boundNames(id))
      : []
  return [...own, ...childrenOf(node).flatMap(varNames)]
}

/** Names that a pattern (`{ a, b: [c, ...d] }`) binds. */
function boundNames(pattern: AnyNode): readonly string[] {
  switch (pattern.type) {
    case 'Identifier':
      return [pattern.name]
    case 'ObjectPattern':
      return pattern.properties.flatMap((property) =>
        boundNames(property.type === 'RestElement' ? property : property.value),
      )
    case 'ArrayPattern':
      return pattern.elements.flatMap((element) => (element ? boundNames(element) : []))
    case 'AssignmentPattern':
      return boundNames(pattern.left)
    case 'RestElement':
      return boundNames(pattern.argument)
    default:
      return []
  }
}
