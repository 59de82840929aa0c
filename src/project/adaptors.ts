/**
 * Adaptor name in a job's import → the module that serves it.
 *
 * The one table for the runner (through `bin/link.js`), vitest and tsc; a test holds tsconfig.json's `paths` against it.
 * Names that are not here resolve from node_modules as usual.
 */
export const adaptors: Readonly<Record<string, string>> = {
  '@openfn/language-collections': new URL('../adaptors/language-collections/operations.ts', import.meta.url).href,
  '@openfn/language-primero': new URL('../adaptors/language-primero/operations.ts', import.meta.url).href,
}
