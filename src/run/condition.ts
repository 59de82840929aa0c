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
  let copy: { readonly state: unknown } | undefined
  return (expression, upstream) => {
    copy ??= { state: copied(state) }
    Object.assign(globals, { state: copy.state, upstream })
    try {
      return scriptOf(expression).runInContext(context, { timeout: longestMs }) === true
    } finally {
      sweep.runInContext(context)
    }
  }
}

/** What expressions find as global variables. */
const globals: Record<string, unknown> = Object.create(null)

/** One context for all conditions, because making one takes a hundred times as long as asking one. */
const context = createContext(globals, { codeGeneration: { strings: false, wasm: false } })

/** The variables given, and those that a careless expression made. */
const sweep = new Script('for (const name of Object.keys(globalThis)) delete globalThis[name]')

/** What the language brings along is frozen, so that nothing is left there for the next expression either. */
const parse: (text: string) => unknown = new Script(`
  const console = Object.freeze(
    Object.fromEntries(['log', 'info', 'warn', 'error', 'debug'].map((name) => [name, () => {}])),
  );
  for (const name of Object.getOwnPropertyNames(globalThis)) {
    const builtIn = globalThis[name];
    if (Object(builtIn) !== builtIn || builtIn === globalThis) continue;
    Object.freeze(builtIn);
    if (builtIn.prototype !== undefined) Object.freeze(builtIn.prototype);
  }
  JSON.parse;
`).runInContext(context)

function copied(state: unknown): unknown {
  const text = JSON.stringify(state)
  return text === undefined ? undefined : parse(text)
}

const scripts = new Map<string, Script>()

function scriptOf(expression: string): Script {
  const known = scripts.get(expression)
  if (known !== undefined) return known
  const script = new Script(`Boolean(${wrapExpression(expression)}(state, upstream))`)
  scripts.set(expression, script)
  return script
}
