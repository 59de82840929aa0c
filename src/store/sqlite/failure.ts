import { ExchangeError } from '../../errors/ExchangeError.ts'

interface Failure {
  readonly says: string
  readonly hint: string
}

const full = 13
const busy = 5

/** SQLite's primary result codes that are a failure of the store and not a bug. */
const failures: Readonly<Record<number, Failure>> = {
  3: { says: 'The store may not be opened: access denied.', hint: 'Give this account the files under DATA_DIR.' },
  [busy]: { says: 'The store is locked by another process.', hint: 'Asked again later; look for a hanging process.' },
  6: { says: 'The store is locked by another process.', hint: 'Asked again later; look for a hanging process.' },
  7: { says: 'There is no memory left for the store.', hint: 'Give the process more memory.' },
  8: { says: 'The store cannot be written: it is read-only.', hint: 'Make DATA_DIR writable.' },
  10: { says: 'The disk of the store fails.', hint: 'Look at the disk under DATA_DIR and the free space on it.' },
  [full]: { says: 'The disk of the store is full.', hint: 'Free space under DATA_DIR; work goes on by itself.' },
  14: { says: 'The store cannot be opened.', hint: 'DATA_DIR must be a folder that this account may write.' },
  15: { says: 'The store cannot be locked.', hint: 'DATA_DIR must be on a local disk.' },
}
const closed = { says: 'The store is closed.', hint: 'The process is stopping; ask again when it is up.' }
const damages: Readonly<Record<number, string>> = {
  11: 'The store is damaged.',
  26: 'The store is no SQLite database.',
}

/** Texts of the codes above: @photostructure/sqlite 1.2 drops `errcode` from what `all()` throws. */
const codeByText: Readonly<Record<string, number>> = {
  'access permission denied': 3,
  'database is locked': busy,
  'database table is locked': 6,
  'out of memory': 7,
  'attempt to write a readonly database': 8,
  'disk I/O error': 10,
  'database disk image is malformed': 11,
  'database or disk is full': full,
  'unable to open database file': 14,
  'locking protocol': 15,
  'file is not a database': 26,
}

/** The error in words when the database is at fault; undefined for a bug. */
export function storeFailure(error: unknown): ExchangeError | undefined {
  if (codeOf(error) === 'ERR_INVALID_STATE') return unavailable(closed, error)
  const code = primaryCode(error)
  if (code === undefined) return undefined
  const damage = damages[code]
  if (damage !== undefined) return damaged(damage, error)
  const failure = failures[code]
  return failure && unavailable(failure, error)
}

function unavailable({ says, hint }: Failure, cause: unknown): ExchangeError {
  return new ExchangeError(says, { code: 'STORE_UNAVAILABLE', retry: 'later', hint, cause })
}

export function damaged(says: string, cause?: unknown): ExchangeError {
  return new ExchangeError(says, {
    code: 'STORE_DAMAGED',
    retry: 'never',
    hint: 'Keep the folder as it is, restore DATA_DIR from a copy, and reconcile what is missing.',
    cause,
  })
}

export function isBusy(error: unknown): boolean {
  return primaryCode(error) === busy
}

function primaryCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || codeOf(error) !== 'ERR_SQLITE_ERROR') return undefined
  if ('errcode' in error && typeof error.errcode === 'number') return error.errcode & 0xff
  return codeByText[error.message]
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined
}
