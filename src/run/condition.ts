import { createContext, Script } from 'node:vm'
import { wrapExpression } from '../project/expression.ts'

/** A condition is a look at the state; one that takes this long never ends. */
const longestMs = 1_000

type Expression = (expression: string, upstream: string) => boolean

/**
 * Evaluates js_expressions of edges on one state.
 *
 * They see a JSON copy of the state made inside a context of its own, a console that says nothing, and no way to
 * compile code or to reach the process. Expressions on the same state share the copy, as they do in OpenFn.
 *
 * @throws (the returned function) whatever the expression throws
 * @source docs/systems.md §OpenFn/edges
 */
export function createCondition(state: unknown): Expression {
  let context: object | undefined
  return (expression, upstream) => {
    context ??= contextOf(state)
    const script = new Script(`Boolean(${wrapExpression(expression)}(state, ${JSON.stringify(upstream)}))`)
    return script.runInContext(context, { timeout: longestMs }) === true
  }
}

function contextOf(state: unknown): object {
  const options = { codeGeneration: { strings: false, wasm: false } }
  const context = createContext({ text: JSON.stringify(state) ?? 'undefined' }, options)
  new Script(prepare).runInContext(context)
  return context
}

const prepare = `
  globalThis.state = text === 'undefined' ? undefined : JSON.parse(text);
  globalThis.console = Object.fromEntries(['log', 'info', 'warn', 'error', 'debug'].map((name) => [name, () => {}]));
  delete globalThis.text;
`
