import { ExchangeError } from '../../errors/ExchangeError.ts'

/** Conditions that pass by themselves within seconds: the same transaction is tried again. SQLSTATE or its class. */
const passing = [
  '08', // connection
  '25006', // read-only: a standby that is being promoted
  '25P03', // idle in transaction for too long: this process was frozen
  '40001', // serialization
  '40P01', // deadlock
  '53300', // too many connections
  '55P03', // lock not available
  '57P', // shutting down or starting up
]
const damage = ['XX001', 'XX002']
const misconfigured: Readonly<Record<string, string>> = {
  '28000': 'The database refuses this account.',
  '28P01': 'The database refuses this password.',
  '3D000': 'The database does not exist.',
  '42501': 'The account may not do this in the database.',
}
/** Resources are used up, or the disk fails. */
const unavailable = ['53', '57014', '58']

/** The connection broke, or nobody answers at all; `pg` and Node name these without an SQLSTATE. */
const brokenCodes = [
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOENT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EPIPE',
  'ETIMEDOUT',
]
const closedText = 'Cannot use a pool after calling end on the pool'
const brokenTexts =
  /^(Connection terminated|Query read timeout|timeout exceeded|Client has encountered|Client was closed)/

export function isBroken(error: unknown): boolean {
  if (error instanceof AggregateError) return error.errors.some(isBroken)
  return brokenCodes.includes(codeOf(error)) || (error instanceof Error && brokenTexts.test(error.message))
}

/** Another try within seconds is worth while. */
export function isPassing(error: unknown): boolean {
  return isBroken(error) || startsWithOneOf(codeOf(error), passing)
}

/**
 * The error in words when the database is at fault; undefined for a bug.
 * No cause where the text may hold the account's name.
 */
export function storeFailure(error: unknown): ExchangeError | undefined {
  const code = codeOf(error)
  const says = misconfigured[code]
  if (says !== undefined) {
    return new ExchangeError(says, { code: 'CONFIGURATION', retry: 'never', hint: 'Look at DATABASE_URL.' })
  }
  if (damage.includes(code)) {
    return new ExchangeError('The database is damaged.', {
      code: 'STORE_DAMAGED',
      retry: 'never',
      hint: 'Stop the exchange, keep the files of the database, and restore it from a backup.',
      cause: error,
    })
  }
  const isClosed = error instanceof Error && error.message === closedText
  if (!isClosed && !isPassing(error) && !startsWithOneOf(code, unavailable)) return undefined
  return new ExchangeError(`The database cannot be used now${code === '' ? '' : ` (${code})`}.`, {
    code: 'STORE_UNAVAILABLE',
    retry: 'later',
    hint: 'Look at PostgreSQL: is it up, writable, and is there space on its disk? Work goes on by itself.',
    cause: error,
  })
}

function codeOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return codeOf(error.errors[0])
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
}

function startsWithOneOf(code: string, beginnings: readonly string[]): boolean {
  return code !== '' && beginnings.some((beginning) => code.startsWith(beginning))
}
