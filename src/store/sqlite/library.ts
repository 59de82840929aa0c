import { ExchangeError } from '../../errors/ExchangeError.ts'

/** The part of the `node:sqlite` API that the store uses. */
export interface Database {
  exec(sql: string): void
  prepare(sql: string): Statement
  close(): void
}

export interface Statement {
  all(...parameters: unknown[]): unknown[]
  run(...parameters: unknown[]): { readonly changes: number | bigint }
}

interface Library {
  readonly DatabaseSync: new (path: string) => Database
}

/**
 * Node's own SQLite (without a flag from 22.13 on), else the package with the same API.
 *
 * @throws CONFIGURATION when neither is there (an old Node, and the optional package was not installed)
 */
export async function loadLibrary(): Promise<Library> {
  const builtin = quietly(() => process.getBuiltinModule?.('node:sqlite'))
  if (isLibrary(builtin)) return builtin
  const installed: unknown = await import('@photostructure/sqlite').catch(() => undefined)
  if (isLibrary(installed)) return installed
  throw new ExchangeError('This Node has no SQLite, and @photostructure/sqlite could not be loaded.', {
    code: 'CONFIGURATION',
    retry: 'never',
    hint: 'Use Node 22.13 or later, or install @photostructure/sqlite, or set DATABASE_URL.',
  })
}

function isLibrary(value: unknown): value is Library {
  return typeof value === 'object' && value !== null && 'DatabaseSync' in value
}

/** Node 22 to 24 print an ExperimentalWarning at the first look at node:sqlite, in the midst of a command's output. */
function quietly<T>(load: () => T): T {
  const { emitWarning } = process
  process.emitWarning = () => {}
  try {
    return load()
  } finally {
    process.emitWarning = emitWarning
  }
}
