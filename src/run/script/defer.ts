import type { State } from '../types.ts'

type Result = Promise<unknown>

/**
 * OpenFn's helper behind `.then` and `.catch` on operations: `complete` goes on from the promise of the operation's result,
 * `error` gets what it threw, with the state that it was given.
 *
 * As in OpenFn, what an operation throws at once, before it gives a promise, goes to `error` alone: a `.then` behind the
 * `.catch` is skipped. What its promise throws goes to `error` and then on to `complete`.
 *
 * @source docs/systems.md §OpenFn/compiler
 */
export function defer(
  operation: (state: State) => unknown,
  complete: (result: Result) => unknown = (result) => result,
  error: (thrown: unknown, state: State) => unknown = (thrown) => {
    throw thrown
  },
): (state: State) => unknown {
  return (state) => {
    const called = attempt(() => operation(state))
    if ('thrown' in called) return error(called.thrown, state)
    const handled = Promise.resolve(called.value).catch((thrown: unknown) => error(thrown, state))
    const completed = attempt(() => complete(handled))
    return 'thrown' in completed ? error(completed.thrown, state) : completed.value
  }
}

function attempt(work: () => unknown): { readonly value: unknown } | { readonly thrown: unknown } {
  try {
    return { value: work() }
  } catch (thrown) {
    return { thrown }
  }
}
