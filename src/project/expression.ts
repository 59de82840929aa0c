import { Script } from 'node:vm'

/** OpenFn's condition of an edge as the source of a function of `(state, upstreamStepId)`. */
export function wrapExpression(expression: string): string {
  return `(function (state, upstreamStepId) { return ${expression.trim()}\n})`
}

/** Whether the expression is JavaScript at all. Nothing is run. */
export function isExpression(expression: string): boolean {
  if (expression.trim() === '') return false
  try {
    new Script(wrapExpression(expression))
    return true
  } catch {
    return false
  }
}
