import type { State } from '../types.ts'

type Result = Promise<unknown>

/**
 * OpenFn's helper behind `.then` and `.catch` on operations: `complete` goes on from the promise of the operation's result,
 * `error` gets what it threw, with the state that it was given.
 *
 * @source docs/systems.md §OpenFn/compiler
 */
export function defer(
  operation: (state: State) => unknown,
  complete: (result: Result) => unknown = (result) => result,
  error: (thrown: unknown, state: State) => unknown = (thrown) => {
    throw thrown
  },
): (state: State) => Promise<unknown> {
  return async (state) => complete(attempt(operation, state).catch((thrown: unknown) => error(thrown, state)))
}

/** What it throws at once is handled as what its promise throws. */
async function attempt(operation: (state: State) => unknown, state: State): Promise<unknown> {
  return operation(state)
}
