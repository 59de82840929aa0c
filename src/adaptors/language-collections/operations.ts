/**
 * `@openfn/language-collections` as jobs import it: `collections.get('name', …)`, `set`, `each`, `remove`.
 * The values are in our own store; no token and no project id is needed.
 *
 * @source docs/systems.md §OpenFn/collections
 */
export * as collections from './collections.ts'
