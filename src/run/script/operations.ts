import { type AnyNode, nameOf, type Program, walk } from './syntax.ts'
import type { Trouble } from './trouble.ts'

type Call = Extract<AnyNode, { type: 'CallExpression' }>
type DefaultExport = Extract<AnyNode, { type: 'ExportDefaultDeclaration' }>

export interface TopCall {
  /** Of the statement. */
  readonly start: number
  readonly end: number
  readonly expression: Call
  readonly name: string
}

export interface Listing {
  /** Statements that become operations, in their order. */
  readonly calls: readonly TopCall[]
  /** The script's own `export default`. */
  readonly own: DefaultExport | undefined
  /** Elements of the list in it, which go first. */
  readonly listed: readonly { readonly start: number; readonly name: string }[]
  readonly troubles: readonly Trouble[]
  readonly warnings: readonly Trouble[]
}

/**
 * Every statement at the top that is a call is an operation. They go behind those of the script's own `export default [ … ]`.
 *
 * OpenFn leaves them where they are, and so loses them, when that export is not the last statement or no list.
 *
 * @source docs/systems.md §OpenFn/compiler
 */
export function listOperations(program: Program): Listing {
  const own = program.body.find((statement) => statement.type === 'ExportDefaultDeclaration')
  const calls = program.body.flatMap((statement) => {
    if (statement.type !== 'ExpressionStatement' || statement.expression.type !== 'CallExpression') return []
    const { start, end, expression } = statement
    return [{ start, end, expression, name: calledName(expression) }]
  })
  return {
    calls,
    own,
    listed: listedIn(own),
    troubles: exportTroubles(program, own, calls.length),
    warnings: lostCalls(program),
  }
}

function listedIn(own: DefaultExport | undefined): Listing['listed'] {
  if (own?.declaration.type !== 'ArrayExpression') return []
  return own.declaration.elements.flatMap((element) => {
    if (element === null) return []
    return [{ start: element.start, name: element.type === 'CallExpression' ? calledName(element) : nameOf(element) }]
  })
}

function exportTroubles(program: Program, own: DefaultExport | undefined, calls: number): readonly Trouble[] {
  if (own === undefined) return []
  const { start: at, declaration } = own
  if (/^(Function|Class)/.test(declaration.type)) {
    return [
      {
        at,
        message: 'the default export is no list of operations.',
        hint: 'End the file with: export default [operation, …]',
      },
    ]
  }
  if (calls === 0) return []
  const lost = calls === 1 ? 'the operation outside it would' : `the ${calls} operations outside it would`
  if (program.body.at(-1) !== own) {
    return [
      { at, message: `export default is not the last statement, so ${lost} never run.`, hint: 'Move it to the end.' },
    ]
  }
  if (declaration.type !== 'ArrayExpression') {
    return [
      {
        at,
        message: `export default is not written as a list [ … ], so ${lost} never run.`,
        hint: 'Write the operations into it.',
      },
    ]
  }
  return []
}

/** Calls as statements in an `if` or a loop at the top: they run when the script is loaded, and their operation is lost. */
function lostCalls(program: Program): readonly Trouble[] {
  const found: Trouble[] = []
  for (const statement of program.body) {
    if (!/^(If|For|ForIn|ForOf|While|DoWhile|Switch|Try|Block)Statement$/.test(statement.type)) continue
    walk(statement, (node, parents) => {
      if (node.type !== 'ExpressionStatement' || node.expression.type !== 'CallExpression') return
      if (parents.some(({ type }) => /Function/.test(type))) return
      found.push({
        at: node.start,
        message: `${calledName(node.expression)}(…) is not at the top, so it is no operation and never gets a state.`,
        hint: 'Use fnIf(condition, operation), or each(list, operation).',
      })
    })
  }
  return found
}

/** Through `.then` and `.catch` to the operation. */
function calledName({ callee }: Call): string {
  if (callee.type === 'MemberExpression' && callee.object.type === 'CallExpression') return calledName(callee.object)
  return nameOf(callee)
}
