import { TextBytes } from './globals.ts'

/**
 * An operation of an adaptor, made for use in the sandbox: what it throws comes from another realm, where
 * `instanceof Error` is false, so it is thrown anew as one of here, with what our code judges by.
 */
export function fromOutside<Arguments extends unknown[], State, Result>(
  operation: (...args: Arguments) => (state: State) => Promise<Result>,
): (...args: Arguments) => (state: State) => Promise<Result> {
  return (...args) =>
    async (state) => {
      try {
        return await operation(...(args.map(asText) as Arguments))(state)
      } catch (error) {
        throw errorOfHere(error, 0)
      }
    }
}

function asText(argument: unknown): unknown {
  return argument instanceof TextBytes ? argument.text : argument
}

const kept = ['code', 'name', 'syscall', 'statusCode'] as const

function errorOfHere(error: unknown, depth: number): unknown {
  if (typeof error !== 'object' || error === null || depth > 5) return error
  const found = new Error('message' in error ? String(error.message) : '')
  for (const key of kept) if (key in error) Object.assign(found, { [key]: Reflect.get(error, key) })
  if ('cause' in error && error.cause !== undefined) found.cause = errorOfHere(error.cause, depth + 1)
  return found
}
